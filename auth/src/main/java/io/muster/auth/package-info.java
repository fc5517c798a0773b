/**
 * The authenticator chain, how it is put together, and the topic permissions of the built-in kinds
 * of clients.
 *
 * <p>Each built-in kind of sign-in has a room of its own below and knows this one; this one knows
 * none of them.
 */
@NullMarked
package io.muster.auth;

import org.jspecify.annotations.NullMarked;
