/**
 * How certificates of devices end, with all that follows: they are revoked durably, nobody signs in
 * with them any more, and they come onto lists that are published.
 */
@NullMarked
package io.muster.hub.certificates.revocation;

import org.jspecify.annotations.NullMarked;
