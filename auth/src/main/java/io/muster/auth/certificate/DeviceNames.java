package io.muster.auth.certificate;

import io.muster.auth.x509.ClientCertificate;
import io.muster.auth.x509.DeviceUri;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.security.auth.x500.X500Principal;

/**
 * Whether the names in a certificate agree with the device that it is bound to. The binding says
 * whose it is; names only speak against it.
 */
public final class DeviceNames {

    /** The longest common name (RFC 5280, appendix A). */
    private static final int COMMON_NAME_MAX = 64;

    private DeviceNames() {}

    /**
     * What speaks against it; empty if nothing does. Of our own certificates all names are known:
     * the device's URI, its key as the common name (or the SHA-256 of one that is too long) and its
     * product's as organizational unit. Those of others say what their authority wants, but if they
     * name a device by such a URI, it must be the one.
     */
    public static Optional<String> objection(
            ClientCertificate certificate, BoundCertificate bound) {
        Optional<DeviceId> named = certificate.deviceUri().flatMap(DeviceNames::device);
        boolean isOwn = bound.kind() == CertificateKind.DEVICE;
        if (named.isPresent() && !named.get().equals(bound.device())) {
            return Optional.of("its alternative name is the device " + named.get());
        }
        if (isOwn && named.isEmpty()) {
            return Optional.of("its alternative name is no device");
        }
        if (isOwn && !names(certificate.subject(), bound.device())) {
            return Optional.of("its subject is not the device: " + certificate.subject());
        }
        return Optional.empty();
    }

    /** The device that a certificate names; empty if no device can be called so. */
    public static Optional<DeviceId> device(DeviceUri uri) {
        return DeviceId.isProductKey(uri.productKey()) && DeviceId.isDeviceKey(uri.deviceKey())
                ? Optional.of(new DeviceId(uri.productKey(), uri.deviceKey()))
                : Optional.empty();
    }

    private static boolean names(X500Principal subject, DeviceId device) {
        return parts(subject, "CN").equals(List.of(commonName(device.deviceKey())))
                && parts(subject, "OU").equals(List.of(device.productKey()));
    }

    private static String commonName(String deviceKey) {
        return deviceKey.codePointCount(0, deviceKey.length()) <= COMMON_NAME_MAX
                ? deviceKey
                : Sha256.of(deviceKey.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private static List<String> parts(X500Principal name, String type) {
        try {
            return new LdapName(name.getName(X500Principal.RFC2253))
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase(type))
                            .map(part -> part.getValue().toString())
                            .toList();
        } catch (InvalidNameException e) {
            return List.of();
        }
    }
}
