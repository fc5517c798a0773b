package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.signin.AwaySessions.Due;
import io.muster.hub.certificates.trust.ListChange;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose session ends when a list is in force, or it is over with an authority. */
@Timeout(20)
class AwaySessionsTest {

    private static final String ISSUER = "sha256:" + "a".repeat(64);
    private static final CrlPartition PARTITION = partition();
    private static final int MANY = 2_500;

    private final FakeClients clients = new FakeClients();
    private final KnownCertificates registry = new KnownCertificates();
    private final Set<CertificateId> bad = new HashSet<>();
    private final CertificateSessions sessions =
            new CertificateSessions(
                    (ids, now) ->
                            ids.stream()
                                    .collect(
                                            Collectors.toMap(
                                                    id -> new DeviceId("demo", "d" + id.number()),
                                                    id -> Set.of())),
                    id -> true,
                    Duration.ofSeconds(10),
                    Clock.systemUTC());
    private final AwaySessions away =
            new AwaySessions(registry, sessions, id -> !bad.contains(id), Clock.systemUTC());

    private static CrlPartition partition() {
        return IssuerRevocations.of(new Authority("a").certificate(), Clock.systemUTC())
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
        return RevokedSerials.of(
                LongStream.rangeClosed(from, to).mapToObj(BigInteger::valueOf).toList());
    }

    private static Due due(RevokedSerials before, RevokedSerials now) {
        return Due.of(new ListChange(PARTITION, before, now, Set.of(ISSUER), Set.of()));
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
        away.settle(new Due(Map.of(), Set.of(ISSUER)), clients);
        awaitForgotten(2);
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d1", "demo/d3");
    }

    /** Several lists that come in an outage are one change, from the first to the last. */
    @Test
    void whatTheRegistryDoesNotSayIsAskedAgain() {
        known(1, 10);
        registry.setAway(true);
        away.settle(due(serials(1, 1), serials(1, 2)), clients);
        away.settle(due(serials(1, 2), serials(1, 3)), clients);
        await().until(() -> registry.refused() == 2);
        registry.setAway(false);
        await().until(
                        () -> {
                            away.again(clients);
                            return clients.forgotten().size() == 2;
                        });
        assertThat(clients.forgotten()).containsExactlyInAnyOrder("demo/d2", "demo/d3");
        away.again(clients);
        assertThat(clients.forgotten()).hasSize(2);
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
