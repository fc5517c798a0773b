package io.muster.hub.certificates.ocsp;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.ocsp.CertificateState;
import io.muster.ca.ocsp.CertificateStates;
import java.util.Optional;

/**
 * The certificates of one issuer: as they are recorded, but that what is on a published CRL is
 * revoked, whatever the records say, which may have been put back to an earlier state. Since when
 * and why is not looked up for that: it was so when the list was issued. Shared; blocks while it
 * asks the records.
 */
final class PublishedStates implements CertificateStates {

    private final CertificateStates recorded;
    private final RevocationLists lists;

    PublishedStates(CertificateStates recorded, RevocationLists lists) {
        this.recorded = recorded;
        this.lists = lists;
    }

    @Override
    public CertificateState of(SerialNumber serial) {
        CertificateState state = recorded.of(serial);
        boolean isRevoked =
                !state.equals(CertificateState.GOOD) && !state.equals(CertificateState.UNKNOWN);
        if (isRevoked) {
            return state;
        }
        Optional<PublishedCrl> list =
                lists.published().stream().filter(each -> each.contains(serial)).findAny();
        return list.map(
                        crl ->
                                CertificateState.revoked(
                                        crl.thisUpdate(), RevocationReason.UNSPECIFIED))
                .orElse(state);
    }
}
