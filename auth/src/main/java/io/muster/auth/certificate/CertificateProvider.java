package io.muster.auth.certificate;

import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.DeviceLookup;

/** The built-in kind {@code certificate}. It has no settings. */
public final class CertificateProvider implements AuthenticatorProvider {

    private final CertificateBindings bindings;
    private final DeviceLookup devices;
    private final DevicePermissions permissions;

    /** See {@link CertificateAuthenticator}. */
    public CertificateProvider(
            CertificateBindings bindings, DeviceLookup devices, DevicePermissions permissions) {
        this.bindings = bindings;
        this.devices = devices;
        this.permissions = permissions;
    }

    @Override
    public String type() {
        return "certificate";
    }

    @Override
    public CertificateAuthenticator create(Settings settings) {
        settings.requireOnly();
        return new CertificateAuthenticator(bindings, devices, permissions);
    }
}
