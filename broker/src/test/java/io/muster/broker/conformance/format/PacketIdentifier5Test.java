package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.unsubscribe5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packet identifiers, of both sides [MQTT5 2.2.1]. */
@DisplayNameGeneration(StatementNames.class)
class PacketIdentifier5Test {

    private static final BrokerFixture BROKER = BrokerFixture.open();
    private static final int IDENTIFIERS = 65_535;
    private static final int BATCH = 50;

    @AfterAll
    static void close() {
        BROKER.close();
    }

    @Test
    @Normative(mqtt5 = "2.2.1-2")
    void hasNoneInMessagesOfQos0() {
        RawClient client = BROKER.client(5, "none").subscribe("none", 2);
        // Property length, then payload: nothing stands between it and the topic name.
        client.send(Packets.bytes("30 09 00 04 6E 6F 6E 65 00 00 01"));
        client.expect("30 09 00 04 6E 6F 6E 65 00 00 01");
        client.send(publish5(QOS_1, 7, "none", NO_PROPERTIES, "x"));
        RawClient.Packet first = client.read();
        RawClient.Packet publish = first.type() == 3 ? first : client.read();
        assertThat(publish.packetId()).isPositive();
    }

    static Stream<Arguments> packetsWithZero() {
        return Stream.of(
                arguments("PUBLISH of QoS 1", publish5(QOS_1, 0, "t", NO_PROPERTIES, "")),
                arguments("PUBLISH of QoS 2", publish5(QOS_2, 0, "t", NO_PROPERTIES, "")),
                arguments("SUBSCRIBE", subscribe5(0, "t", 0)),
                arguments("UNSUBSCRIBE", unsubscribe5(0, NO_PROPERTIES, "t")),
                arguments("PUBACK", puback(0)),
                arguments("PUBREC", pubrec(0)),
                arguments("PUBREL", pubrel(0)),
                arguments("PUBCOMP", pubcomp(0)),
                arguments("PUBREL with reason", packet(0x62, u16(0), new byte[2])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsWithZero")
    @Normative(mqtt5 = "2.2.1-3")
    void refusesTheIdentifierZero(String type, byte[] packet) {
        StrictReader.ends(BROKER, packet, 0x81, 0x82);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = "2.2.1-4")
    void givesEachMessageAnIdentifierThatIsFree(int qos) {
        RawClient client = BROKER.client(5, "free").subscribe("free" + qos, qos);
        RawClient publisher = BROKER.client(5, "free-publisher");
        for (int i = 0; i < BATCH; i++) {
            publisher.send(publish5(qos << 1, i + 1, "free" + qos, NO_PROPERTIES, "" + i));
        }
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < BATCH; i++) {
            RawClient.Packet publish = StrictReader.publish(client, "" + i);
            assertThat(publish.packetId()).isPositive();
            assertThat(used.add(publish.packetId())).as("free").isTrue();
        }
    }

    /** One message is never acknowledged, while so many go by that all identifiers are used. */
    @Test
    @Normative(mqtt5 = "2.2.1-4")
    void skipsAnIdentifierInUseWhenTheyBeginAgain() {
        RawClient client = BROKER.client(5, "wrap").subscribe("wrap", 1);
        RawClient publisher = BROKER.client(5, "wrap-publisher");
        publisher.send(publish5(QOS_1, 1, "wrap", NO_PROPERTIES, "held")).expect("40 02 00 01");
        int held = client.expectPublish("held").packetId();
        byte[][] messages = new byte[BATCH][];
        byte[][] acknowledgements = new byte[BATCH][];
        for (int i = 0; i < BATCH; i++) {
            messages[i] = publish5(QOS_1, i + 1, "wrap", NO_PROPERTIES, "x");
        }
        for (int sent = 0; sent < IDENTIFIERS + BATCH; sent += BATCH) {
            publisher.send(messages);
            for (int i = 0; i < BATCH; i++) {
                int identifier = client.read().packetId();
                assertThat(identifier).isPositive().isNotEqualTo(held);
                acknowledgements[i] = puback(identifier);
            }
            client.send(acknowledgements);
            for (int i = 0; i < BATCH; i++) {
                publisher.read();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 32_768, 65_535})
    @Normative(mqtt5 = {"2.2.1-5", "2.2.1-6"})
    void answersWithTheIdentifierThatWasSent(int identifier) {
        String id = "%02X %02X".formatted(identifier >> 8, identifier & 0xFF);
        RawClient client = BROKER.raw().speaking(5).connect(connect(5, "same"));
        BROKER.client(5, "same-subscriber").subscribe("same/other", 0);
        client.send(publish5(QOS_1, identifier, "same/other", NO_PROPERTIES, ""));
        client.expect("40 02 " + id);
        client.send(publish5(QOS_2, identifier, "same/other", NO_PROPERTIES, ""));
        client.expect("50 02 " + id);
        client.send(pubrel(identifier)).expect("70 02 " + id);
        client.send(subscribe5(identifier, "same", 0)).expect("90 04 " + id + " 00 00");
        client.send(unsubscribe5(identifier, NO_PROPERTIES, "same"))
                .expect("B0 04 " + id + " 00 00");
        client.close();
    }

    /** Both sides number their messages on their own. */
    @Test
    void takesAnIdentifierThatTheBrokerUsesToo() {
        RawClient client = BROKER.client(5, "both").subscribe("both", 1);
        RawClient publisher = BROKER.client(5, "both-publisher");
        publisher.send(publish5(QOS_1, 1, "both", NO_PROPERTIES, "theirs"));
        int identifier = client.expectPublish("theirs").packetId();
        client.send(publish5(QOS_1, identifier, "both/own", NO_PROPERTIES, "own"));
        assertThat(client.expectType(4).packetId()).isEqualTo(identifier);
        client.send(puback(identifier)).expectNothing();
    }
}
