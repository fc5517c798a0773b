package io.muster.hub.certificates.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Sha256;

/** The names that authority and registry have for the same. Those with a text have one text. */
public final class Names {

    private Names() {}

    /** What the registry calls a certificate of ours. */
    public static io.muster.devices.certificate.CertificateId registered(CertificateId id) {
        return new io.muster.devices.certificate.CertificateId(
                id.issuer().toString(), id.serial().toString());
    }

    /**
     * What the authority calls a certificate of its own.
     *
     * @throws IllegalArgumentException if it is none of its own: {@link
     *     io.muster.devices.certificate.CertificateId#isExternal}
     */
    public static CertificateId issued(io.muster.devices.certificate.CertificateId id) {
        return new CertificateId(IssuerId.parse(id.issuer()), SerialNumber.parse(id.serial()));
    }

    /** What the authority calls a device as an owner. */
    public static Owner.Device owner(DeviceId device) {
        return new Owner.Device(device.productKey(), device.deviceKey());
    }

    static io.muster.devices.certificate.Owner registered(Owner owner) {
        if (owner instanceof Owner.Device device) {
            return new io.muster.devices.certificate.Owner.Device(
                    new DeviceId(device.urn().productKey(), device.urn().deviceKey()));
        }
        if (owner instanceof Owner.Server server) {
            return new io.muster.devices.certificate.Owner.Server(server.name());
        }
        return new io.muster.devices.certificate.Owner.Authority(
                ((Owner.Authority) owner).issuer().toString());
    }

    static Owner issued(io.muster.devices.certificate.Owner owner) {
        if (owner instanceof io.muster.devices.certificate.Owner.Device device) {
            return owner(device.id());
        }
        if (owner instanceof io.muster.devices.certificate.Owner.Server server) {
            return new Owner.Server(server.name());
        }
        return new Owner.Authority(
                IssuerId.parse(((io.muster.devices.certificate.Owner.Authority) owner).issuer()));
    }

    static Sha256 registered(KeyHash key) {
        return new Sha256(key.hex());
    }

    static KeyHash issued(Sha256 key) {
        return new KeyHash(key.hex());
    }

    static io.muster.devices.certificate.CertificateKind registered(CertificateKind kind) {
        return switch (kind) {
            case ROOT -> io.muster.devices.certificate.CertificateKind.ROOT;
            case CROSS -> io.muster.devices.certificate.CertificateKind.CROSS;
            case DEVICE_ISSUING -> io.muster.devices.certificate.CertificateKind.DEVICE_ISSUING;
            case SERVER_ISSUING -> io.muster.devices.certificate.CertificateKind.SERVER_ISSUING;
            case SERVER -> io.muster.devices.certificate.CertificateKind.SERVER;
            case OCSP_SIGNER -> io.muster.devices.certificate.CertificateKind.OCSP_RESPONDER;
            case DEVICE -> io.muster.devices.certificate.CertificateKind.DEVICE;
        };
    }

    static CertificateKind issued(io.muster.devices.certificate.CertificateKind kind) {
        return switch (kind) {
            case ROOT -> CertificateKind.ROOT;
            case CROSS -> CertificateKind.CROSS;
            case DEVICE_ISSUING -> CertificateKind.DEVICE_ISSUING;
            case SERVER_ISSUING -> CertificateKind.SERVER_ISSUING;
            case SERVER -> CertificateKind.SERVER;
            case OCSP_RESPONDER -> CertificateKind.OCSP_SIGNER;
            case DEVICE -> CertificateKind.DEVICE;
            case EXTERNAL ->
                    throw new IllegalArgumentException("an external certificate is none of ours");
        };
    }

    static RevocationReason reason(int number) {
        return RevocationReason.of(number)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "certificate is revoked for reason "
                                                + number
                                                + " of a newer hub"));
    }
}
