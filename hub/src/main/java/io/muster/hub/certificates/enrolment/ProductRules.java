package io.muster.hub.certificates.enrolment;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.ca.request.RequestPolicy;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.ProductRegistry;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which devices get certificates, and of what kind, as their products say and the hub is
 * configured. Shared; blocks while it asks the registry.
 */
final class ProductRules {

    private static final Logger LOG = LoggerFactory.getLogger(ProductRules.class);

    private static final Duration SHORTEST = Duration.ofHours(1);

    private final DeviceLookup devices;
    private final EnrolmentConfig settings;
    private final SignInKeys signIn;

    ProductRules(DeviceLookup devices, EnrolmentConfig settings, SignInKeys signIn) {
        this.devices = devices;
        this.settings = settings;
        this.signIn = signIn;
    }

    /**
     * Nothing if a device may have certificates at all.
     *
     * @throws RequestRefusedException if there is none, or it is disabled
     */
    void requireDevice(DeviceId id) {
        Device device =
                await(devices.find(id))
                        .orElseThrow(
                                () ->
                                        new RequestRefusedException(
                                                RefusalCode.DEVICE_UNKNOWN,
                                                "there is no device '" + id + "'"));
        if (device.status() == DeviceStatus.DISABLED) {
            throw new RequestRefusedException(
                    RefusalCode.DEVICE_DISABLED,
                    "device '" + id + "' is disabled, and gets no certificate until it is enabled");
        }
    }

    /**
     * What is allowed in a request for a device of this product. Of its keys not all may be of use
     * here.
     *
     * @throws RequestRefusedException if the product has no certificates
     */
    RequestPolicy policy(String productKey, EnrolmentForm form) {
        CertificatePolicy policy =
                await(devices.findProduct(productKey))
                        .map(product -> product.settings().certificates())
                        .orElseThrow(
                                () ->
                                        new RequestRefusedException(
                                                RefusalCode.DEVICE_UNKNOWN,
                                                "there is no product '" + productKey + "'"));
        if (!policy.issued() || (form.onlyWhereRequired() && !policy.required())) {
            throw new RequestRefusedException(
                    RefusalCode.PRODUCT_NO_CERT,
                    policy.issued()
                            ? "product '%s' has no two-way authentication: certificateRequired is false"
                                    .formatted(productKey)
                            : "the hub issues no certificates for devices of product '%s': certificates.issued is false"
                                    .formatted(productKey));
        }
        int most = policy.validDaysMax().orElse(settings.validDaysMax());
        int usual =
                policy.validDays().orElseGet(() -> form.validDays().orElse(settings.validDays()));
        return new RequestPolicy(
                keyKinds(policy),
                form.subject(),
                policy.sameKeyRenewal().orElse(form.sameKeyRenewal()),
                SHORTEST,
                Duration.ofDays(Math.min(usual, most)),
                Duration.ofDays(most));
    }

    private static Set<KeyKind> keyKinds(CertificatePolicy policy) {
        return policy.keyTypes().stream()
                .map(type -> KeyKind.valueOf(type.name()))
                .collect(Collectors.toSet());
    }

    /**
     * The same with those keys only with which devices sign in.
     *
     * @throws RequestRefusedException if the product allows none of them
     */
    RequestPolicy useful(RequestPolicy policy, String productKey) {
        Set<KeyKind> kinds = signIn.among(policy.keyKinds());
        if (kinds.isEmpty()) {
            throw signIn.refusal("Product '" + productKey + "' allows Ed25519 alone");
        }
        return new RequestPolicy(
                kinds,
                policy.subject(),
                policy.sameKeyRenewal(),
                policy.shortest(),
                policy.standard(),
                policy.longest());
    }

    /** A refusal of a key's type that says, of one that is of no use here, why. */
    RequestRefusedException explained(
            RequestRefusedException refused, ASN1ObjectIdentifier algorithm) {
        return signIn.leavesOut(algorithm)
                ? signIn.refusal(String.valueOf(refused.getMessage()).replaceAll("\\.$", ""))
                : refused;
    }

    /** Tells the log of products that allow only keys which are of no use here; blocks. */
    void warnOfUseless(ProductRegistry products) {
        if (signIn == SignInKeys.ALL) {
            return;
        }
        List<Product> page = List.of();
        do {
            String after = page.isEmpty() ? "" : page.get(page.size() - 1).productKey();
            page = products.list(after, DeviceRegistry.PAGE_MAX);
            page.stream()
                    .filter(product -> product.settings().certificates().issued())
                    .filter(product -> isUseless(product.settings().certificates()))
                    .forEach(ProductRules::warn);
        } while (page.size() == DeviceRegistry.PAGE_MAX);
    }

    private boolean isUseless(CertificatePolicy policy) {
        return signIn.among(keyKinds(policy)).isEmpty();
    }

    private static void warn(Product product) {
        LOG.warn(
                "no device of the product gets a certificate: its keyTypes are ED25519 alone, which"
                        + " the listeners for mutual TLS do not take unless tls.provider = jdk"
                        + " productKey={}",
                product.productKey());
    }

    private <T> T await(CompletionStage<T> stage) {
        return Waiting.on(stage, settings.deadline());
    }
}
