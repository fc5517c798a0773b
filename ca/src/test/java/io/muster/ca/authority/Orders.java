package io.muster.ca.authority;

import io.muster.ca.DeviceUrn;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.pki.Issuers;
import java.security.PublicKey;
import java.util.List;

/** What devices and servers order in tests. */
final class Orders {

    static final IssuanceProfile DEVICE = IssuanceProfile.of(CertificateKind.DEVICE);
    static final IssuanceProfile SERVER = IssuanceProfile.of(CertificateKind.SERVER);

    private Orders() {}

    static PublicKey newKey() {
        return Issuers.key(KeyKind.EC_P256).publicKey();
    }

    static CertificateOrder device(String deviceKey) {
        return device(deviceKey, newKey());
    }

    static CertificateOrder device(String deviceKey, PublicKey key) {
        Subject subject = Subject.device(new DeviceUrn("pk", deviceKey), "Test");
        return CertificateOrder.of(DEVICE, subject, key, "pk/" + deviceKey);
    }

    static CertificateOrder server() {
        Subject subject = Subject.server(List.of("localhost", "127.0.0.1"), "Test");
        return CertificateOrder.of(SERVER, subject, newKey(), "server");
    }
}
