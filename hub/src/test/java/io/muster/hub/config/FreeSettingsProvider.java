package io.muster.hub.config;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import java.util.concurrent.CompletableFuture;

/** A plug-in as the tests of the configuration need one: its settings are its own business. */
public final class FreeSettingsProvider implements AuthenticatorProvider {

    @Override
    public String type() {
        return "free-settings";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        return credentials -> CompletableFuture.completedFuture(AuthResult.abstain());
    }
}
