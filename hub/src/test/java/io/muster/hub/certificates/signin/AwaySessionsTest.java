package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.signin.AwaySessions.Due;
import io.muster.hub.certificates.trust.ListChange;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose session ends when a list is in force, or it is over with an authority. */
@Timeout(20)
class AwaySessionsTest {

    private static final String ISSUER = "sha256:" + "a".repeat(64);
    private static final CrlPartition PARTITION = partition(new Authority("a"));
    private static final int MANY = 2_500;
    private static final long LAST = 1_000_000;

    private long changes;
    private final FakeClients clients = new FakeClients();
    private final KnownCertificates registry = new KnownCertificates();
    private final Set<CertificateId> bad = new HashSet<>();
    private final AtomicBoolean areOwnersKnown = new AtomicBoolean(true);
    private final AtomicInteger ownersAsked = new AtomicInteger();
    private final CertificateSessions sessions =
            new CertificateSessions(
                    (ids, now) -> devices(ids),
                    id -> true,
                    Duration.ofSeconds(10),
                    Clock.systemUTC());
    private final AwaySessions away =
            new AwaySessions(registry, sessions, id -> !bad.contains(id), Clock.systemUTC());

    private Map<DeviceId, Set<CertificateId>> devices(Collection<CertificateId> ids) {
        ownersAsked.incrementAndGet();
        if (!areOwnersKnown.get()) {
            throw new RegistryUnavailableException("away");
        }
        return ids.stream()
                .collect(
                        Collectors.toMap(
                                id -> new DeviceId("demo", "d" + id.number()), id -> Set.of()));
    }

    private static CrlPartition partition(Authority authority) {
        return IssuerRevocations.of(authority.certificate(), Clock.systemUTC())
                .withPartitions(List.of(Optional.empty()), CrlScope.END_ENTITY, false)
                .partitions()
                .iterator()
                .next();
    }

    @AfterEach
    void close() {
        away.close();
        sessions.close();
    }

    private static CertificateId id(long serial) {
        return CertificateId.of(ISSUER, BigInteger.valueOf(serial));
    }

    private void known(long from, long to) {
        LongStream.rangeClosed(from, to).forEach(serial -> registry.add(id(serial)));
    }

    private static RevokedSerials serials(long from, long to) {
        return RevokedSerials.of(list(from, to));
    }

    private static List<BigInteger> list(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(BigInteger::valueOf).toList();
    }

    /** Of one list after the other. */
    private Due due(RevokedSerials before, RevokedSerials now) {
        return Due.of(new ListChange(PARTITION, ++changes, before, now, Set.of(ISSUER), Set.of()));
    }

    private void awaitForgotten(int count) {
        await().until(() -> clients.forgotten().size() >= count);
        assertThat(clients.forgotten()).hasSize(count);
    }

    @Test
    void whoIsNewOnTheListAndKnownHereButNotWhoWasOnItBefore() {
        known(1, 10);
        away.settle(due(serials(1, 3), serials(1, 5)), clients);
        awaitForgotten(2);
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d4", "demo/d5");
        assertThat(registry.pages()).as("of ten, for two").isZero();
    }

    @Test
    void aLargeListIsNotAskedForOneByOneButCompared() {
        known(1, 1_001);
        away.settle(due(RevokedSerials.none(), serials(1_001, 60_000)), clients);
        awaitForgotten(1);
        assertThat(registry.pages()).isEqualTo(2);
        assertThat(registry.lookUps()).isZero();
    }

    @Test
    void whatIsLookedUpIsSoAThousandAtATime() {
        known(1, 3 * MANY);
        away.settle(due(RevokedSerials.none(), serials(1, MANY)), clients);
        awaitForgotten(MANY);
        assertThat(registry.lookUps()).isEqualTo(3);
    }

    @Test
    void allThatAreBelowAnAuthorityWithWhichItIsOver() {
        known(1, 3);
        bad.addAll(List.of(id(1), id(3)));
        away.settle(Due.ofEnded(Set.of(ISSUER)), clients);
        awaitForgotten(2);
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d1", "demo/d3");
    }

    /** Several lists that come in an outage are one change, from the first to the last. */
    @ParameterizedTest
    @CsvSource({"false, 0", "false, 1", "true, 0", "true, 1"})
    void whatTheRegistryDoesNotSayIsAskedAgainInWhicheverOrderListsFail(
            boolean isLaterFirst, int failedRetries) {
        known(1, 10);
        registry.setAway(true);
        List<Due> lists =
                new ArrayList<>(
                        List.of(
                                due(serials(1, 1), serials(1, 2)),
                                due(serials(1, 2), serials(1, 3))));
        if (isLaterFirst) {
            Collections.reverse(lists);
        }
        away.settle(lists.get(0), clients);
        awaitRefused(1);
        for (int i = 0; i < failedRetries; i++) {
            againUntilRefused(2 + i);
        }
        away.settle(lists.get(1), clients);
        awaitRefused(2 + failedRetries);
        againUntilRefused(3 + failedRetries);
        registry.setAway(false);
        againUntilForgotten(2);
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d2", "demo/d3");
        away.again(clients);
        awaitDone();
        assertThat(clients.forgotten()).hasSize(3);
    }

    /** All that was begun: one thread does it, in this order. */
    private void awaitDone() {
        registry.add(id(LAST));
        away.settle(due(RevokedSerials.none(), serials(LAST, LAST)), clients);
        await().until(() -> clients.forgotten().contains("demo/d" + LAST));
    }

    /** As one on hold (RFC 5280, 5.3.1). */
    @Test
    void whoIsTakenOffTheListWhileTheRegistryIsAwayKeepsHisSession() throws CrlRefusedException {
        Authority authority = new Authority("b");
        CrlPartition partition = partition(authority);
        X509Certificate held = authority.issue(Wanted.of("CN=held")).certificate();
        X509Certificate other = authority.issue(Wanted.of("CN=other")).certificate();
        for (X509Certificate each : List.of(held, other)) {
            registry.add(CertificateId.of(ISSUER, each.getSerialNumber()));
        }
        RevokedSerials both =
                partition.accept(authority.crl(1, Duration.ofDays(1), held, other)).revoked();
        registry.setAway(true);
        away.settle(
                Due.of(
                        new ListChange(
                                partition,
                                ++changes,
                                RevokedSerials.none(),
                                both,
                                Set.of(ISSUER),
                                Set.of())),
                clients);
        awaitRefused(1);
        var unused = partition.accept(authority.crl(2, Duration.ofDays(1), other));
        registry.setAway(false);
        againUntilForgotten(1);
        awaitDone();
        assertThat(clients.forgotten())
                .containsExactly("demo/d" + other.getSerialNumber(), "demo/d" + LAST);
    }

    @Test
    void whoIsTakenOffAndPutOnItOnceMoreInAnOutageIsNew() {
        known(1, 10);
        registry.setAway(true);
        away.settle(due(serials(1, 1), serials(2, 2)), clients);
        awaitRefused(1);
        away.settle(due(serials(2, 2), serials(1, 2)), clients);
        awaitRefused(2);
        againUntilRefused(3);
        registry.setAway(false);
        againUntilForgotten(2);
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d1", "demo/d2");
    }

    @Test
    void whatWasLookedUpBeforeTheRegistryWentAwayIsNotLookedUpAgain() {
        known(1, 3 * MANY);
        registry.awayAfter(1);
        away.settle(due(RevokedSerials.none(), serials(1, MANY)), clients);
        awaitRefused(1);
        assertThat(clients.forgotten()).hasSize(1_000);
        registry.setAway(false);
        againUntilForgotten(MANY);
        assertThat(registry.lookUps()).isEqualTo(3);
    }

    @Test
    void aListIsNotLookedUpToItsEndBeforeItIsTheTurnOfAnother() {
        known(1, 3 * MANY);
        synchronized (registry) { // nothing is answered before both are there
            away.settle(due(RevokedSerials.none(), serials(1, MANY)), clients);
            away.settle(due(RevokedSerials.none(), serials(3 * MANY, 3 * MANY)), clients);
        }
        awaitForgotten(MANY + 1);
        assertThat(clients.forgotten().indexOf("demo/d" + 3 * MANY)).isEqualTo(1_000);
    }

    private void awaitRefused(int times) {
        await().until(() -> registry.refused() >= times);
    }

    private void againUntilRefused(int times) {
        await().until(
                        () -> {
                            away.again(clients);
                            return registry.refused() >= times;
                        });
    }

    private void againUntilForgotten(int count) {
        await().until(
                        () -> {
                            away.again(clients);
                            return clients.forgotten().size() >= count;
                        });
        assertThat(clients.forgotten()).hasSize(count);
    }

    @Test
    void whatWasLookedAtBeforeTheRegistryWentAwayIsNotLookedAtAgain() {
        known(1, 5_500);
        LongStream.rangeClosed(1, 5_500).forEach(serial -> bad.add(id(serial)));
        registry.awayAfter(3);
        away.settle(Due.ofEnded(Set.of(ISSUER)), clients);
        awaitRefused(1);
        assertThat(clients.forgotten()).hasSize(3_000);
        registry.setAway(false);
        againUntilForgotten(5_500);
        assertThat(registry.pages()).isEqualTo(6);
    }

    /** What is over stays in the registry for ever, and may be much more than what is good. */
    @Test
    void ofAnIssuerNoMoreAreLookedAtThanAreOnTheListAndTheOthersLookedUp() {
        known(1, 2);
        LongStream.rangeClosed(3, 5_000).forEach(serial -> registry.addOver(id(serial)));
        known(5_001, 5_100);
        away.settle(due(RevokedSerials.none(), serials(1, 1).with(list(4_501, 5_999))), clients);
        awaitForgotten(101);
        assertThat(registry.pages()).isEqualTo(2);
        assertThat(registry.lookUps()).isEqualTo(2);
    }

    @Test
    void whatIsNotKnownOfOwnersIsAskedAgainToo() {
        known(1, 10);
        areOwnersKnown.set(false);
        away.settle(due(RevokedSerials.none(), serials(1, 2)), clients);
        await().until(() -> ownersAsked.get() == 1);
        areOwnersKnown.set(true);
        againUntilForgotten(2);
        int asked = ownersAsked.get();
        sessions.again(clients);
        sessions.close();
        assertThat(ownersAsked).as("nothing of it waits elsewhere").hasValue(asked);
    }

    /** As one on hold (RFC 5280, 5.3.1). */
    @Test
    void whoIsTakenFromTheListAndPutOnItOnceMore() {
        known(1, 10);
        away.settle(due(RevokedSerials.none(), serials(1, 1)), clients);
        awaitForgotten(1);
        away.settle(due(serials(1, 1), RevokedSerials.none()), clients);
        away.settle(due(RevokedSerials.none(), serials(1, 1)), clients);
        awaitForgotten(2);
    }

    @Test
    void whatWaitsForALookThatFailsWaitsForTheNextOne(@TempDir Path folder) {
        known(1, 10);
        WatchedTrust.Sources nobody =
                new WatchedTrust.Sources(
                        List.of(),
                        (issuer, after, limit) -> List.of(),
                        Duration.ofHours(1),
                        folder);
        try (WatchedTrust trust =
                WatchedTrust.open(
                        HubConfig.Certificates.NONE,
                        nobody,
                        new SimpleMeterRegistry(),
                        Clock.systemUTC())) {
            CertificateConnections connections =
                    new CertificateConnections(
                            trust.trust(),
                            sessions,
                            away,
                            new SimpleMeterRegistry(),
                            Clock.systemUTC());
            ClientCertificateCheck check = trust.trust().check();
            away.add(due(RevokedSerials.none(), serials(1, 1)));
            assertThatIllegalStateException()
                    .as("nobody ends connections yet")
                    .isThrownBy(() -> connections.review(check));
            assertThat(connections.isReviewDue()).isTrue();

            connections.endBy(clients);
            connections.review(check).toCompletableFuture().join();
            awaitForgotten(1);
            assertThat(connections.isReviewDue()).isFalse();
        }
    }

    @Test
    void whatIsAddedWaitsForWhoLooksAtThoseWhoAreConnected() {
        known(1, 10);
        away.add(due(RevokedSerials.none(), serials(1, 1)));
        away.again(clients);
        assertThat(clients.forgotten()).isEmpty();
        away.settle(away.take(), clients);
        awaitForgotten(1);
        assertThat(away.take().isNothing()).isTrue();
    }
}
