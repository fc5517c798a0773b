package io.muster.auth.certificate;

import io.muster.auth.RegistryOutage;
import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.certificate.Sha256;
import java.security.cert.CertificateEncodingException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Signs devices in that show a certificate and nothing else: whoever has its key is the device that
 * it is bound to. That the certificate is good was found out before: in the handshake, and at this
 * CONNECT. Shared by all threads, never blocks.
 */
public final class CertificateAuthenticator implements Authenticator {

    private final CertificateBindings bindings;
    private final DeviceLookup devices;
    private final DevicePermissions permissions;

    /**
     * Signs in the devices that {@code devices} knows.
     *
     * @param permissions says which topics they may use
     */
    public CertificateAuthenticator(
            CertificateBindings bindings, DeviceLookup devices, DevicePermissions permissions) {
        this.bindings = bindings;
        this.devices = devices;
        this.permissions = permissions;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        boolean showsElse =
                credentials.username().isPresent() || credentials.password().isPresent();
        if (showsElse || credentials.peerCertificates().isEmpty()) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }
        Sha256 fingerprint;
        try {
            fingerprint = Sha256.of(credentials.peerCertificates().get(0).getEncoded());
        } catch (CertificateEncodingException e) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }
        return bindings.find(fingerprint)
                .thenCompose(
                        bound ->
                                bound.map(found -> signIn(found.device()))
                                        .orElseGet(
                                                () ->
                                                        CompletableFuture.completedFuture(
                                                                AuthResult.abstain())))
                .exceptionally(RegistryOutage::answer);
    }

    private CompletionStage<AuthResult> signIn(DeviceId id) {
        return devices.find(id)
                .thenCombine(
                        devices.findProduct(id.productKey()),
                        (device, product) -> answer(id, device, product));
    }

    private AuthResult answer(DeviceId id, Optional<Device> device, Optional<Product> product) {
        if (device.isEmpty() || product.isEmpty()) {
            return AuthResult.deny(DenyReason.NOT_AUTHORIZED, "device is unknown: " + id);
        }
        if (device.get().status() == DeviceStatus.DISABLED) {
            return AuthResult.deny(DenyReason.NOT_AUTHORIZED, "device is disabled: " + id);
        }
        Map<String, String> facts =
                Map.of(
                        "kind",
                        "device",
                        "productKey",
                        id.productKey(),
                        "deviceKey",
                        id.deviceKey());
        return AuthResult.accept(
                new Identity(
                        DeviceSecretAuthenticator.PRINCIPAL_PREFIX + id,
                        id.toString(),
                        permissions.of(product.get(), facts),
                        facts));
    }
}
