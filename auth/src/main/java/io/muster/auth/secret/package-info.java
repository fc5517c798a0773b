/**
 * Sign-in of devices with a secret: the client identifier carries options, the user name the
 * device, the password a digest over both and the secret. Knows the registry only by its look-ups.
 */
@NullMarked
package io.muster.auth.secret;

import org.jspecify.annotations.NullMarked;
