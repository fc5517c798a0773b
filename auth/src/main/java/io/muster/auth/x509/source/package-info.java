/**
 * Where the lists of external issuers come from: files and web servers, looked at again and again
 * on threads of their own. Whoever judges certificates knows nothing of this.
 */
@NullMarked
package io.muster.auth.x509.source;

import org.jspecify.annotations.NullMarked;
