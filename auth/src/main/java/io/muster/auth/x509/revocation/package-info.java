/**
 * Which certificates are revoked now, for each authority: by its lists that are in force, and by
 * what the authority of this very process has just said.
 */
@NullMarked
package io.muster.auth.x509.revocation;

import org.jspecify.annotations.NullMarked;
