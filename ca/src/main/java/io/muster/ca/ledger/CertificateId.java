package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;

/** Which certificate it is. */
public record CertificateId(IssuerId issuer, SerialNumber serial) {

    /** As {@code device-ec-g1/0123456789abcdef}. */
    @Override
    public String toString() {
        return issuer + "/" + serial;
    }
}
