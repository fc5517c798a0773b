/**
 * The sign-in guard: bars those for some time who guess, and devices that connect too often.
 *
 * <p>{@link io.muster.auth.guard.SignInGuard} stands before the chain. It asks {@code FailureGuard}
 * before each sign-in and tells it how the sign-in ended; {@code ConnectRateGuard} is asked about
 * those who were accepted. Who is barred at present is seen, and let in again, through {@link
 * io.muster.auth.guard.Bars}.
 *
 * <p>Everything is counted in memory only, in tables of a fixed size; a restart forgets it.
 */
@NullMarked
package io.muster.auth.guard;

import org.jspecify.annotations.NullMarked;
