package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.muster.ca.DeviceUrn;
import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.audit.AuditUnwritableException;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.TestClock;
import java.io.OutputStream;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class IssuanceTest {

    private static Issuer issuer;

    private final TestClock clock = new TestClock(Issuers.NOW);
    private final InMemoryLedger ledger = new InMemoryLedger();
    private final AuditedActs acts = new AuditedActs();
    private final Issuance issuance = issuance(new SecureRandom());

    private Issuance issuance(SecureRandom random) {
        return new Issuance(ledger, new AuthorityAudit(acts), random, clock);
    }

    @BeforeAll
    static void makeIssuer() {
        issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
    }

    @Test
    void whatIsAnsweredIsInTheLedger() {
        CertificateOrder order = Orders.device("d1").withLife(Duration.ofDays(3));

        LedgerEntry entry = issuance.issue(issuer, order);

        assertThat(ledger.find(entry.id())).contains(entry);
        assertThat(entry.status()).isEqualTo(Status.VALID);
        assertThat(entry.id().issuer()).isEqualTo(issuer.id());
        assertThat(entry.id().serial()).isEqualTo(entry.requireCertificate().serial());
        assertThat(entry.reservation().owner()).isEqualTo(Orders.owner("d1"));
        assertThat(entry.reservation().key()).isEqualTo(KeyHash.of(order.key()));
        assertThat(entry.reservation().key()).isEqualTo(entry.requireCertificate().keyHash());
        assertThat(entry.reservation().validity()).isEqualTo(entry.requireCertificate().validity());
        assertThat(entry.reservation().validity().life()).isEqualTo(Duration.ofDays(3));
    }

    @Test
    void theSameRequestGetsTheSameCertificate() {
        CertificateOrder order = Orders.device("d1").withRequestKey("r1");
        LedgerEntry first = issuance.issue(issuer, order);

        clock.advance(Duration.ofHours(1));

        assertThat(issuance.issue(issuer, order)).isEqualTo(first);
        assertThat(issuance.issue(issuer, order.withRequestKey("r2")).id())
                .isNotEqualTo(first.id());
        assertThat(issuance.issue(issuer, order.withRequestKey(null)).id())
                .isNotEqualTo(first.id());
        assertThat(ledger.all()).hasSize(3);
    }

    @Test
    void theSameRequestGetsAnotherOnceItsCertificateIsRevokedOrExpired() {
        CertificateOrder order =
                Orders.device("d1").withRequestKey("r1").withLife(Duration.ofDays(1));
        LedgerEntry first = issuance.issue(issuer, order);
        ledger.revoke(first.id(), revocation(RevocationReason.SUPERSEDED));

        LedgerEntry second = issuance.issue(issuer, order);
        clock.advance(Duration.ofDays(2));
        LedgerEntry third = issuance.issue(issuer, order);

        assertThat(second.status()).isEqualTo(Status.VALID);
        assertThat(List.of(first.id(), second.id(), third.id())).doesNotHaveDuplicates();
    }

    @Test
    void theSameRequestToAnotherAuthorityIsToldSo() {
        CertificateOrder order = Orders.device("d1").withRequestKey("r1");
        issuance.issue(issuer, order);
        Issuer another =
                Issuer.of(
                        new IssuerId("another", 1),
                        issuer.kind(),
                        issuer.certificate(),
                        issuer.key(),
                        issuer.addresses());

        assertRefused(RefusalCode.REQUEST_KEY_REUSED, another, order);
    }

    @Test
    void ofManyEqualRequestsAtOnceOneIsIssued() throws Exception {
        CertificateOrder order = Orders.device("d1").withRequestKey("r1");
        int callers = 8;
        CyclicBarrier start = new CyclicBarrier(callers);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        List<Future<LedgerEntry>> answers = new ArrayList<>();
        Callable<LedgerEntry> call =
                () -> {
                    start.await();
                    return issuance.issue(issuer, order);
                };
        for (int i = 0; i < callers; i++) {
            answers.add(threads.submit(call));
        }
        threads.shutdown();

        int issued = 0;
        for (Future<LedgerEntry> answer : answers) {
            try {
                assertThat(answer.get().status()).isEqualTo(Status.VALID);
                issued++;
            } catch (ExecutionException underWay) {
                assertThat(underWay.getCause())
                        .isInstanceOfSatisfying(
                                RequestRefusedException.class,
                                refused ->
                                        assertThat(refused.code())
                                                .isEqualTo(RefusalCode.REQUEST_UNDER_WAY));
            }
        }
        assertThat(issued).isPositive();
        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void aKeyBelongsToOneOwner() {
        PublicKey key = Orders.newKey();
        issuance.issue(issuer, Orders.device("d1", key));

        assertRefused(RefusalCode.KEY_REUSED, issuer, Orders.device("d2", key));
        assertThat(issuance.issue(issuer, Orders.device("d1", key)).status())
                .isEqualTo(Status.VALID);
    }

    @Test
    void aKeyThatOthersKnowIsNotCertifiedAgain() {
        PublicKey key = Orders.newKey();
        LedgerEntry entry = issuance.issue(issuer, Orders.device("d1", key));
        ledger.revoke(entry.id(), revocation(RevocationReason.KEY_COMPROMISE));

        assertRefused(RefusalCode.KEY_COMPROMISED, issuer, Orders.device("d1", key));
        assertRefused(RefusalCode.KEY_REUSED, issuer, Orders.device("d2", key));
        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void aRevokedOrExpiredCertificateRenewsNothing() {
        LedgerEntry old = issuance.issue(issuer, Orders.device("d1").withLife(Duration.ofDays(1)));

        CertificateOrder renewal = Orders.device("d1").withRenewedFrom(old.id().toString());
        LedgerEntry renewed = issuance.issue(issuer, renewal.withLife(Duration.ofDays(9)));
        assertThat(renewed.reservation().renewedFrom()).isEqualTo(old.id().toString());
        assertThat(ledger.find(old.id()).orElseThrow().status()).isEqualTo(Status.VALID);

        clock.advance(Duration.ofDays(2));
        assertRefused(RefusalCode.NOT_RENEWABLE, issuer, renewal);

        CertificateOrder second = Orders.device("d1").withRenewedFrom(renewed.id().toString());
        ledger.revoke(renewed.id(), revocation(RevocationReason.UNSPECIFIED));
        assertRefused(RefusalCode.NOT_RENEWABLE, issuer, second);
    }

    @Test
    void anothersCertificateRenewsNothing() {
        LedgerEntry of1 = issuance.issue(issuer, Orders.device("d1"));

        assertRefused(
                RefusalCode.NOT_RENEWABLE,
                issuer,
                Orders.device("d2").withRenewedFrom(of1.id().toString()));
    }

    @Test
    void anotherSerialNumberIsTakenIfOneWasGiven() {
        FixedRandom random = new FixedRandom(7, 7, 8);
        Issuance numbered = issuance(random);

        assertThat(numbered.issue(issuer, Orders.device("d1")).id().serial().value()).isEqualTo(7);
        assertThat(numbered.issue(issuer, Orders.device("d2")).id().serial().value()).isEqualTo(8);
        assertThatIllegalStateException()
                .isThrownBy(() -> numbered.issue(issuer, Orders.device("d3")))
                .withMessageContaining("3 random serial numbers");
        assertThat(ledger.all()).hasSize(2);
    }

    /** Its numbers are told; the last of them for ever. */
    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final long[] numbers;
        private int next;

        FixedRandom(long... numbers) {
            this.numbers = numbers;
        }

        @Override
        public long nextLong() {
            return numbers[Math.min(next++, numbers.length - 1)];
        }
    }

    @Test
    void nothingIsReservedForWhatIsRefused() {
        CertificateOrder order = Orders.device("d1");
        Duration tooLong = CertificateKind.DEVICE.longestLife().plusSeconds(1);
        assertRefused(RefusalCode.VALIDITY_RANGE, issuer, order.withLife(tooLong));
        assertRefused(
                RefusalCode.KEY_TYPE_NOT_ALLOWED,
                issuer,
                Orders.device(Orders.DEVICE.withKeys(Set.of(KeyKind.RSA_2048)), "d1", order.key()));
        clock.advance(Duration.ofDays(6 * 365));
        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, issuer, order);

        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void aCertificateThatWouldOutliveItsIssuerIsRefused() {
        clock.advance(Duration.ofDays(4 * 365 + 1));

        assertRefused(RefusalCode.VALIDITY_RANGE, issuer, Orders.device("d1"));
        assertThat(
                        issuance.issue(issuer, Orders.device("d1").withLife(Duration.ofDays(363)))
                                .status())
                .isEqualTo(Status.VALID);
    }

    @Test
    void aKeyThatFailsToSignLeavesARevokedNumber() {
        Issuer failing = withSigner(() -> new FailingSigner(issuer.key().signer()));

        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, failing, Orders.device("d1"));

        assertThat(ledger.all())
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.status()).isEqualTo(Status.REVOKED);
                            assertThat(entry.certificate()).isNull();
                            assertThat(Objects.requireNonNull(entry.revocation()).reason())
                                    .isEqualTo(RevocationReason.UNSPECIFIED);
                        });
    }

    @Test
    void aKeyThatIsGoneLeavesNothing() {
        Issuer gone =
                withSigner(
                        () -> {
                            throw new KeyUnusableException("token is gone");
                        });

        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, gone, Orders.device("d1"));
        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void whatWasNotSignedDoesNotStandInTheWayOfTheSameRequest() {
        CertificateOrder order = Orders.device("d1").withRequestKey("r1");
        Issuer failing = withSigner(() -> new FailingSigner(issuer.key().signer()));
        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, failing, order);

        assertThat(issuance.issue(issuer, order).status()).isEqualTo(Status.VALID);
    }

    @Test
    void aSubjectThatIsAnotherThanTheOwnerIsNoOrder() {
        PublicKey key = Orders.newKey();
        Subject server = Subject.server(List.of("localhost"), null);
        Subject d2 = Subject.device(new DeviceUrn("pk", "d2"), null);

        assertNoOrder(server, key, Orders.owner("d1"));
        assertNoOrder(d2, key, Orders.owner("d1"));
        assertNoOrder(d2, key, Orders.HUB);
    }

    private static void assertNoOrder(Subject subject, PublicKey key, Owner owner) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                CertificateOrder.ofProvenKey(
                                        Orders.DEVICE, subject, key, owner, "operator"))
                .withMessageContaining(owner.toString());
    }

    @Test
    void whatStandsAgainstItInTheLedgerIsTold() {
        ledger.remove(Orders.owner("d1"));
        ledger.disable(Orders.owner("d2"));
        CertificateOrder order = Orders.device("d3").withLiveMax(1);
        issuance.issue(issuer, order);

        assertRefused(RefusalCode.DEVICE_UNKNOWN, issuer, Orders.device("d1"));
        assertRefused(RefusalCode.DEVICE_DISABLED, issuer, Orders.device("d2"));
        assertRefused(RefusalCode.CERT_LIMIT, issuer, order);
    }

    @Test
    void whatIsRevokedWhileItIsMadeIsNotHandedOut() {
        CertificateOrder order = Orders.device("d1");
        Issuer slow = withSigner(() -> new RevokingSigner(issuer.key().signer(), ledger, order));

        assertRefused(RefusalCode.REVOKED_MEANWHILE, slow, order);
        assertThat(ledger.all())
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.status()).isEqualTo(Status.REVOKED);
                            assertThat(entry.certificate()).isNotNull();
                        });
    }

    private record RevokingSigner(
            ContentSigner signer, InMemoryLedger ledger, CertificateOrder order)
            implements ContentSigner {
        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return signer.getAlgorithmIdentifier();
        }

        @Override
        public OutputStream getOutputStream() {
            return signer.getOutputStream();
        }

        @Override
        public byte[] getSignature() {
            ledger.revokeAll(order.owner(), revocation(RevocationReason.CESSATION_OF_OPERATION));
            return signer.getSignature();
        }
    }

    @Test
    void eachActIsAudited() {
        PublicKey key = Orders.newKey();
        LedgerEntry entry = issuance.issue(issuer, Orders.device("d1", key));
        assertRefused(RefusalCode.KEY_REUSED, issuer, Orders.device("d2", key));
        Issuer failing = withSigner(() -> new FailingSigner(issuer.key().signer()));
        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, failing, Orders.device("d3"));

        String serial = entry.id().serial().toString();
        assertThat(acts.about(serial)).hasSize(2);
        assertThat(acts.about("issuance"))
                .singleElement()
                .asString()
                .contains(
                        serial,
                        "device/pk/d1",
                        "ACTOR=d1",
                        entry.requireCertificate().fingerprint());
        assertThat(acts.about("refused"))
                .hasSize(2)
                .anyMatch(act -> act.contains("KEY_REUSED") && act.contains("ACTOR=d2"));
        assertThat(acts.about("revocation")).singleElement().asString().contains("ACTOR=ca");
    }

    @Test
    void nothingIsValidThatCannotBeAudited() {
        acts.fill();

        assertThatExceptionOfType(AuditUnwritableException.class)
                .isThrownBy(() -> issuance.issue(issuer, Orders.device("d1")));
        assertThat(ledger.all())
                .allSatisfy(entry -> assertThat(entry.status()).isEqualTo(Status.REVOKED));
    }

    private interface Signers {
        ContentSigner next();
    }

    private static Issuer withSigner(Signers signers) {
        SigningKey key =
                new SigningKey() {
                    @Override
                    public PublicKey publicKey() {
                        return issuer.key().publicKey();
                    }

                    @Override
                    public AlgorithmIdentifier algorithm() {
                        return issuer.key().algorithm();
                    }

                    @Override
                    public ContentSigner signer() {
                        return signers.next();
                    }
                };
        return Issuer.of(issuer.id(), issuer.kind(), issuer.certificate(), key, issuer.addresses());
    }

    private record FailingSigner(ContentSigner signer) implements ContentSigner {
        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return signer.getAlgorithmIdentifier();
        }

        @Override
        public OutputStream getOutputStream() {
            return signer.getOutputStream();
        }

        @Override
        public byte[] getSignature() {
            throw new KeyUnusableException("token was pulled");
        }
    }

    private static Revocation revocation(RevocationReason reason) {
        return new Revocation(Issuers.NOW, reason, "operator");
    }

    private void assertRefused(RefusalCode refusal, Issuer by, CertificateOrder order) {
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> issuance.issue(by, order))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(refusal));
    }
}
