package io.muster.ca.ledger;

class InMemoryCrlLedgerTest extends CrlLedgerContract {

    private final InMemoryLedger ledger = new InMemoryLedger();

    @Override
    protected CertificateLedger ledger() {
        return ledger;
    }

    @Override
    protected CrlLedger crls() {
        return ledger;
    }
}
