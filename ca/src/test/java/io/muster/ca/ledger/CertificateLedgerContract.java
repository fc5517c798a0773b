package io.muster.ca.ledger;

import static io.muster.ca.ledger.LedgerStage.LIFE;
import static io.muster.ca.ledger.LedgerStage.MANY;
import static io.muster.ca.ledger.LedgerStage.NOW;
import static io.muster.ca.ledger.LedgerStage.asked;
import static io.muster.ca.ledger.LedgerStage.certificate;
import static io.muster.ca.ledger.LedgerStage.ending;
import static io.muster.ca.ledger.LedgerStage.newId;
import static io.muster.ca.ledger.LedgerStage.newKey;
import static io.muster.ca.ledger.LedgerStage.renewing;
import static io.muster.ca.ledger.LedgerStage.revocation;
import static io.muster.ca.ledger.LedgerStage.withId;
import static io.muster.ca.ledger.LedgerStage.withKey;
import static io.muster.ca.ledger.LedgerStage.withKind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.CertificateLedger.KeyUse;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.LedgerEntry.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What each ledger does, from the reservation to the end of a certificate; {@link
 * CrlLedgerContract} has what CRLs are made of. Tests may share a ledger.
 */
public abstract class CertificateLedgerContract {

    private static final IssuerId ISSUER = new IssuerId("device-ec", 1);

    /** The ledger. */
    protected abstract CertificateLedger ledger();

    /** A device that nobody has used before. */
    protected abstract Owner newDevice();

    /** The device is disabled from now on. */
    protected abstract void disable(Owner device);

    /** The device is deleted. */
    protected abstract void delete(Owner device);

    /** Of a device of its own. */
    protected final Reservation ofNewDevice() {
        return LedgerStage.reservation(ISSUER, newDevice());
    }

    /** Any one of that name. */
    protected static IssuedCertificate signed(Reservation reservation) {
        return certificate(reservation.id());
    }

    private static Reservation another(Reservation of) {
        return LedgerStage.reservation(ISSUER, of.owner());
    }

    private CertificateId issue(Reservation reservation) {
        return LedgerStage.issue(ledger(), reservation);
    }

    protected final Outcome reserve(Reservation reservation) {
        return ledger().reserve(reservation, MANY);
    }

    private LedgerEntry found(CertificateId id) {
        return ledger().find(id).orElseThrow();
    }

    private Status status(CertificateId id) {
        return found(id).status();
    }

    // ---------------------------------------------------------------------------------- issuing

    @Test
    void whatIsReservedIsThereAsItWasAsked() {
        CertificateId before = issue(ofNewDevice());
        Owner owner = found(before).reservation().owner();
        Reservation reservation =
                renewing(
                        asked(
                                LedgerStage.reservation(ISSUER, owner),
                                NOW.plusMillis(7),
                                "request 1 of 'd' (ä)"),
                        before);

        assertThat(reserve(reservation)).isEqualTo(Outcome.RESERVED);

        assertThat(ledger().find(reservation.id()))
                .contains(new LedgerEntry(reservation, null, null));
        assertThat(ledger().find(newId(ISSUER))).isEmpty();
    }

    @Test
    void eachKindAndOwnerComesBackAsItWas() {
        IssuerId made = new IssuerId("device-rsa", 7);
        for (CertificateKind kind : CertificateKind.values()) {
            Owner owner =
                    kind == CertificateKind.DEVICE
                            ? newDevice()
                            : kind.isAuthority()
                                    ? new Owner.Authority(made)
                                    : new Owner.Server("a.b:1-2_3");
            Reservation reservation =
                    withKind(LedgerStage.reservation(new IssuerId("root", 12), owner), kind);

            CertificateId id = issue(reservation);

            assertThat(found(id).reservation()).isEqualTo(reservation);
        }
    }

    @Test
    void whatIsRecordedIsValidAndStaysAsItIs() {
        Reservation reservation = ofNewDevice();
        reserve(reservation);
        CertificateId id = reservation.id();
        IssuedCertificate certificate = certificate(id);

        assertThat(ledger().record(id, certificate, NOW)).isTrue();
        assertThat(ledger().record(id, certificate, NOW)).isTrue();

        assertThat(found(id)).isEqualTo(new LedgerEntry(reservation, certificate, null));
        assertConflict(id, certificate(newId(ISSUER)));
        assertConflict(newId(ISSUER), certificate);
        assertThat(found(id).certificate()).isEqualTo(certificate);
    }

    private void assertConflict(CertificateId id, IssuedCertificate certificate) {
        assertThatExceptionOfType(LedgerConflictException.class)
                .isThrownBy(() -> ledger().record(id, certificate, NOW))
                .withMessageContaining(id.toString());
    }

    @Test
    void aSerialNumberIsGivenOnceButTheSameReservationMayBeRepeated() {
        Reservation reservation = ofNewDevice();
        assertThat(reserve(reservation)).isEqualTo(Outcome.RESERVED);

        assertThat(reserve(reservation)).isEqualTo(Outcome.RESERVED);
        assertThat(reserve(withId(ofNewDevice(), reservation.id())))
                .isEqualTo(Outcome.SERIAL_TAKEN);
        ledger().record(reservation.id(), certificate(reservation.id()), NOW);
        assertThat(reserve(reservation)).isEqualTo(Outcome.SERIAL_TAKEN);
        assertThat(reserve(withId(ofNewDevice(), newId(ISSUER.next()))))
                .isEqualTo(Outcome.RESERVED);
    }

    @Test
    void aDeviceThatIsDeletedOrDisabledGetsNothing() {
        Reservation deleted = ofNewDevice();
        Reservation disabled = ofNewDevice();
        reserve(deleted);
        reserve(disabled);
        delete(deleted.owner());
        disable(disabled.owner());

        assertThat(reserve(another(deleted))).isEqualTo(Outcome.OWNER_UNKNOWN);
        assertThat(reserve(another(disabled))).isEqualTo(Outcome.OWNER_DISABLED);
        assertThat(ledger().record(deleted.id(), certificate(deleted.id()), NOW)).isFalse();
        assertThat(found(deleted.id()).status()).isEqualTo(Status.REVOKED);
        assertThat(found(deleted.id()).certificate()).isNotNull();
        assertThat(ledger().record(disabled.id(), certificate(disabled.id()), NOW)).isTrue();
    }

    @Test
    void aDeviceHasSoManyAtATime() {
        Reservation first = ofNewDevice();
        Reservation second = another(first);
        issue(ending(another(first), NOW.minusSeconds(1)));
        assertThat(ledger().reserve(first, 2)).isEqualTo(Outcome.RESERVED);
        issue(second);

        assertThat(ledger().reserve(another(first), 2)).isEqualTo(Outcome.LIMIT_REACHED);
        assertThat(ledger().reserve(another(first), 3)).isEqualTo(Outcome.RESERVED);
        ledger().revoke(second.id(), revocation(RevocationReason.SUPERSEDED));
        ledger().abandon(first.id(), revocation(RevocationReason.UNSPECIFIED));
        assertThat(ledger().reserve(another(first), 2)).isEqualTo(Outcome.RESERVED);
        assertThat(ledger().reserve(another(first), 2)).isEqualTo(Outcome.LIMIT_REACHED);
    }

    @Test
    void aServerHasAsManyAsItLikes() {
        Reservation server = LedgerStage.reservation(ISSUER, new Owner.Server("many"));
        issue(server);

        assertThat(ledger().reserve(another(server), 1)).isEqualTo(Outcome.RESERVED);
    }

    @Test
    void aKeyBelongsToOneOwnerForEver() {
        Reservation first = ofNewDevice();
        reserve(first);
        ledger().abandon(first.id(), revocation(RevocationReason.UNSPECIFIED));

        assertThat(reserve(withKey(ofNewDevice(), first.key()))).isEqualTo(Outcome.KEY_OF_ANOTHER);
        assertThat(reserve(withKey(another(first), first.key()))).isEqualTo(Outcome.RESERVED);
    }

    @Test
    void theSameRequestBringsOneCertificateWhileThatIsGood() {
        Reservation first = asked(ofNewDevice(), NOW, "r1");
        Reservation again = asked(withKey(another(first), first.key()), NOW, "r1");
        assertThat(requested(first)).isFalse();
        reserve(first);

        assertThat(requested(first)).isTrue();
        assertThat(reserve(again)).isEqualTo(Outcome.ALREADY_REQUESTED);
        assertThat(reserve(asked(another(first), NOW, "r1"))).isEqualTo(Outcome.RESERVED);
        assertThat(reserve(asked(withId(again, newId(ISSUER)), NOW, "r2")))
                .isEqualTo(Outcome.RESERVED);

        ledger().abandon(first.id(), revocation(RevocationReason.UNSPECIFIED));
        assertThat(requested(first)).isFalse();
        issue(again);
        assertThat(
                        ledger().findRequest(
                                        first.owner(),
                                        first.key(),
                                        "r1",
                                        LedgerStage.until(NOW.plus(LIFE)).notAfter()))
                .contains(found(again.id()));
        assertThat(
                        ledger().findRequest(
                                        first.owner(),
                                        first.key(),
                                        "r1",
                                        NOW.plus(LIFE).plusSeconds(1)))
                .isEmpty();
        ledger().revoke(again.id(), revocation(RevocationReason.SUPERSEDED));
        assertThat(requested(first)).isFalse();
        Reservation third = withId(again, newId(ISSUER));
        assertThat(reserve(third)).isEqualTo(Outcome.RESERVED);
    }

    private boolean requested(Reservation by) {
        return ledger().findRequest(
                        by.owner(), by.key(), Objects.requireNonNull(by.request().key()), NOW)
                .isPresent();
    }

    @Test
    void onlyAValidCertificateOfTheOwnerRenews() {
        Reservation of = ofNewDevice();
        CertificateId valid = issue(of);
        CertificateId revoked = issue(another(of));
        ledger().revoke(revoked, revocation(RevocationReason.SUPERSEDED));
        CertificateId expired = issue(ending(another(of), NOW.minusSeconds(1)));
        Reservation reserved = another(of);
        reserve(reserved);
        CertificateId anothers = issue(ofNewDevice());

        for (CertificateId bad :
                List.of(revoked, expired, reserved.id(), anothers, newId(ISSUER))) {
            assertThat(reserve(renewing(another(of), bad))).isEqualTo(Outcome.NOT_RENEWABLE);
        }
        Reservation renewal = renewing(another(of), valid);
        assertThat(reserve(renewal)).isEqualTo(Outcome.RESERVED);
        assertThat(status(valid)).isEqualTo(Status.VALID);
    }

    // ------------------------------------------------------------------------------- abandoning

    @Test
    void whatIsNotRecordedIsAbandonedWithoutAReason() {
        Reservation reserved = ofNewDevice();
        reserve(reserved);
        CertificateId recorded = issue(ofNewDevice());
        Revocation revocation = revocation(RevocationReason.SUPERSEDED);

        assertThat(ledger().abandon(reserved.id(), revocation)).isTrue();
        assertThat(ledger().abandon(reserved.id(), revocation)).isFalse();
        assertThat(ledger().abandon(recorded, revocation)).isFalse();
        assertThat(ledger().abandon(newId(ISSUER), revocation)).isFalse();

        assertThat(found(reserved.id()).revocation()).isEqualTo(revocation.withoutReason());
        assertThat(status(recorded)).isEqualTo(Status.VALID);
        assertThat(ledger().record(reserved.id(), certificate(reserved.id()), NOW)).isFalse();
    }

    @Test
    void whatHasBeenReservedForLongIsAbandonedSomeAtATime() {
        Duration ago = Duration.ofDays(9);
        List<CertificateId> old = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Reservation reservation = asked(ofNewDevice(), NOW.minus(ago), null);
            reserve(reservation);
            old.add(reservation.id());
        }
        Reservation later = asked(ofNewDevice(), NOW.minus(ago).plusMillis(1), null);
        reserve(later);
        Revocation revocation = revocation(RevocationReason.UNSPECIFIED);

        List<CertificateId> some =
                ledger().abandonReserved(NOW.minus(ago).plusMillis(1), revocation, 2);
        List<CertificateId> rest =
                ledger().abandonReserved(NOW.minus(ago).plusMillis(1), revocation, 2);

        assertThat(some).hasSize(2);
        assertThat(rest).hasSize(1);
        some = new ArrayList<>(some);
        some.addAll(rest);
        assertThat(some).containsExactlyInAnyOrderElementsOf(old);
        assertThat(ledger().abandonReserved(NOW.minus(ago).plusMillis(1), revocation, 2)).isEmpty();
        assertThat(status(later.id())).isEqualTo(Status.RESERVED);
    }

    // --------------------------------------------------------------------------------- revoking

    @Test
    void theFirstRevocationStands() {
        CertificateId id = issue(ofNewDevice());
        Revocation first = revocation(RevocationReason.AFFILIATION_CHANGED);

        Revoked revoked = ledger().revoke(id, first).orElseThrow();
        Revoked again =
                ledger().revoke(id, revocation(RevocationReason.PRIVILEGE_WITHDRAWN)).orElseThrow();

        assertThat(revoked.changed()).containsExactly(id);
        assertThat(revoked.entry().revocation()).isEqualTo(first);
        assertThat(revoked.entry().certificate()).isNotNull();
        assertThat(again.changed()).isEmpty();
        assertThat(again.entry()).isEqualTo(revoked.entry()).isEqualTo(found(id));
        assertThat(ledger().revoke(newId(ISSUER), first)).isEmpty();
    }

    @Test
    void theCompromiseOfTheKeyTakesThePlaceOfNoReason() {
        CertificateId id = issue(ofNewDevice());
        Revocation first = revocation(RevocationReason.UNSPECIFIED);
        ledger().revoke(id, first);

        Revoked revoked =
                ledger().revoke(
                                id,
                                new Revocation(
                                        NOW.plusSeconds(9),
                                        RevocationReason.KEY_COMPROMISE,
                                        "carol"))
                        .orElseThrow();

        assertThat(revoked.changed()).containsExactly(id);
        assertThat(revoked.entry().revocation())
                .isEqualTo(new Revocation(first.time(), RevocationReason.KEY_COMPROMISE, "carol"));
    }

    @Test
    void aKeyThatOthersKnowIsNeverTakenAgainWhateverItsCertificatesWereRevokedFor() {
        Reservation first = ofNewDevice();
        Reservation second = withKey(another(first), first.key());
        issue(first);
        issue(second);
        ledger().revoke(first.id(), revocation(RevocationReason.SUPERSEDED));
        assertThat(isCompromised(first.key())).isFalse();

        Revoked revoked =
                ledger().revoke(first.id(), revocation(RevocationReason.KEY_COMPROMISE))
                        .orElseThrow();

        assertThat(revoked.changed()).containsExactly(second.id());
        assertThat(Objects.requireNonNull(revoked.entry().revocation()).reason())
                .isEqualTo(RevocationReason.SUPERSEDED);
        assertThat(isCompromised(first.key())).isTrue();
        assertThat(reserve(withKey(another(first), first.key())))
                .isEqualTo(Outcome.KEY_COMPROMISED);
        assertThat(reserve(withKey(ofNewDevice(), first.key()))).isEqualTo(Outcome.KEY_OF_ANOTHER);
    }

    @Test
    void aKeyWithoutACertificateMayBeKnownToOthersToo() {
        KeyHash key = newKey();

        assertThat(ledger().revokeKey(key, revocation(RevocationReason.KEY_COMPROMISE))).isEmpty();

        assertThat(isCompromised(key)).isTrue();
        assertThat(reserve(withKey(ofNewDevice(), key))).isEqualTo(Outcome.KEY_COMPROMISED);
    }

    @Test
    void whatIsBeingGotByMeansOfAKnownKeyIsRevokedAndWhatWasGotIsFound() {
        Reservation first = ofNewDevice();
        issue(first);
        CertificateId got = issue(renewing(another(first), first.id()));
        Reservation pending = renewing(another(first), first.id());
        reserve(pending);

        assertThat(ledger().revokeKey(first.key(), revocation(RevocationReason.KEY_COMPROMISE)))
                .containsExactlyInAnyOrder(first.id(), pending.id());

        assertThat(Objects.requireNonNull(found(pending.id()).revocation()).reason())
                .isEqualTo(RevocationReason.UNSPECIFIED);
        assertThat(status(got)).isEqualTo(Status.VALID);
        CertificateId later =
                ledger().findRenewedByKey(first.key(), Instant.MIN, null, 1).get(0).id();
        List<CertificateId> others =
                ledger().findRenewedByKey(first.key(), NOW, later, 10).stream()
                        .map(LedgerEntry::id)
                        .toList();
        assertThat(others).hasSize(1).doesNotContain(later);
        assertThat(List.of(got, pending.id())).contains(later).containsAll(others);
        assertThat(ledger().findRenewedByKey(first.key(), NOW.plusMillis(1), null, 10)).isEmpty();
        assertThat(ledger().findRenewedByKey(newKey(), Instant.MIN, null, 10)).isEmpty();
    }

    private boolean isCompromised(KeyHash key) {
        return ledger().useOf(key, NOW).compromised();
    }

    @Test
    void aKeyMayBeRevokedForAnotherReasonAndThenBeUsedAgain() {
        Reservation first = ofNewDevice();
        issue(first);

        assertThat(ledger().revokeKey(first.key(), revocation(RevocationReason.SUPERSEDED)))
                .containsExactly(first.id());

        assertThat(isCompromised(first.key())).isFalse();
        assertThat(reserve(withKey(another(first), first.key()))).isEqualTo(Outcome.RESERVED);
    }

    @Test
    void allOfAnOwnerAreRevokedThatMayStillBeUsed() {
        Revocation revocation = revocation(RevocationReason.CESSATION_OF_OPERATION);
        for (Owner owner : List.of(newDevice(), new Owner.Server("all"))) {
            Reservation of = LedgerStage.reservation(ISSUER, owner);
            CertificateId one = issue(of);
            CertificateId other = issue(another(of));
            Reservation reserved = another(of);
            reserve(reserved);
            CertificateId expired = issue(ending(another(of), NOW.minus(Duration.ofDays(2))));

            assertThat(ledger().revokeAll(owner, revocation))
                    .containsExactlyInAnyOrder(one, other, reserved.id());

            assertThat(status(expired)).isEqualTo(Status.VALID);
            assertThat(ledger().revokeAll(owner, revocation)).isEmpty();
        }
    }

    // ---------------------------------------------------------------------------------- finding

    @Test
    void theLiveCertificatesOfAnOwnerAreFoundTheLongestLivedFirst() {
        Reservation of = ofNewDevice();
        CertificateId longest = issue(ending(another(of), NOW.plus(LIFE).plusSeconds(9)));
        issue(of);
        issue(ending(another(of), NOW.minusSeconds(1)));
        CertificateId revoked = issue(another(of));
        ledger().revoke(revoked, revocation(RevocationReason.SUPERSEDED));
        issue(ofNewDevice());

        assertThat(ledger().findLive(of.owner(), NOW, 10))
                .containsExactly(found(longest), found(of.id()));
        assertThat(ledger().findLive(of.owner(), NOW, 1)).containsExactly(found(longest));
    }

    @Test
    void theCertificatesOfAnIssuerThatHaveNotExpiredAreCountedRevokedOrNot() {
        Reservation first = ofNewDevice();
        IssuerId issuer = first.id().issuer();
        long before = ledger().countUnexpired(issuer, NOW);
        CertificateId revoked = issue(first);
        ledger().revoke(revoked, revocation(RevocationReason.SUPERSEDED));
        issue(ofNewDevice());
        issue(ending(ofNewDevice(), NOW.minus(Duration.ofDays(2))));
        reserve(ofNewDevice());

        assertThat(ledger().countUnexpired(issuer, NOW)).isEqualTo(before + 2);
        assertThat(ledger().countUnexpired(new IssuerId("nobody", 1), NOW)).isZero();
    }

    @Test
    void theDayIsKnownOnWhichTheLastCertificateOfAnIssuerExpiresRevokedOrNot() {
        Reservation first = ofNewDevice();
        IssuerId issuer = first.id().issuer();
        Instant farthest = NOW.plus(Duration.ofDays(20_000));
        CertificateId revoked = issue(ending(first, farthest));
        ledger().revoke(revoked, revocation(RevocationReason.SUPERSEDED));
        issue(ofNewDevice());
        reserve(ending(ofNewDevice(), farthest.plus(Duration.ofDays(10))));

        assertThat(ledger().lastDay(issuer))
                .hasValue(LocalDate.ofInstant(farthest, ZoneOffset.UTC));
        assertThat(ledger().lastDay(new IssuerId("nobody", 1))).isEmpty();
    }

    @Test
    void whateverBecameOfTheCertificatesOfAKeyTheyAreFound() {
        Reservation first = ofNewDevice();
        CertificateId revoked = issue(first);
        ledger().revoke(revoked, revocation(RevocationReason.SUPERSEDED));
        Reservation reserved = withKey(another(first), first.key());
        reserve(reserved);

        assertThat(ledger().findByKey(first.key(), 10))
                .containsExactlyInAnyOrder(found(revoked), found(reserved.id()));
        assertThat(ledger().findByKey(first.key(), 1)).hasSize(1);
        assertThat(ledger().findByKey(newKey(), 10)).isEmpty();
    }

    @Test
    void aKeyIsInUseWhileOneOfItsCertificatesMayBeUsed() {
        Reservation first = ofNewDevice();
        KeyHash key = first.key();
        assertThat(ledger().useOf(key, NOW)).isEqualTo(new KeyUse(null, false, false));
        reserve(first);
        KeyUse inUse = new KeyUse(first.owner(), true, false);
        KeyUse past = new KeyUse(first.owner(), false, false);

        assertThat(ledger().useOf(key, NOW)).isEqualTo(inUse);
        assertThat(ledger().useOf(key, NOW.plus(LIFE).plusSeconds(1))).isEqualTo(past);
        ledger().revoke(first.id(), revocation(RevocationReason.SUPERSEDED));
        assertThat(ledger().useOf(key, NOW)).isEqualTo(past);
        issue(withKey(another(first), key));
        assertThat(ledger().useOf(key, NOW)).isEqualTo(inUse);
    }

    // ------------------------------------------------------------------------------ at one time

    @Test
    void ofManyWhoWantOneKeyAtATimeOneGetsIt() throws Exception {
        KeyHash key = newKey();
        List<Callable<Outcome>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Reservation reservation = withKey(ofNewDevice(), key);
            calls.add(() -> reserve(reservation));
        }

        assertThat(atOnce(calls))
                .containsOnly(Outcome.RESERVED, Outcome.KEY_OF_ANOTHER)
                .containsOnlyOnce(Outcome.RESERVED);
    }

    @Test
    void aKeyThatBecomesKnownIsReservedBeforeOrNever() throws Exception {
        for (int round = 0; round < 5; round++) {
            Reservation reservation = ofNewDevice();
            Revocation known = revocation(RevocationReason.KEY_COMPROMISE);

            List<Object> answers =
                    atOnce(
                            List.of(
                                    () -> reserve(reservation),
                                    () -> ledger().revokeKey(reservation.key(), known)));

            if (answers.get(0) == Outcome.RESERVED) {
                assertThat(answers.get(1).toString()).contains(reservation.id().toString());
                assertThat(status(reservation.id())).isEqualTo(Status.REVOKED);
            } else {
                assertThat(answers.get(0)).isEqualTo(Outcome.KEY_COMPROMISED);
            }
        }
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> call : calls) {
                futures.add(
                        threads.submit(
                                () -> {
                                    start.await();
                                    return call.call();
                                }));
            }
            List<T> answers = new ArrayList<>();
            for (Future<T> future : futures) {
                answers.add(future.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }
}
