/**
 * Sign-in by certificate: the gate that each CONNECT with one passes, and the connections that were
 * made so, which end with it.
 */
@NullMarked
package io.muster.hub.certificates.signin;

import org.jspecify.annotations.NullMarked;
