/**
 * Certificates and revocation lists as they are written: DER, PEM and the few extensions that are
 * read by hand. What is read here comes from strangers: everything is bounded, and whatever is not
 * strictly as it should be is a {@link io.muster.auth.x509.encoding.MalformedException}.
 */
@NullMarked
package io.muster.auth.x509.encoding;

import org.jspecify.annotations.NullMarked;
