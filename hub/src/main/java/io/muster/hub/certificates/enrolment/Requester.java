package io.muster.hub.certificates.enrolment;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import java.util.Optional;

/**
 * Who asks for a certificate, or ends one, without any doubt. Immutable.
 *
 * @param actor what records call him, 1 to 200 characters
 * @param isDevice whether it is the device that the certificate is for
 * @param certificate by which the device proved who it is, if it was by one
 */
public record Requester(String actor, boolean isDevice, Optional<CertificateId> certificate) {

    /** Somebody who works with devices. */
    public static Requester operator(String actor) {
        return new Requester(actor, false, Optional.empty());
    }

    /** A device that has its secret. */
    public static Requester device(DeviceId id) {
        return new Requester("device:" + id, true, Optional.empty());
    }

    /** A device that has the key of a certificate that is good. */
    public static Requester device(DeviceId id, CertificateId certificate) {
        return new Requester("device:" + id, true, Optional.of(certificate));
    }
}
