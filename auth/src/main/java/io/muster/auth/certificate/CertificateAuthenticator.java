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
 * it is bound to. Its client identifier may be any, but not the name of another device. That the
 * certificate is good was found out before: in the handshake, and at this CONNECT. Shared by all
 * threads, never blocks.
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
                                bound.map(found -> signIn(found.device(), credentials))
                                        .orElseGet(
                                                () ->
                                                        CompletableFuture.completedFuture(
                                                                AuthResult.abstain())))
                .exceptionally(RegistryOutage::answer);
    }

    private CompletionStage<AuthResult> signIn(DeviceId id, Credentials credentials) {
        Optional<DeviceId> claimed = claimed(credentials.clientIdentifier(), id);
        return claimed.isEmpty()
                ? signIn(id)
                : devices.find(claimed.get())
                        .thenCompose(
                                other ->
                                        other.isPresent()
                                                ? CompletableFuture.completedFuture(
                                                        denied(id, claimed.get()))
                                                : signIn(id));
    }

    /**
     * The device that a client identifier would name, if it is not this one: as the hub writes it,
     * by its key alone, or as in the device protocol, with parameters behind it.
     */
    private static Optional<DeviceId> claimed(String clientIdentifier, DeviceId own) {
        int parameters = clientIdentifier.indexOf('|');
        String name = parameters < 0 ? clientIdentifier : clientIdentifier.substring(0, parameters);
        int slash = name.indexOf('/');
        String productKey = slash < 0 ? own.productKey() : name.substring(0, slash);
        String deviceKey = name.substring(slash + 1);
        if (!DeviceId.isProductKey(productKey) || !DeviceId.isDeviceKey(deviceKey)) {
            return Optional.empty();
        }
        return Optional.of(new DeviceId(productKey, deviceKey)).filter(each -> !each.equals(own));
    }

    private static AuthResult denied(DeviceId id, DeviceId claimed) {
        return AuthResult.deny(
                DenyReason.NOT_AUTHORIZED,
                "client identifier names the device %s, and the certificate is bound to %s"
                        .formatted(claimed, id));
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
