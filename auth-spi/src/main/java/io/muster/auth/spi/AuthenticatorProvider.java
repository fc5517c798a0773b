package io.muster.auth.spi;

/**
 * Makes authenticators of one kind. Found by {@link java.util.ServiceLoader}: name the class in
 * {@code META-INF/services/io.muster.auth.spi.AuthenticatorProvider} of the plug-in's jar, and give
 * it a public constructor without parameters.
 */
public interface AuthenticatorProvider {

    /**
     * The name by which the configuration refers to this kind, for example {@code "ldap"};
     * lower-case letters, digits and hyphens.
     */
    String type();

    /**
     * Makes an authenticator. Called once at start-up for each entry of this type in the configured
     * chain, on the starting thread; it may block.
     *
     * @param settings the entry's settings
     * @throws IllegalArgumentException if a setting is missing or wrong; the message names the key
     *     and what is allowed, and the hub does not start
     */
    Authenticator create(AuthenticatorSettings settings);
}
