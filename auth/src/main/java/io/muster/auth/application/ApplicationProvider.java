package io.muster.auth.application;

import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.application.ApplicationLookup;
import io.muster.devices.application.ApplicationUpgrade;

/** The built-in kind {@code application}; it has no settings. */
public final class ApplicationProvider implements AuthenticatorProvider {

    private final ApplicationLookup applications;
    private final ApplicationUpgrade upgrade;
    private final ApplicationRoles roles;
    private final int scramIterations;
    private final byte[] serverKey;

    /**
     * For the accounts that {@code applications} knows.
     *
     * @param upgrade takes what older accounts lack
     * @param roles what they may do
     * @param scramIterations how many SCRAM asks for, see {@link StoredPassword}
     * @param serverKey hides from SCRAM's clients which names are unknown; secret, and the same
     *     after a restart
     */
    public ApplicationProvider(
            ApplicationLookup applications,
            ApplicationUpgrade upgrade,
            ApplicationRoles roles,
            int scramIterations,
            byte[] serverKey) {
        this.applications = applications;
        this.upgrade = upgrade;
        this.roles = roles;
        this.scramIterations = scramIterations;
        this.serverKey = serverKey.clone();
    }

    @Override
    public String type() {
        return "application";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        settings.requireOnly();
        return new ApplicationAuthenticator(
                applications,
                upgrade,
                roles,
                new ScramAccounts(applications, scramIterations, serverKey));
    }
}
