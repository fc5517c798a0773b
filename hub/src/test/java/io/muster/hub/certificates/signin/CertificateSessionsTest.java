package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whose session ends when a certificate is revoked. */
class CertificateSessionsTest {

    private static final CertificateId ID = new CertificateId("device-ec-g1", "0123456789abcdef");
    private static final CertificateId OTHER =
            new CertificateId("device-rsa-g1", "0123456789abcdef");
    private static final DeviceId DEVICE = new DeviceId("demo", "d1");

    private final FakeClients clients = new FakeClients();
    private final Map<DeviceId, Set<CertificateId>> others = new HashMap<>();
    private final Set<CertificateId> bad = new HashSet<>();
    private final CountDownLatch registryAnswers = new CountDownLatch(1);
    private boolean isAway;
    private int reads;
    private CertificateSessions sessions = within(Duration.ofSeconds(30));

    private CertificateSessions within(Duration deadline) {
        return new CertificateSessions(
                (ids, now) -> {
                    reads++;
                    if (isAway) {
                        throw new RegistryUnavailableException("away");
                    }
                    return Map.copyOf(others);
                },
                id -> !bad.contains(id),
                deadline,
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        registryAnswers.countDown();
        sessions.close();
    }

    private ConnectedClient expelled() {
        FakeClients others = new FakeClients();
        others.connectAs("device:" + DEVICE, DEVICE.toString());
        return others.find(DEVICE.toString()).orElseThrow();
    }

    private void revoked(ConnectedClient... expelled) {
        sessions.revoked(List.of(ID), List.of(expelled), clients).toCompletableFuture().join();
    }

    @Test
    void thatOfADeviceWithoutAnotherOneWhetherItWasConnectedOrAway() {
        others.put(DEVICE, Set.of());
        revoked();
        assertThat(clients.forgotten()).containsExactly("demo/d1");
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1", "demo/d1");
    }

    @Test
    void notThatOfADeviceWithAnotherOne() {
        others.put(DEVICE, Set.of(OTHER));
        revoked();
        revoked(expelled());
        assertThat(clients.forgotten()).isEmpty();
    }

    /** As one that another authority has on its list, or whose issuer is revoked. */
    @Test
    void thatOfADeviceWhoseOtherOneLetsNobodyIn() {
        others.put(DEVICE, Set.of(OTHER));
        bad.add(OTHER);
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
    }

    /** They are asked for in parts. */
    @Test
    void ofThousandsAtOnceNoneThatHasAnotherOne() {
        List<CertificateId> all = new ArrayList<>();
        List<ConnectedClient> connected = new ArrayList<>();
        FakeClients before = new FakeClients();
        for (int i = 1; i <= 2_500; i++) {
            DeviceId device = new DeviceId("demo", "many" + i);
            all.add(CertificateId.of("device-ec-g1", BigInteger.valueOf(i)));
            before.connectAs("device:" + device, device.toString());
            connected.add(before.find(device.toString()).orElseThrow());
        }
        try (CertificateSessions ofMany =
                new CertificateSessions(
                        (ids, now) ->
                                ids.stream()
                                        .collect(
                                                Collectors.toMap(
                                                        id -> device(id),
                                                        id ->
                                                                id.number().intValue() == 7
                                                                        ? Set.of()
                                                                        : Set.of(OTHER))),
                        id -> true,
                        Duration.ofSeconds(30),
                        Clock.systemUTC())) {
            ofMany.revoked(all, connected, clients).toCompletableFuture().join();
        }
        assertThat(clients.forgotten()).containsExactly("demo/many7");
    }

    private static DeviceId device(CertificateId id) {
        return new DeviceId("demo", "many" + id.number());
    }

    /** As one of an authority that binds nobody. */
    @Test
    void thatOfWhoWasConnectedWithOneThatTheRegistryDoesNotKnow() {
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
    }

    /** Since it is told once by whoever revokes and once by whoever follows the registry. */
    @Test
    void onceAndNotAgainWhenItIsToldAgain() {
        others.put(DEVICE, Set.of());
        revoked();
        revoked();
        assertThat(clients.forgotten()).hasSize(1);
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void atOnceIfItIsNotKnownAndItWasConnectedAndLaterIfItWasAway() {
        isAway = true;
        others.put(DEVICE, Set.of());
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
        sessions.again(clients);
        await().until(() -> reads == 2);

        isAway = false;
        await().untilAsserted(
                        () -> {
                            sessions.again(clients);
                            assertThat(clients.forgotten()).hasSize(2);
                        });
        int then = reads;
        sessions.again(clients);
        assertThat(reads).as("nothing is left to look for").isEqualTo(then);
    }

    /** The one that was connected may have been on the list of another authority before. */
    @Test
    void alsoIfItIsRevokedHereAfterOneThatWaitedForTheRegistry() {
        isAway = true;
        others.put(DEVICE, Set.of());
        revoked(expelled());
        isAway = false;
        await().untilAsserted(
                        () -> {
                            sessions.again(clients);
                            assertThat(clients.forgotten()).hasSize(2);
                        });
        revoked();
        assertThat(clients.forgotten()).hasSize(3);
    }

    @Test
    void notAtAllIfItIsRevokedByOthersAndNotKnownInTimeWhichIsToldToTheCaller() {
        sessions.close();
        sessions = within(Duration.ofMillis(100));
        isAway = true;
        assertThat(sessions.revokedByOthers(List.of(ID), clients))
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RegistryUnavailableException.class);
        assertThat(clients.forgotten()).isEmpty();
        sessions.again(clients);
        sessions.close();
        assertThat(sessions.revokedByOthers(List.of(ID), clients))
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RegistryUnavailableException.class);
        assertThat(reads).isEqualTo(1);
    }

    /** Each second it is tried again. */
    @Test
    void whatWaitsForTheRegistryIsLoggedOnceAndWhatIsTooManyToo() {
        Logger log = (Logger) LoggerFactory.getLogger(CertificateSessions.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        log.addAppender(logged);
        try {
            isAway = true;
            List<CertificateId> many =
                    LongStream.rangeClosed(1, 100_001)
                            .mapToObj(i -> CertificateId.of("g1", BigInteger.valueOf(i)))
                            .toList();
            sessions.revoked(many, List.of(), clients).toCompletableFuture().join();
            assertThat(logged.list)
                    .filteredOn(each -> each.getLevel() == Level.ERROR)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .singleElement()
                    .asString()
                    .contains("stay until they expire", "certificates=1");
            int before = logged.list.size();
            int asked = reads;
            for (int time = 0; time < 2; time++) {
                sessions.again(clients);
                awaitAnswer();
            }
            assertThat(reads).isEqualTo(asked + 4);
            assertThat(logged.list).hasSize(before);
        } finally {
            log.detachAppender(logged);
        }
    }

    /** What was asked before is answered: one thread asks. */
    private void awaitAnswer() {
        assertThatThrownBy(
                        () ->
                                sessions.revokedByOthers(
                                                List.of(CertificateId.of("g2", BigInteger.ONE)),
                                                clients)
                                        .toCompletableFuture()
                                        .join())
                .hasCauseInstanceOf(RegistryUnavailableException.class);
    }

    @Test
    void withoutWaitingLongForTheRegistry() {
        sessions.close();
        sessions =
                new CertificateSessions(
                        (ids, now) -> {
                            awaitForever();
                            return Map.of(DEVICE, Set.of(OTHER));
                        },
                        id -> true,
                        Duration.ofMillis(100),
                        Clock.systemUTC());
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
    }

    private void awaitForever() {
        try {
            registryAnswers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
