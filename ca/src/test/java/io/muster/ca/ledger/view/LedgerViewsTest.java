package io.muster.ca.ledger.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.ledger.IssuanceRequest;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.ocsp.CertificateState;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.TestClock;
import io.muster.ca.request.KnownKeys.KeyHistory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What acceptance, lists and OCSP are told of a ledger. */
class LedgerViewsTest {

    private static final IssuerId ISSUER = new IssuerId("device-ec", 1);
    private static final Instant NOW = Issuers.NOW.truncatedTo(ChronoUnit.SECONDS);
    private static final Owner D1 = new Owner.Device("pk", "d1");
    private static final Owner D2 = new Owner.Device("pk", "d2");
    private static final KeyHash KEY = KeyHash.ofDer("key".getBytes(StandardCharsets.UTF_8));
    private static final IssuedCertificate SIGNED =
            Issuers.issue(
                    Issuers.root(),
                    CertificateKind.SERVER_ISSUING,
                    Subject.authority("Any", null),
                    Issuers.key(KeyKind.EC_P256).publicKey());

    private final Random random = new Random(7);
    private final TestClock clock = new TestClock(NOW);
    private final InMemoryLedger ledger = new InMemoryLedger();
    private final CrlPartitions partitions =
            CrlPartitions.ofUserCertificates(8, "http://hub.example/crl/");
    private final LedgerRevocations revocations = new LedgerRevocations(ledger, ISSUER, partitions);
    private final LedgerKeys keys = new LedgerKeys(ledger, clock);
    private final LedgerStates states = new LedgerStates(ledger, revocations, ISSUER);

    private SerialNumber newSerial() {
        return new SerialNumber(1 + (random.nextLong() >>> 1));
    }

    private CertificateId reserve(Owner owner, KeyHash key, String requestKey) {
        CertificateId id = new CertificateId(ISSUER, newSerial());
        ledger.reserve(
                new Reservation(
                        id,
                        CertificateKind.DEVICE,
                        owner,
                        key,
                        Validity.from(NOW, Duration.ofDays(1 + id.serial().value() % 9)),
                        new IssuanceRequest("alice", NOW, requestKey),
                        null),
                1_000_000);
        return id;
    }

    private CertificateId issue(KeyHash key) {
        CertificateId id = reserve(D1, key, "r1");
        ledger.record(id, SIGNED, NOW);
        return id;
    }

    private KeyHash newKey() {
        return KeyHash.ofDer(newSerial().toString().getBytes(StandardCharsets.UTF_8));
    }

    private void revoke(CertificateId id, RevocationReason reason) {
        ledger.revoke(id, new Revocation(NOW, reason, "bob"));
    }

    private KeyHistory history(Owner asker) {
        return keys.historyOf(KEY, asker, Optional.of("r1"));
    }

    @Test
    void theHistoryOfAKeyIsThatOfItsCertificates() {
        assertThat(history(D1)).isEqualTo(KeyHistory.NONE);

        CertificateId id = issue(KEY);
        assertThat(history(D1)).isEqualTo(new KeyHistory(Optional.of(D1), true, false, true));
        assertThat(history(D2)).isEqualTo(new KeyHistory(Optional.of(D1), true, false, false));
        assertThat(keys.historyOf(KEY, D1, Optional.of("r2")).requested()).isFalse();
        assertThat(keys.historyOf(KEY, D1, Optional.empty()).requested()).isFalse();

        clock.advance(Duration.ofDays(11));
        assertThat(history(D1)).isEqualTo(new KeyHistory(Optional.of(D1), false, false, false));

        revoke(id, RevocationReason.KEY_COMPROMISE);
        assertThat(history(D1)).isEqualTo(new KeyHistory(Optional.of(D1), false, true, false));
    }

    @Test
    void whatIsBeingIssuedIsInUseAndWhatIsRevokedIsNot() {
        CertificateId id = reserve(D1, KEY, "r1");
        assertThat(history(D1).inUse()).isTrue();

        revoke(id, RevocationReason.SUPERSEDED);

        assertThat(history(D1)).isEqualTo(new KeyHistory(Optional.of(D1), false, false, false));
    }

    @Test
    void aKeyWithoutACertificateMayBeKnownToOthers() {
        ledger.revokeKey(KEY, new Revocation(NOW, RevocationReason.KEY_COMPROMISE, "bob"));

        assertThat(history(D1)).isEqualTo(new KeyHistory(Optional.empty(), false, true, false));
    }

    @Test
    void ocspIsToldWhatBecameOfANumber() {
        CertificateId valid = issue(newKey());
        CertificateId reserved = reserve(D1, newKey(), "r2");
        CertificateId revoked = issue(newKey());
        SerialNumber lost = newSerial();
        assertThat(states.of(revoked.serial())).isEqualTo(CertificateState.GOOD);
        revoke(revoked, RevocationReason.SUPERSEDED);
        ledger.adopt(
                ISSUER,
                List.of(
                        new RevokedCertificate(
                                lost, NOW, RevocationReason.UNSPECIFIED, NOW.plusSeconds(9))),
                "restore");

        assertThat(states.of(valid.serial())).isEqualTo(CertificateState.GOOD);
        assertThat(states.of(reserved.serial())).isEqualTo(CertificateState.UNKNOWN);
        assertThat(states.of(newSerial())).isEqualTo(CertificateState.UNKNOWN);
        assertThat(states.of(revoked.serial()))
                .isEqualTo(CertificateState.revoked(NOW, RevocationReason.SUPERSEDED));
        assertThat(states.of(lost))
                .isEqualTo(CertificateState.revoked(NOW, RevocationReason.UNSPECIFIED));
    }

    /** As many as several pages, some of them with another reason later. */
    @Test
    void thePartitionsTogetherAreAllThatIsRevoked() {
        Map<SerialNumber, CertificateId> all = new TreeMap<>();
        for (int round = 0; round < 3; round++) {
            List<CertificateId> some = new ArrayList<>();
            for (int i = 0; i < 900; i++) {
                CertificateId id = reserve(D1, newKey(), "r" + i);
                revoke(id, RevocationReason.UNSPECIFIED);
                some.add(id);
                all.put(id.serial(), id);
            }
            some.subList(0, 100).forEach(id -> revoke(id, RevocationReason.KEY_COMPROMISE));

            Instant since = NOW.plus(Duration.ofDays(round * 4L));
            for (int partition = 0; partition < partitions.count(); partition++) {
                assertThat(revocations.expiringFrom(partition, since))
                        .containsExactlyInAnyOrderElementsOf(expected(all, partition, since));
            }
        }
        SerialNumber unknown = newSerial();
        Set<SerialNumber> asked = all.keySet().stream().limit(50).collect(Collectors.toSet());
        asked.add(unknown);
        assertThat(revocations.known(asked)).hasSize(50).doesNotContain(unknown);
        assertThat(revocations.find(unknown)).isEmpty();
    }

    private List<RevokedCertificate> expected(
            Map<SerialNumber, CertificateId> all, int partition, Instant since) {
        return all.values().stream()
                .filter(id -> partitions.of(id.serial()) == partition)
                .map(id -> ledger.find(id).orElseThrow())
                .filter(entry -> !entry.reservation().validity().notAfter().isBefore(since))
                .map(
                        entry -> {
                            Revocation why = Objects.requireNonNull(entry.revocation());
                            return new RevokedCertificate(
                                    entry.id().serial(),
                                    why.time(),
                                    why.reason(),
                                    entry.reservation().validity().notAfter());
                        })
                .toList();
    }
}
