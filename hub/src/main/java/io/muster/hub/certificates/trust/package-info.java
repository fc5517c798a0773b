/**
 * Whose certificates let clients in: our own authority and others, what they have revoked, and how
 * fresh it is what is known of that.
 */
@NullMarked
package io.muster.hub.certificates.trust;

import org.jspecify.annotations.NullMarked;
