package io.muster.ca.ledger.view;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ocsp.CertificateState;
import io.muster.ca.ocsp.CertificateStates;

/**
 * The states of the certificates of an issuer for OCSP: revoked if any record says so, good if it
 * was issued, and unknown else. Shared by threads; blocks.
 */
public final class LedgerStates implements CertificateStates {

    private final CertificateLedger ledger;
    private final LedgerRevocations revocations;
    private final IssuerId issuer;

    /** Of this issuer. */
    public LedgerStates(CertificateLedger ledger, LedgerRevocations revocations, IssuerId issuer) {
        this.ledger = ledger;
        this.revocations = revocations;
        this.issuer = issuer;
    }

    /** First whether it is issued: if it is revoked between the two questions, that is told. */
    @Override
    public CertificateState of(SerialNumber serial) {
        boolean isValid =
                ledger.find(new CertificateId(issuer, serial))
                        .filter(entry -> entry.status() == LedgerEntry.Status.VALID)
                        .isPresent();
        return revocations
                .find(serial)
                .map(one -> CertificateState.revoked(one.revokedAt(), one.reason()))
                .orElse(isValid ? CertificateState.GOOD : CertificateState.UNKNOWN);
    }
}
