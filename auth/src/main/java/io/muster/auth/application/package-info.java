/**
 * Sign-in of applications with user name and password, and the hashes of their passwords. Knows the
 * registry only by its look-up.
 */
@NullMarked
package io.muster.auth.application;

import org.jspecify.annotations.NullMarked;
