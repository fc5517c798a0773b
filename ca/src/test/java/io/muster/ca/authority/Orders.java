package io.muster.ca.authority;

import io.muster.ca.DeviceUrn;
import io.muster.ca.Owner;
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
    static final Owner HUB = new Owner.Server("hub");

    private Orders() {}

    static PublicKey newKey() {
        return Issuers.key(KeyKind.EC_P256).publicKey();
    }

    static Owner owner(String deviceKey) {
        return new Owner.Device("pk", deviceKey);
    }

    static CertificateOrder device(String deviceKey) {
        return device(deviceKey, newKey());
    }

    /** As many as it likes. */
    static CertificateOrder device(String deviceKey, PublicKey key) {
        return device(DEVICE, deviceKey, key);
    }

    static CertificateOrder device(IssuanceProfile profile, String deviceKey, PublicKey key) {
        Subject subject = Subject.device(new DeviceUrn("pk", deviceKey), "Test");
        return CertificateOrder.ofProvenKey(profile, subject, key, owner(deviceKey), deviceKey)
                .withLiveMax(1_000_000);
    }

    static CertificateOrder server() {
        Subject subject = Subject.server(List.of("localhost", "127.0.0.1"), "Test");
        return CertificateOrder.ofProvenKey(SERVER, subject, newKey(), HUB, "operator");
    }
}
