package io.muster.auth;

import io.muster.auth.spi.Authenticator;

/**
 * One link of the chain.
 *
 * @param name its unique name in the chain; appears in logs and metrics
 * @param authenticator answers
 */
public record NamedAuthenticator(String name, Authenticator authenticator) {}
