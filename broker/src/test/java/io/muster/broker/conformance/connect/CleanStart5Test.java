package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that begin anew or go on, and how long they are kept [MQTT5 3.1.2.4, 3.1.2.11.2]. */
@DisplayNameGeneration(StatementNames.class)
class CleanStart5Test {

    private static final long NEVER = 0xFFFF_FFFFL;
    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** A session with a subscription to "{name}/topic" and one message waiting. */
    private static void leaveSession(String name, long expirySeconds) {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, name).expiry(expirySeconds)).subscribe(name + "/topic", 1);
        client.send(Packets.DISCONNECT).expectClosed();
        publish(name, "waiting");
    }

    private static void publish(String name, String payload) {
        RawClient publisher = BROKER.client(5, name + "-publisher");
        publisher.send(publish5(QOS_1, 1, name + "/topic", NO_PROPERTIES, payload));
        StrictReader.read(publisher, 4);
        publisher.close();
    }

    private static RawClient resume(String name, boolean expected) {
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, name).resume().expiry(100).bytes());
        assertThat(StrictReader.accepted(client).sessionPresent()).isEqualTo(expected);
        return client;
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-4", "3.1.4-4", "3.2.2-2"})
    void discardsTheSessionOnCleanStart() {
        leaveSession("clean", 100);
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, "clean").expiry(100).bytes());
        assertThat(StrictReader.accepted(client).sessionPresent()).isFalse();
        publish("clean", "more");
        client.expectNothing();
        client.send(Packets.DISCONNECT).expectClosed();
        resume("clean", true).expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-4", "3.2.2-2"})
    void discardsTheSessionOfAConnectedClientToo() {
        RawClient older = BROKER.raw().speaking(5);
        older.connect(connect(5, "clean-live").expiry(100)).subscribe("clean-live/topic", 1);
        RawClient newer = BROKER.raw().speaking(5);
        newer.send(connect(5, "clean-live").bytes());
        assertThat(StrictReader.accepted(newer).sessionPresent()).isFalse();
        publish("clean-live", "lost");
        newer.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-5", "3.1.2-23", "3.2.2-3", "3.1.3-2"})
    void resumesASession() {
        leaveSession("resume", 100);
        RawClient client = resume("resume", true);
        client.expectPublish("waiting");
        publish("resume", "more");
        client.expectPublish("more");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-5", "3.2.2-3"})
    void resumesTheSessionOfAConnectedClient() {
        RawClient older = BROKER.raw().speaking(5);
        older.connect(connect(5, "live").expiry(100)).subscribe("live/topic", 1);
        RawClient newer = resume("live", true);
        publish("live", "more");
        newer.expectPublish("more");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-6", "3.2.2-3"})
    void beginsASessionIfThereIsNone() {
        RawClient client = resume("new", false);
        client.subscribe("new/topic", 1);
        publish("new", "first");
        client.expectPublish("first");
        client.close();
        Awaitility.await().until(() -> BROKER.broker().clients().find("new").isEmpty());
        resume("new", true);
    }

    @Test
    void endsASessionWithoutExpiryWithItsConnection() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "short")).subscribe("short/topic", 1);
        client.send(Packets.DISCONNECT).expectClosed();
        publish("short", "lost");
        resume("short", false).expectNothing();
        leaveSession("zero", 0);
        resume("zero", false).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.1.2-23")
    void keepsASessionThatNeverExpires() {
        leaveSession("never", NEVER);
        resume("never", true).expectPublish("waiting");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-23")
    void endsASessionThatHasExpired() {
        leaveSession("expired", 1);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(isKept("expired")).isFalse());
    }

    /** Asks by resuming for the shortest time, since each resuming begins the time anew. */
    private static boolean isKept(String name) {
        pause();
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, name).resume().expiry(1).bytes());
        boolean kept = StrictReader.accepted(client).sessionPresent();
        client.send(Packets.DISCONNECT).expectClosed();
        return kept;
    }

    private static void pause() {
        Awaitility.await()
                .pollDelay(Duration.ofMillis(1_500))
                .atMost(Duration.ofSeconds(3))
                .until(() -> true);
    }

    /** The subscription and its options are part of the session, with what is on its way. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void sendsAgainWhatWasNotAcknowledged(int qos) {
        String name = "again" + qos;
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, name).expiry(100)).subscribe(name + "/topic", 2);
        RawClient publisher = BROKER.client(5, name + "-publisher");
        publisher.send(publish5(qos << 1, 1, name + "/topic", NO_PROPERTIES, "x"));
        RawClient.Packet first = client.expectPublish("x");
        client.close();
        RawClient.Packet second = resume(name, true).expectPublish("x");
        assertThat(second.packetId()).isEqualTo(first.packetId());
        assertThat(second.duplicate()).isTrue();
    }
}
