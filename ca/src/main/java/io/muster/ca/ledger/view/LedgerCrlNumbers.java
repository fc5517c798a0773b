package io.muster.ca.ledger.view;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.CrlNumbers;
import io.muster.ca.ledger.CrlLedger;

/** The CRL numbers of an issuer, as the ledger counts them. Shared by threads; blocks. */
public record LedgerCrlNumbers(CrlLedger ledger, IssuerId issuer) implements CrlNumbers {

    @Override
    public long last(int partition) {
        return ledger.lastNumber(issuer, partition);
    }

    @Override
    public long next(int partition) {
        return ledger.nextNumber(issuer, partition);
    }
}
