/**
 * What an authenticator plug-in compiles against. It needs nothing but the JDK.
 *
 * <p>The road in three steps: a {@link io.muster.auth.spi.AuthenticatorProvider} is found on the
 * class path by {@link java.util.ServiceLoader}; it makes an {@link
 * io.muster.auth.spi.Authenticator} from its {@link
 * io.muster.auth.spi.AuthenticatorProvider.Settings}; the authenticator answers every CONNECT with
 * an {@link io.muster.auth.spi.AuthResult}. One that also knows challenge and response is an {@link
 * io.muster.auth.spi.EnhancedAuthenticator}.
 */
@NullMarked
package io.muster.auth.spi;

import org.jspecify.annotations.NullMarked;
