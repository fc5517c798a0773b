package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u16;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What CONNACK says, and that the broker keeps to it [MQTT5 3.2]. */
@DisplayNameGeneration(StatementNames.class)
class Connack5Test {

    private static final int RECEIVE_MAXIMUM = 5;
    private static final int PACKET_BYTES_MAX = 2_000;
    private static final int KEEP_ALIVE_MAX = 60;
    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.inflightMax = RECEIVE_MAXIMUM;
        settings.packetBytesMax = PACKET_BYTES_MAX;
        settings.keepAliveSecondsMax = KEEP_ALIVE_MAX;
        settings.expiryMax = Duration.ofSeconds(1_000);
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static PropertyList told(Packets.Connect connect) {
        RawClient client = BROKER.raw().speaking(5).send(connect.bytes());
        return StrictReader.accepted(client).propertyList();
    }

    @Test
    @Normative(mqtt5 = {"3.2.0-1", "3.2.2-1"})
    void comesBeforeAllThatWaits() {
        RawClient first = BROKER.raw().speaking(5);
        first.connect(connect(5, "waits").expiry(100)).subscribe("waits", 1);
        first.send(Packets.DISCONNECT).expectClosed();
        RawClient publisher = BROKER.client(5, "waits-publisher");
        publisher.send(publish5(QOS_1, 1, "waits", NO_PROPERTIES, "x"));
        StrictReader.read(publisher, 4);
        RawClient second = BROKER.raw().speaking(5);
        second.send(connect(5, "waits").resume().bytes(), Packets.PINGREQ);
        assertThat(StrictReader.accepted(second).body()[0]).isEqualTo((byte) 1);
        assertThat(second.read().type()).isIn(3, 13);
    }

    @Test
    @Normative(mqtt5 = {"3.2.0-2", "3.1.4-5"})
    void comesOnce() {
        RawClient client = BROKER.client(5, "once");
        client.expectNothing().subscribe("once", 0).expectNothing();
        StrictReader.disconnected(client.send(connect(5, "once").bytes()), 0x82);
    }

    @Test
    @Normative(mqtt5 = {"3.2.2-6", "3.2.2-7"})
    void saysThatThereIsNoSessionWhenItRefuses() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "kept").expiry(100));
        client.send(Packets.DISCONNECT).expectClosed();
        byte[] broken = connect(5, "kept").resume().with(u16(0x21, 0)).bytes();
        StrictReader.refused(BROKER.raw().speaking(5).send(broken), 0x82);
    }

    @Test
    void saysWhyItRefuses() {
        byte[] unknown = connect(5, "why").with(Packets.text(0x15, "unknown method")).bytes();
        RawClient client = BROKER.raw().speaking(5).send(unknown);
        PropertyList told = StrictReader.refused(client, 0x8C).propertyList();
        assertThat(told.text(Packets.REASON_STRING)).isNotBlank();
    }

    /** A reason string might be more than the client takes [MQTT-3.1.2-24]. */
    @Test
    @Normative(mqtt5 = "3.1.2-24")
    void saysLittleToAClientWhoseLimitsItCouldNotRead() {
        byte[] limit = Packets.u32(Packets.MAXIMUM_PACKET_SIZE, 10);
        byte[] broken = connect(5, "little").with(limit).with(u16(0x21, 0)).bytes();
        BROKER.raw().send(broken).expect("20 03 00 82 00").expectClosed();
    }

    /** What is there is either not mentioned or said to be there. */
    @Test
    @Normative(mqtt5 = "3.2.2-9")
    void restrictsNothingThatTheProtocolOffers() {
        PropertyList told = told(connect(5, "offer"));
        assertThat(told.has(Packets.MAXIMUM_QOS)).as("maximum QoS").isFalse();
        for (int offer :
                new int[] {
                    Packets.RETAIN_AVAILABLE,
                    Packets.WILDCARD_AVAILABLE,
                    Packets.SUBSCRIPTION_IDENTIFIER_AVAILABLE,
                    Packets.SHARED_AVAILABLE
                }) {
            assertThat(told.numbers(offer)).as("property %02X", offer).isSubsetOf(1L);
        }
    }

    @Test
    @Normative(mqtt5 = {"3.1.3-6", "3.1.3-7", "3.2.2-16"})
    void assignsAClientIdentifierThatNobodyElseHas() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            String name = told(connect(5, "").expiry(100)).text(0x12);
            assertThat(name).isNotEmpty();
            assertThat(names.add(name)).as("new").isTrue();
        }
        String resumed = told(connect(5, "").resume()).text(0x12);
        assertThat(names).doesNotContain(resumed);
    }

    @Test
    @Normative(mqtt5 = "3.1.3-7")
    void keepsTheSessionUnderTheAssignedName() {
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "").expiry(100).bytes());
        String name = StrictReader.accepted(client).propertyList().text(0x12);
        RawClient again = BROKER.raw().speaking(5);
        again.send(connect(5, name).resume().expiry(100).bytes());
        RawClient.Packet connack = StrictReader.accepted(again);
        assertThat(connack.sessionPresent()).isTrue();
        assertThat(connack.propertyList().has(Packets.ASSIGNED_CLIENT_IDENTIFIER)).isFalse();
        StrictReader.disconnected(client, 0x8E);
    }

    @Test
    void tellsTheSessionExpiryOnlyIfItIsAnother() {
        assertThat(told(connect(5, "e")).has(Packets.SESSION_EXPIRY)).isFalse();
        assertThat(told(connect(5, "e").expiry(1_000)).has(Packets.SESSION_EXPIRY)).isFalse();
        assertThat(told(connect(5, "e").expiry(1_001)).number(0x11)).isEqualTo(1_000);
        assertThat(told(connect(5, "e").expiry(0xFFFF_FFFFL)).number(0x11)).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, KEEP_ALIVE_MAX + 1, 65_535})
    @Normative(mqtt5 = "3.2.2-21")
    void tellsTheKeepAliveThatItWants(int asked) {
        PropertyList told = told(connect(5, "keep").keepAlive(asked));
        assertThat(told.number(Packets.SERVER_KEEP_ALIVE)).isEqualTo(KEEP_ALIVE_MAX);
    }

    /** The broker closes after one and a half times the client's own keep alive. */
    @Test
    @Normative(mqtt5 = {"3.1.2-22", "3.2.2-22"})
    void keepsToTheKeepAliveOfTheClient() {
        RawClient watcher = BROKER.client(5, "silent-watcher").subscribe("silent", 0);
        RawClient client = BROKER.raw().speaking(5);
        client.send(
                connect(5, "silent").keepAlive(1).will("silent", "dead", 0, NO_PROPERTIES).bytes());
        PropertyList told = StrictReader.accepted(client).propertyList();
        assertThat(told.has(Packets.SERVER_KEEP_ALIVE)).isFalse();
        long begin = System.nanoTime();
        StrictReader.disconnected(client, 0x8D);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(1_400), Duration.ofSeconds(4));
        watcher.expectPublish("dead");
    }

    /** Any packet will do to stay connected. */
    @Test
    @Normative(mqtt5 = "3.1.2-22")
    void staysWhileTheClientSendsInTime() {
        RawClient busy = BROKER.raw().speaking(5);
        busy.connect(connect(5, "busy").keepAlive(1));
        RawClient silent = BROKER.raw().speaking(5);
        silent.connect(connect(5, "idle").keepAlive(2));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(500))
                .during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> busy.send(publish5("busy", NO_PROPERTIES, "")));
        busy.expectNothing();
        StrictReader.disconnected(silent, 0x8D);
    }

    /** Bytes of a packet that is never finished are no packet. */
    @Test
    @Normative(mqtt5 = "3.1.2-22")
    void endsAClientThatSendsOnlyBytesOfAnUnfinishedPacket() {
        RawClient client = BROKER.raw().speaking(5).connect(connect(5, "drip").keepAlive(1));
        client.send(Packets.bytes("30 7F 00"));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(
                        () -> {
                            client.send(Packets.bytes("01"));
                            return BROKER.broker().clients().find("drip").isEmpty();
                        });
        StrictReader.disconnected(client, 0x8D);
    }

    @Test
    @Normative(mqtt5 = "3.2.2-15")
    void takesPacketsUpToTheMaximumPacketSize() {
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "sizes").bytes());
        long told = StrictReader.accepted(client).propertyList().number(0x27);
        assertThat(told).isEqualTo(PACKET_BYTES_MAX);
        client.subscribe("s", 0);
        String largest = "x".repeat(PACKET_BYTES_MAX - 7);
        byte[] packet = publish5("s", NO_PROPERTIES, largest);
        assertThat(packet).hasSize(PACKET_BYTES_MAX);
        client.send(packet).expectPublish(largest);
        client.send(publish5("s", NO_PROPERTIES, largest + "x"));
        StrictReader.disconnected(client, 0x95);
    }

    @Test
    @Normative(mqtt5 = "3.2.2-15")
    void refusesALargerConnect() {
        byte[] connect =
                connect(5, "large").with(Packets.userProperty("n", "v".repeat(2_000))).bytes();
        StrictReader.notAccepted(BROKER, connect);
    }

    @Test
    @Normative(mqtt5 = "3.3.4-7")
    void takesAsManyUnfinishedMessagesAsItTells() {
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "quota").bytes());
        long told = StrictReader.accepted(client).propertyList().number(0x21);
        assertThat(told).isEqualTo(RECEIVE_MAXIMUM);
        for (int i = 1; i <= RECEIVE_MAXIMUM; i++) {
            client.send(publish5(QOS_2, i, "quota", NO_PROPERTIES, ""));
            assertThat(StrictReader.read(client, 5).reason()).isIn(0x00, 0x10);
        }
        // What else there is goes on, and each PUBREL makes room for one more.
        client.send(publish5("quota", NO_PROPERTIES, "")).subscribe("quota/other", 1);
        client.send(Packets.pubrel(1));
        StrictReader.read(client, 7);
        client.send(publish5(QOS_2, 6, "quota", NO_PROPERTIES, ""));
        StrictReader.read(client, 5);
        client.send(publish5(QOS_2, 7, "quota", NO_PROPERTIES, ""));
        StrictReader.disconnected(client, 0x93);
    }

    @Test
    @Normative(mqtt5 = "3.3.4-7")
    void countsQos1AmongUnfinishedMessages() {
        RawClient client = BROKER.client(5, "mixed");
        for (int i = 1; i <= RECEIVE_MAXIMUM; i++) {
            client.send(publish5(QOS_2, i, "mixed", NO_PROPERTIES, ""));
            StrictReader.read(client, 5);
        }
        client.send(publish5(QOS_1, 9, "mixed", NO_PROPERTIES, ""));
        StrictReader.disconnected(client, 0x93);
    }
}
