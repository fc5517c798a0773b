package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.renewing;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.serials;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What two want of one certificate, one device or one key at the same time. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRacesTest {

    private static final int ROUNDS = 25;
    private static final int DEADLOCK_ROUNDS = 10;

    private static @Nullable CertificateFixture opened;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private CertificateFixture registry;
    private CertificateRegistry certificates;
    private CertificateRevocations revocations;

    /** Without it JUnit does not tell {@link #open} the kind either. */
    CertificateRacesTest(TestDatabase kind) {}

    @BeforeParameterizedClassInvocation
    static void open(TestDatabase kind, @TempDir Path folder) throws IOException {
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));
        RegistrySettings settings = kind.settings(folder);
        opened =
                new CertificateFixture(
                        RegistryDatabase.open(
                                kind == TestDatabase.POSTGRESQL ? strict(settings) : settings,
                                cipher));
    }

    /** Transactions that wait for each other in a circle fail, where else one is repeated. */
    private static RegistrySettings strict(RegistrySettings settings) {
        return new RegistrySettings(
                settings.jdbcUrl() + "&options=-c%20deadlock_timeout%3D60s",
                settings.username(),
                settings.password(),
                settings.connectionsMax(),
                settings.timeout());
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    @BeforeEach
    void begin() {
        registry = Objects.requireNonNull(opened);
        registry.begin();
        certificates = registry.certificates;
        revocations = registry.revocations;
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @SafeVarargs
    private <T> List<T> atOnce(Callable<T>... calls) throws Exception {
        CyclicBarrier begin = new CyclicBarrier(calls.length);
        List<Future<T>> futures = new ArrayList<>();
        for (Callable<T> call : calls) {
            futures.add(
                    threads.submit(
                            () -> {
                                begin.await();
                                return call.call();
                            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(future.get());
        }
        return results;
    }

    private Optional<Revocation> revoked(long serial, int reason) {
        return revocations.revoke(id(serial), revocation(reason)).certificate().revocation();
    }

    @Test
    void ofTwoRevocationsAndARecordOneRevocationStands() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long number = serial;
            assertThat(certificates.reserve(reservation(number, DEVICE), MANY)).isEmpty();

            List<Optional<Revocation>> told =
                    atOnce(
                            () -> revoked(number, 4),
                            () -> revoked(number, 5),
                            () -> {
                                certificates.record(id(number), der(id(number)), NOW);
                                return Optional.empty();
                            });

            Certificate found = registry.found(id(number));
            assertThat(found.revocation())
                    .isPresent()
                    .isEqualTo(told.get(0))
                    .isEqualTo(told.get(1));
            assertThat(found.issuance()).isPresent();
        }
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, ROUNDS, 0));
        assertThat(registry.revoked(ISSUER, Position.BEGIN, 7)).hasSize(ROUNDS);
    }

    @Test
    void aDeviceThatIsDeletedWhileItGetsACertificateHasNone() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long reserved = 2L * serial;
            assertThat(certificates.reserve(reservation(reserved, DEVICE), MANY)).isEmpty();

            atOnce(
                    () -> certificates.reserve(reservation(reserved + 1, DEVICE), MANY).isEmpty(),
                    () -> certificates.record(id(reserved), der(id(reserved)), NOW),
                    () -> {
                        registry.delete(DEVICE);
                        return true;
                    });

            registry.create(DEVICE);
            assertThat(registry.found(id(reserved)).status()).isEqualTo(CertificateStatus.REVOKED);
            assertThat(certificates.find(id(reserved + 1)).map(Certificate::status))
                    .isIn(Optional.empty(), Optional.of(CertificateStatus.REVOKED));
        }
    }

    @Test
    void ofTwoDevicesThatWantOneKeyOneGetsIt() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long number = 2L * serial;
            Sha256 key = hash("shared " + serial);

            List<Optional<CertificateRefusal>> outcomes =
                    atOnce(
                            () ->
                                    certificates.reserve(
                                            withKey(reservation(number, DEVICE), key), MANY),
                            () ->
                                    certificates.reserve(
                                            withKey(reservation(number + 1, OTHER), key), MANY));

            assertThat(outcomes)
                    .containsExactlyInAnyOrder(
                            Optional.empty(), Optional.of(CertificateRefusal.KEY_OF_ANOTHER));
        }
    }

    @Test
    void ofOneDevicesRequestsNoMoreAreReservedThanItMayHave() throws Exception {
        List<Optional<CertificateRefusal>> outcomes =
                atOnce(
                        () -> certificates.reserve(reservation(1, DEVICE), 2),
                        () -> certificates.reserve(reservation(2, DEVICE), 2),
                        () -> certificates.reserve(reservation(3, DEVICE), 2),
                        () -> certificates.reserve(reservation(4, DEVICE), 2));

        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(CertificateRefusal.TOO_MANY),
                        Optional.of(CertificateRefusal.TOO_MANY));
    }

    @Test
    void nothingOfACompromisedKeyIsReservedPastItsRevocation() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long number = 2L * serial;
            Sha256 key = hash("stolen " + serial);
            registry.issue(withKey(reservation(number, DEVICE), key));

            atOnce(
                    () ->
                            certificates
                                    .reserve(withKey(reservation(number + 1, DEVICE), key), MANY)
                                    .isEmpty(),
                    () -> revocations.revokeKey(key, revocation(1)).isEmpty());

            assertThat(certificates.findByPublicKey(key, 10))
                    .allSatisfy(
                            each -> assertThat(each.status()).isEqualTo(CertificateStatus.REVOKED));
        }
    }

    /** Whoever stole a key asks for another certificate while the theft is told. */
    @Test
    void nothingIsRenewedByMeansOfACompromisedKeyPastItsRevocation() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long stolen = 2L * serial;
            long next = stolen + 1;
            registry.issue(stolen, DEVICE);

            atOnce(
                    () ->
                            certificates
                                    .reserve(renewing(reservation(next, DEVICE), id(stolen)), MANY)
                                    .isEmpty(),
                    () -> revocations.revoke(id(stolen), revocation(1)).changed().isEmpty());

            if (certificates.find(id(next)).isPresent()) {
                assertThat(certificates.record(id(next), der(id(next)), NOW)).isFalse();
            }
        }
    }

    /** A device that should have no certificate is disabled, and then all are revoked. */
    @Test
    void aDeviceThatIsDisabledBeforeAllIsRevokedKeepsNone() throws Exception {
        for (int serial = 1; serial <= ROUNDS; serial++) {
            long number = serial;
            registry.delete(DEVICE);
            registry.create(DEVICE);

            atOnce(
                    () -> certificates.reserve(reservation(number, DEVICE), MANY).isEmpty(),
                    () -> {
                        registry.disable(DEVICE);
                        return revocations
                                .revokeSome(DEVICE, revocation(9), Optional.empty(), 100)
                                .revoked()
                                .isEmpty();
                    });

            assertThat(certificates.findLive(CertificateFixture.owner(DEVICE), NOW, 10)).isEmpty();
        }
    }

    /** Each renews what is revoked, and is revoked itself, from the other end of the list. */
    @Test
    void whoRecordsRenewalsAndWhoRevokesDoNotWaitForEachOtherInACircle() throws Exception {
        for (int round = 0; round < DEADLOCK_ROUNDS; round++) {
            Map<CertificateId, byte[]> renewals = renewals(100L * round);

            atOnce(
                    () -> certificates.record(renewals, NOW).isEmpty(),
                    () ->
                            revocations
                                    .revokeSome(DEVICE, revocation(9), Optional.empty(), 200)
                                    .revoked()
                                    .isEmpty());

            registry.delete(DEVICE);
            registry.create(DEVICE);
        }
    }

    /** Those who issue at one time share a transaction, whatever each has come to. */
    @Test
    void whoReservesAndRecordsTogetherAndWhoRevokesOrDeletesDoNotWaitForEachOtherInACircle()
            throws Exception {
        for (int round = 0; round < DEADLOCK_ROUNDS / 2; round++) {
            long before = 100L * round;
            Map<CertificateId, byte[]> signed = renewals(before);
            Map<Reservation, Integer> wanted = nextOnes(before);

            atOnce(
                    () -> certificates.write(wanted, signed, NOW).refused().isEmpty(),
                    () ->
                            revocations
                                    .revokeSome(DEVICE, revocation(9), Optional.empty(), 200)
                                    .revoked()
                                    .isEmpty(),
                    () -> revocations.revoke(id(before + 7), revocation(1)).changed().isEmpty(),
                    () -> {
                        registry.delete(DEVICE);
                        return true;
                    });

            registry.create(DEVICE);
            assertThat(certificates.findLive(CertificateFixture.owner(DEVICE), NOW, 10)).isEmpty();
            signed.keySet()
                    .forEach(
                            id ->
                                    assertThat(registry.found(id).status())
                                            .isEqualTo(CertificateStatus.REVOKED));
        }
    }

    /** Of two devices, by means of what is renewed at the same time. */
    private static Map<Reservation, Integer> nextOnes(long before) {
        Map<Reservation, Integer> wanted = new HashMap<>();
        for (long i = 1; i <= 10; i++) {
            wanted.put(renewing(reservation(before + 50 + i, DEVICE), id(before + 21 - i)), MANY);
            wanted.put(reservation(before + 70 + i, OTHER), MANY);
        }
        return wanted;
    }

    /** Reserved, and not recorded yet: the first renews the last, and so on. */
    private Map<CertificateId, byte[]> renewals(long before) {
        List<Reservation> first = new ArrayList<>();
        List<Reservation> second = new ArrayList<>();
        for (long i = 1; i <= 20; i++) {
            first.add(reservation(before + i, DEVICE));
            second.add(renewing(reservation(before + 41 - i, DEVICE), id(before + i)));
        }
        assertThat(certificates.reserve(first, MANY)).isEmpty();
        certificates.record(ders(first), NOW);
        assertThat(certificates.reserve(second, MANY)).isEmpty();
        return ders(second);
    }

    private static Map<CertificateId, byte[]> ders(List<Reservation> reservations) {
        Map<CertificateId, byte[]> ders = new HashMap<>();
        reservations.forEach(each -> ders.put(each.id(), der(each.id())));
        return ders;
    }

    /** Whoever follows the list while others revoke misses none. */
    @Test
    void aFollowerOfRevocationsMissesNone() throws Exception {
        for (int serial = 1; serial <= 3 * ROUNDS; serial++) {
            registry.issue(serial, DEVICE);
        }
        List<RevokedCertificate> followed = new ArrayList<>();
        CountDownLatch revoking = new CountDownLatch(3);

        atOnce(
                () -> revokeAll(1, revoking),
                () -> revokeAll(2, revoking),
                () -> revokeAll(3, revoking),
                () -> follow(followed, revoking));

        assertThat(serials(followed))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 3 * ROUNDS)
                                .mapToObj(serial -> id(serial).serial())
                                .toList());
    }

    private boolean revokeAll(int first, CountDownLatch revoking) {
        for (long serial = first; serial <= 3 * ROUNDS; serial += 3) {
            revocations.revoke(id(serial), revocation(4));
        }
        revoking.countDown();
        return true;
    }

    private boolean follow(List<RevokedCertificate> followed, CountDownLatch revoking) {
        boolean isLast;
        Position last = Position.BEGIN;
        do {
            isLast = revoking.getCount() == 0;
            followed.addAll(registry.revoked(ISSUER, last, 10));
            if (!followed.isEmpty()) {
                last = followed.get(followed.size() - 1).position();
            }
        } while (!isLast);
        return true;
    }

    @Test
    void noTwoCrlsHaveOneNumber() throws Exception {
        List<List<Long>> numbers = atOnce(this::crlNumbers, this::crlNumbers);

        assertThat(numbers.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 2 * ROUNDS).boxed().toList());
        assertThat(numbers.get(0)).isSorted();
    }

    private List<Long> crlNumbers() {
        return LongStream.range(0, ROUNDS)
                .mapToObj(i -> revocations.nextCrlNumber(ISSUER, 0))
                .toList();
    }
}
