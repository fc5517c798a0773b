package io.muster.ca.ledger;

import io.muster.ca.Owner;

class InMemoryLedgerTest extends CertificateLedgerContract {

    private final InMemoryLedger ledger = new InMemoryLedger();
    private int devices;

    @Override
    protected CertificateLedger ledger() {
        return ledger;
    }

    @Override
    protected Owner newDevice() {
        return new Owner.Device("pk", "d" + devices++);
    }

    @Override
    protected void disable(Owner device) {
        ledger.disable(device);
    }

    @Override
    protected void delete(Owner device) {
        ledger.remove(device);
    }
}
