package io.muster.broker;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.WILL_DELAY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection whose client is trusted no more ends, and no other does. */
class ExpelledClientTest {

    private static final Admissions ADMISSIONS = new Admissions();
    private static final BrokerFixture BROKER = start();

    /** Knows each connection, and lets those wait that a test holds. */
    private static final class Admissions implements ClientObserver {

        final Map<String, List<ConnectedClient>> connections = new ConcurrentHashMap<>();
        final Map<String, CompletableFuture<Admission>> held = new ConcurrentHashMap<>();
        final List<String> disconnected = new CopyOnWriteArrayList<>();
        final Set<String> willless = ConcurrentHashMap.newKeySet();

        @Override
        public boolean mayLeaveWill(ConnectedClient client) {
            return !willless.contains(client.sentClientIdentifier());
        }

        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            connections
                    .computeIfAbsent(
                            client.sentClientIdentifier(), name -> new CopyOnWriteArrayList<>())
                    .add(client);
            return held.getOrDefault(
                    client.sentClientIdentifier(),
                    CompletableFuture.completedFuture(Admission.ADMITTED));
        }

        ConnectedClient last(String clientIdentifier) {
            List<ConnectedClient> all = connections.getOrDefault(clientIdentifier, List.of());
            return all.get(all.size() - 1);
        }

        int count(String clientIdentifier) {
            return connections.getOrDefault(clientIdentifier, List.of()).size();
        }

        @Override
        public void disconnected(ConnectedClient client) {
            disconnected.add(client.sentClientIdentifier());
        }

        @Override
        public void published(ConnectedClient client) {}
    }

    private static BrokerFixture start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = ADMISSIONS;
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static boolean expel(ConnectedClient connection) {
        return BROKER.broker()
                .clients()
                .expel(connection)
                .toCompletableFuture()
                .orTimeout(900, TimeUnit.MILLISECONDS)
                .join();
    }

    private static boolean forgetIfAway(String name, String principal) {
        return BROKER.broker()
                .clients()
                .forgetIfAway(name, principal)
                .toCompletableFuture()
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
    }

    private static String principal(String name) {
        return ADMISSIONS.last(name).identity().principal();
    }

    private static RawClient lasting(int level, String name, String topic, byte[] willProperties) {
        Packets.Connect connect = connect(level, name).resume();
        if (level == 5) {
            connect.expiry(600);
        }
        return BROKER.raw()
                .speaking(level)
                .connect(connect.will(topic, "will", 0, willProperties))
                .subscribe("for/" + name, 1);
    }

    private static RawClient back(int level, String name, boolean isPresent) {
        Packets.Connect connect = connect(level, name).resume();
        if (level == 5) {
            connect.expiry(600);
        }
        return BROKER.raw().speaking(level).connect(connect, isPresent);
    }

    private static void publishNow(String topic, String payload) {
        BROKER.broker()
                .publish(
                        Message.of(
                                topic,
                                Payload.of(payload.getBytes(StandardCharsets.UTF_8)),
                                Qos.AT_LEAST_ONCE,
                                false))
                .toCompletableFuture()
                .join();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void isToldInOneVersionAndLosesItsWillInAll(int level) {
        String name = "gone-" + level;
        RawClient watcher = BROKER.client(5, "watch-" + name).subscribe("will/" + name, 1);
        RawClient client = lasting(level, name, "will/" + name, NO_PROPERTIES);

        assertThat(expel(ADMISSIONS.last(name))).isTrue();
        client.expectEnded(0x98);
        publishNow("will/" + name, "fence");
        watcher.expectPublish("fence");
        assertThat(ADMISSIONS.disconnected).containsOnlyOnce(name);
        assertThat(forgetIfAway(name, "somebody else")).isFalse();
        assertThat(forgetIfAway(name, principal(name))).isTrue();
        back(level, name, false);
    }

    @Test
    void keepsItsSessionUntilThatIsForgotten() {
        RawClient client = lasting(5, "stays", "will/stays", NO_PROPERTIES);
        assertThat(forgetIfAway("stays", principal("stays"))).as("while it is there").isFalse();
        client.send(PINGREQ).expect("D0 00");
        assertThat(expel(ADMISSIONS.last("stays"))).isTrue();
        client.expectEnded(0x98);
        publishNow("for/stays", "waited");
        back(5, "stays", true).expectPublish("waited");
    }

    @Test
    void hasNoWillThatWaitsEither() {
        RawClient watcher = BROKER.client(5, "watch-delayed").subscribe("will/delayed", 1);
        lasting(5, "delayed", "will/delayed", u32(WILL_DELAY, 500));
        assertThat(expel(ADMISSIONS.last("delayed"))).isTrue();
        // The end of the session would bring out what waits [MQTT-3.1.3-9].
        assertThat(BROKER.broker().clients().forget("delayed").toCompletableFuture().join())
                .isTrue();
        publishNow("will/delayed", "fence");
        watcher.expectPublish("fence");
    }

    /** One waits for the end of the session, the other only for that of the connection. */
    @ParameterizedTest
    @ValueSource(ints = {0, 500})
    void hasNoWillIfItIsTrustedNoMoreByThen(int delaySeconds) {
        String name = "untrusted-" + delaySeconds;
        RawClient watcher = BROKER.client(5, "watch-" + name).subscribe("will/#", 1);
        RawClient client = lasting(5, name, "will/" + name, u32(WILL_DELAY, delaySeconds));
        if (delaySeconds == 0) {
            ADMISSIONS.willless.add(name);
        }
        client.close();
        await().until(() -> ADMISSIONS.disconnected.contains(name));
        ADMISSIONS.willless.add(name);
        assertThat(forgetIfAway(name, principal(name))).isTrue();
        publishNow("will/" + name, "fence");
        watcher.expectPublish("fence");
    }

    @Test
    void hasItsWillIfItIsTrusted() {
        RawClient watcher = BROKER.client(5, "watch-trusted").subscribe("will/trusted", 1);
        lasting(5, "trusted", "will/trusted", u32(WILL_DELAY, 500)).close();
        await().until(() -> ADMISSIONS.disconnected.contains("trusted"));
        assertThat(forgetIfAway("trusted", principal("trusted"))).isTrue();
        watcher.expectPublish("will");
    }

    @Test
    void isNotWhoeverHasItsNameByNow() {
        RawClient first = lasting(5, "shared", "will/shared", NO_PROPERTIES);
        ConnectedClient connection = ADMISSIONS.last("shared");
        RawClient second = back(5, "shared", true);
        first.expectEnded(0x8E);
        assertThat(expel(connection)).isFalse();
        second.send(PINGREQ).expect("D0 00");
        second.close();
        await().until(() -> BROKER.broker().clients().find("shared").isEmpty());
        assertThat(expel(ADMISSIONS.last("shared"))).isFalse();
        back(5, "shared", true);
    }

    @Test
    void isFoundBeforeItIsAdmittedAndLeavesTheSessionAsItWas() {
        lasting(5, "early", "will/early", NO_PROPERTIES).send(Packets.DISCONNECT).expectClosed();
        CompletableFuture<ClientObserver.Admission> admission = new CompletableFuture<>();
        ADMISSIONS.held.put("early", admission);
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "early").resume().bytes());
        await().until(() -> ADMISSIONS.count("early") == 2);
        int before = ADMISSIONS.disconnected.size();

        assertThat(expel(ADMISSIONS.last("early"))).isTrue();
        client.expectClosed();
        admission.complete(ClientObserver.Admission.ADMITTED);
        await().until(() -> ADMISSIONS.disconnected.size() == before + 1);
        ADMISSIONS.held.remove("early");
        back(5, "early", true);
    }

    @Test
    void isClosedThoughItReadsNothing() {
        RawClient deaf = RawClient.to(BROKER.address(), 4_096).speaking(5);
        deaf.connect(connect(5, "deaf")).subscribe("flood", 0);
        RawClient publisher = BROKER.client(5, "flooding");
        String much = "x".repeat(100_000);
        for (int i = 0; i < 100; i++) {
            publisher.send(Packets.publish5("flood", NO_PROPERTIES, much));
        }
        publisher.send(PINGREQ).expect("D0 00");
        assertThat(expel(ADMISSIONS.last("deaf"))).isTrue();
        deaf.close();
    }

    @Test
    void areGoneWithinTheSecondAmongManyOthers() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            clients.add(BROKER.client(5, "many" + i));
        }
        List<CompletableFuture<Boolean>> expelled = new ArrayList<>();
        for (int i = 0; i < 1_000; i += 10) {
            expelled.add(
                    BROKER.broker()
                            .clients()
                            .expel(ADMISSIONS.last("many" + i))
                            .toCompletableFuture()
                            .orTimeout(1, TimeUnit.SECONDS));
        }
        assertThat(expelled).allMatch(CompletableFuture::join);
        for (int i = 0; i < 1_000; i++) {
            RawClient client = clients.get(i);
            if (i % 10 == 0) {
                client.expectEnded(0x98);
            } else {
                client.send(PINGREQ).expect("D0 00");
            }
            client.close();
        }
    }

    /** Whatever comes first, the one that comes later is there in the end. */
    @Test
    void doesNotTakeAlongWhoTakesOverAtTheSameMoment() {
        RawClient holder = back(4, "race", false);
        for (int i = 0; i < 150; i++) {
            ConnectedClient connection = ADMISSIONS.last("race");
            RawClient next = BROKER.raw().speaking(4);
            if (i % 3 == 0) {
                next.send(connect(4, "race").resume().bytes());
            }
            CompletionStage<Boolean> expelled = BROKER.broker().clients().expel(connection);
            if (i % 2 == 0) {
                String principal = connection.identity().principal();
                var unused = BROKER.broker().clients().forgetIfAway("race", principal);
            }
            if (i % 3 != 0) {
                next.send(connect(4, "race").resume().bytes());
            }
            assertThat(next.expectType(2).reason()).isZero();
            next.send(PINGREQ).expect("D0 00");
            expelled.toCompletableFuture().join();
            holder.closeAtEnd();
            holder = next;
        }
        holder.send(publish("any", "thing"), PINGREQ).expect("D0 00");
    }
}
