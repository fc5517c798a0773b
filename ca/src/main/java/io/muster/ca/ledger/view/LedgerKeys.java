package io.muster.ca.ledger.view;

import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CertificateLedger.KeyUse;
import io.muster.ca.request.KnownKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** The public keys that the ledger knows. Shared by threads; blocks. */
public final class LedgerKeys implements KnownKeys {

    private final CertificateLedger ledger;
    private final Clock clock;

    /** Of this ledger. */
    public LedgerKeys(CertificateLedger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    @Override
    public KeyHistory historyOf(KeyHash key, Owner asker, Optional<String> requestKey) {
        Instant now = clock.instant();
        KeyUse use = ledger.useOf(key, now);
        return new KeyHistory(
                Optional.ofNullable(use.holder()),
                use.inUse(),
                use.compromised(),
                asker.equals(use.holder()) && isRequested(key, asker, requestKey, now));
    }

    private boolean isRequested(
            KeyHash key, Owner asker, Optional<String> requestKey, Instant now) {
        return requestKey.flatMap(each -> ledger.findRequest(asker, key, each, now)).isPresent();
    }
}
