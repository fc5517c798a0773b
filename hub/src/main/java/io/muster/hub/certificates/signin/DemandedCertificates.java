package io.muster.hub.certificates.signin;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Which devices must show a certificate that is bound to them. Shared; never blocks. */
final class DemandedCertificates {

    private final DeviceLookup devices;

    /** As their products say. */
    DemandedCertificates(DeviceLookup devices) {
        this.devices = devices;
    }

    /**
     * The device that somebody is who has no certificate that is bound to it, and must have one;
     * empty if there is nothing against him. Who only fetches his secret may do so without.
     *
     * @return fails as the look-up of its product does
     */
    CompletionStage<Optional<DeviceId>> lacking(Identity identity) {
        Optional<DeviceId> device = device(identity);
        Map<String, String> attributes = identity.attributes();
        boolean needsNone =
                attributes.containsKey(CertificateGate.BOUND)
                        || DeviceSecretAuthenticator.ACTIVATING.equals(attributes.get("kind"));
        if (device.isEmpty() || needsNone) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return devices.findProduct(device.get().productKey())
                .thenApply(
                        product ->
                                product.isPresent()
                                                && !product.get().settings().certificateRequired()
                                        ? Optional.empty()
                                        : device);
    }

    /** The device that somebody is. */
    static Optional<DeviceId> device(Identity identity) {
        String productKey = identity.attributes().get("productKey");
        String deviceKey = identity.attributes().get("deviceKey");
        return productKey == null || deviceKey == null
                ? Optional.empty()
                : Optional.of(new DeviceId(productKey, deviceKey));
    }
}
