package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.CrashPoints.Crash;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.TestClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends between any two steps of an issuance, and the one after it. */
class IssuanceCrashTest {

    private static final int NEVER = -1;

    private static Issuer issuer;

    private final TestClock clock = new TestClock(Issuers.NOW);
    private final InMemoryLedger ledger = new InMemoryLedger();
    private final CertificateOrder order = Orders.device("d1").withRequestKey("r1");

    @BeforeAll
    static void makeIssuer() {
        issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
    }

    private LedgerEntry issue(CrashPoints points) {
        Issuer watched =
                Issuer.of(
                        issuer.id(),
                        issuer.kind(),
                        issuer.certificate(),
                        points.around(issuer.key()),
                        issuer.addresses());
        return issuance(points.around(ledger)).issue(watched, order);
    }

    private Issuance issuance(CertificateLedger of) {
        return new Issuance(of, new AuthorityAudit(new AuditedActs()), new SecureRandom(), clock);
    }

    @Test
    void theStepsAreTaken() {
        CrashPoints points = new CrashPoints(NEVER);

        issue(points);

        assertThat(points.reached())
                .containsExactly(
                        "before the reservation",
                        "after the reservation",
                        "before the signature",
                        "after the signature",
                        "before the record",
                        "after the record");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void nothingIsSignedThatTheLedgerDoesNotKnow(int step) {
        CrashPoints points = new CrashPoints(step);
        assertThatExceptionOfType(Crash.class).isThrownBy(() -> issue(points));
        List<LedgerEntry> left = ledger.all();

        clock.advance(Duration.ofSeconds(1));
        Issuance restarted = issuance(ledger);
        List<CertificateId> abandoned = restarted.abandonReserved(clock.instant());

        // Whatever may have been signed is known, and is valid with its owner or revoked.
        assertThat(left).hasSize(step == 0 ? 0 : 1);
        assertThat(abandoned).hasSize(step == 0 || step == 5 ? 0 : 1);
        assertThat(ledger.all())
                .allSatisfy(
                        entry -> {
                            boolean valid = entry.status() == Status.VALID;
                            assertThat(valid).isEqualTo(entry.certificate() != null);
                            assertThat(valid).isEqualTo(step == 5);
                            if (!valid) {
                                assertThat(Objects.requireNonNull(entry.revocation()).reason())
                                        .isEqualTo(RevocationReason.UNSPECIFIED);
                            }
                        });

        // Who asks again gets the certificate that is valid, and there is one.
        LedgerEntry again = restarted.issue(issuer, order);
        assertThat(again.status()).isEqualTo(Status.VALID);
        assertThat(ledger.all().stream().filter(entry -> entry.status() == Status.VALID))
                .containsExactly(again);
        if (step == 5) {
            assertThat(again.id()).isEqualTo(left.get(0).id());
        }
    }

    @Test
    void whatIsStillBeingSignedIsLeftAlone() {
        assertThatExceptionOfType(Crash.class).isThrownBy(() -> issue(new CrashPoints(3)));
        Issuance other = issuance(ledger);

        assertThat(other.abandonReserved(clock.instant().minusSeconds(60))).isEmpty();
        assertThat(ledger.all().get(0).status()).isEqualTo(Status.RESERVED);
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> other.issue(issuer, order))
                .withMessageContaining("under way");
    }

    @Test
    void whatWasAbandonedIsNotRecordedAnyMore() {
        assertThatExceptionOfType(Crash.class).isThrownBy(() -> issue(new CrashPoints(4)));
        LedgerEntry reserved = ledger.all().get(0);
        clock.advance(Duration.ofSeconds(1));
        issuance(ledger).abandonReserved(clock.instant());

        LedgerEntry another = issue(new CrashPoints(NEVER));

        assertThat(ledger.record(reserved.id(), another.requireCertificate(), clock.instant()))
                .isFalse();
        assertThat(ledger.find(reserved.id()).orElseThrow().status()).isEqualTo(Status.REVOKED);
    }
}
