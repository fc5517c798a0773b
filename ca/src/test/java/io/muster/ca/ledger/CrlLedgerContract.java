package io.muster.ca.ledger;

import static io.muster.ca.ledger.LedgerStage.LIFE;
import static io.muster.ca.ledger.LedgerStage.MANY;
import static io.muster.ca.ledger.LedgerStage.NOW;
import static io.muster.ca.ledger.LedgerStage.newId;
import static io.muster.ca.ledger.LedgerStage.revocation;
import static io.muster.ca.ledger.LedgerStage.withId;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.CrlLedger.Listed;
import io.muster.ca.ledger.CrlLedger.Position;
import io.muster.ca.ledger.LedgerEntry.Status;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What each ledger keeps for CRLs. Tests may share a ledger: each has an issuer of its own. */
public abstract class CrlLedgerContract {

    private static final AtomicInteger ISSUERS = new AtomicInteger();

    private final IssuerId issuer = new IssuerId("issuer" + ISSUERS.incrementAndGet(), 1);

    /** The ledger. */
    protected abstract CertificateLedger ledger();

    /** The same. */
    protected abstract CrlLedger crls();

    private CertificateId issue() {
        return LedgerStage.issue(ledger(), reservation());
    }

    private Reservation reservation() {
        return LedgerStage.reservation(issuer, new Owner.Server("crl"));
    }

    private CertificateId revoke(CertificateId id, RevocationReason reason) {
        ledger().revoke(id, revocation(reason));
        return id;
    }

    private static RevokedCertificate revoked(CertificateId id, RevocationReason reason) {
        return new RevokedCertificate(
                id.serial(),
                revocation(reason).time(),
                reason,
                LedgerStage.until(NOW.plus(LIFE)).notAfter());
    }

    private List<RevokedCertificate> from(Position after, int limit) {
        return crls().revoked(issuer, after, limit).stream().map(Listed::certificate).toList();
    }

    private Position last() {
        List<Listed> all = crls().revoked(issuer, Position.BEGIN, 1000);
        return all.isEmpty() ? Position.BEGIN : all.get(all.size() - 1).position();
    }

    @Test
    void revocationsComeInTheirOrderAndWhatComesLaterIsFoundFromTheLast() {
        CertificateId first = revoke(issue(), RevocationReason.SUPERSEDED);
        CertificateId second = revoke(issue(), RevocationReason.UNSPECIFIED);
        issue();
        revoke(
                LedgerStage.issue(
                        ledger(), LedgerStage.reservation(issuer.next(), new Owner.Server("crl"))),
                RevocationReason.SUPERSEDED);

        assertThat(from(Position.BEGIN, 1000))
                .containsExactly(
                        revoked(first, RevocationReason.SUPERSEDED),
                        revoked(second, RevocationReason.UNSPECIFIED));
        assertThat(from(Position.BEGIN, 1)).hasSize(1);
        Position last = last();
        assertThat(from(last, 1000)).isEmpty();

        Reservation abandoned = reservation();
        ledger().reserve(abandoned, MANY);
        ledger().abandon(abandoned.id(), revocation(RevocationReason.UNSPECIFIED));
        ledger().revoke(first, revocation(RevocationReason.UNSPECIFIED));

        assertThat(from(last, 1000))
                .containsExactly(revoked(abandoned.id(), RevocationReason.UNSPECIFIED));
    }

    @Test
    void aReasonThatChangesComesOnceMore() {
        CertificateId first = revoke(issue(), RevocationReason.UNSPECIFIED);
        revoke(issue(), RevocationReason.UNSPECIFIED);
        Position last = last();

        revoke(first, RevocationReason.KEY_COMPROMISE);

        assertThat(from(last, 1000))
                .containsExactly(revoked(first, RevocationReason.KEY_COMPROMISE));
        assertThat(from(Position.BEGIN, 1000)).hasSize(2);
    }

    @Test
    void thoseThatAreRevokedTogetherAreAllFoundSomeAtATime() {
        Owner owner = new Owner.Server(issuer + ".example");
        IntStream.range(0, 5)
                .forEach(i -> LedgerStage.issue(ledger(), LedgerStage.reservation(issuer, owner)));
        Set<CertificateId> all = ledger().revokeAll(owner, revocation(RevocationReason.SUPERSEDED));

        Position after = Position.BEGIN;
        int found = 0;
        List<Listed> page;
        do {
            page = crls().revoked(issuer, after, 2);
            found += page.size();
            after = page.isEmpty() ? after : page.get(page.size() - 1).position();
        } while (!page.isEmpty());

        assertThat(all).hasSize(5);
        assertThat(found).isEqualTo(5);
    }

    @Test
    void aNumberIsGivenOnceToEachPartition() {
        assertThat(crls().lastNumber(issuer, 3)).isZero();
        assertThat(crls().nextNumber(issuer, 3)).isEqualTo(1);
        assertThat(crls().nextNumber(issuer, 3)).isEqualTo(2);
        assertThat(crls().nextNumber(issuer, 4)).isEqualTo(1);
        assertThat(crls().nextNumber(issuer.next(), 3)).isEqualTo(1);
        assertThat(crls().lastNumber(issuer, 3)).isEqualTo(2);

        assertThat(crls().raiseNumber(issuer, 3, 7)).isEqualTo(7);
        assertThat(crls().raiseNumber(issuer, 3, 5)).isEqualTo(7);
        assertThat(crls().nextNumber(issuer, 3)).isEqualTo(8);
    }

    @Test
    void whatOnlyAPublishedListKnowsIsTakenOver() {
        CertificateId known = issue();
        CertificateId unknown = newId(issuer);
        List<RevokedCertificate> listed =
                List.of(
                        revoked(known, RevocationReason.KEY_COMPROMISE),
                        revoked(unknown, RevocationReason.SUPERSEDED));

        assertThat(crls().adopt(issuer, listed, "restore"))
                .containsExactlyInAnyOrder(known, unknown);
        assertThat(crls().adopt(issuer, listed, "restore")).isEmpty();

        assertThat(from(Position.BEGIN, 10)).containsExactlyInAnyOrderElementsOf(listed);
        LedgerEntry entry = ledger().find(known).orElseThrow();
        assertThat(entry.status()).isEqualTo(Status.REVOKED);
        assertThat(Objects.requireNonNull(entry.revocation()).actor()).isEqualTo("restore");
        assertThat(ledger().useOf(entry.reservation().key(), NOW).compromised()).isTrue();
        assertThat(ledger().find(unknown)).isEmpty();
        assertThat(ledger().reserve(withId(reservation(), unknown), MANY))
                .isEqualTo(Outcome.SERIAL_TAKEN);
    }
}
