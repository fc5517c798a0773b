package io.muster.auth.application;

import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.ApplicationLookup;

/** The built-in kind {@code application}; it has no settings. */
public final class ApplicationProvider implements AuthenticatorProvider {

    private final ApplicationLookup applications;

    /** For the accounts that {@code applications} knows. */
    public ApplicationProvider(ApplicationLookup applications) {
        this.applications = applications;
    }

    @Override
    public String type() {
        return "application";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        settings.requireOnly();
        return new ApplicationAuthenticator(applications);
    }
}
