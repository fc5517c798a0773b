package io.muster.broker.conformance;

import static io.muster.broker.Packets.connect;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.RawClient.Packet;
import io.muster.broker.conformance.Property.Place;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads the broker's packets of MQTT 5.0 and checks how they are built: flags, and each property
 * known, allowed there and not repeated.
 */
public final class StrictReader {

    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int DISCONNECT = 14;

    private static final Map<Integer, Place> PLACES =
            Map.of(
                    CONNACK,
                    Place.CONNACK,
                    PUBLISH,
                    Place.PUBLISH,
                    4,
                    Place.PUBACK,
                    5,
                    Place.PUBREC,
                    6,
                    Place.PUBREL,
                    7,
                    Place.PUBCOMP,
                    9,
                    Place.SUBACK,
                    11,
                    Place.UNSUBACK,
                    DISCONNECT,
                    Place.DISCONNECT,
                    15,
                    Place.AUTH);

    private StrictReader() {}

    /** The next packet, of this type. */
    public static Packet read(RawClient client, int type) {
        Packet packet = client.read();
        assertThat(packet.type()).as("type of %s", packet.hex()).isEqualTo(type);
        if (type != PUBLISH) {
            int reserved = type == 6 ? 2 : 0;
            assertThat(packet.firstByte() & 0x0F)
                    .as("flags of %s", packet.hex())
                    .isEqualTo(reserved);
        }
        checkProperties(packet);
        return packet;
    }

    private static void checkProperties(Packet packet) {
        Place place = Objects.requireNonNull(PLACES.get(packet.type()));
        Set<Property> seen = EnumSet.noneOf(Property.class);
        for (PropertyList.Property each : packet.propertyList().properties()) {
            Property property =
                    Property.of(each.id())
                            .filter(known -> known.mayStandIn(place))
                            .orElseThrow(
                                    () ->
                                            new AssertionError(
                                                    each.id() + " must not be in " + packet.hex()));
            assertThat(seen.add(property) || property.isRepeatable(place))
                    .as("%s only once in %s", property, packet.hex())
                    .isTrue();
            if (property.type() == Property.Type.TEXT) {
                checkText(packet.propertyList().binary(property.id()));
            }
        }
    }

    private static void checkText(byte[] text) {
        try {
            assertThat(UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString())
                    .doesNotContain("\0");
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8", e);
        }
    }

    /** The next packet, a CONNACK of whatever reason. */
    public static Packet connack(RawClient client) {
        Packet connack = read(client, CONNACK);
        assertThat(connack.body()[0])
                .as("flags of %s", connack.hex())
                .isBetween((byte) 0, (byte) 1);
        return connack;
    }

    /** The next packet, a CONNACK of success. */
    public static Packet accepted(RawClient client) {
        Packet connack = connack(client);
        assertThat(connack.reason()).as("reason of %s", connack.hex()).isZero();
        return connack;
    }

    /**
     * This packet ends a connection with one of these reasons: CONNECT that of a new one, any other
     * that of a signed-in client.
     */
    public static void ends(BrokerFixture broker, byte[] packet, Integer... reasons) {
        try (RawClient client = broker.raw().speaking(5)) {
            boolean isConnect = (packet[0] & 0xF0) == 0x10;
            if (isConnect && Arrays.asList(reasons).contains(0x81)) {
                refusedOrClosed(client.send(packet), reasons);
            } else if (isConnect) {
                refused(client.send(packet), reasons);
            } else {
                client.send(connect(5, "breaker").bytes());
                accepted(client);
                disconnected(client.send(packet, Packets.PINGREQ), reasons);
            }
        }
    }

    /** The answer to a malformed CONNECT is optional [MQTT5 4.13.1]. */
    private static void refusedOrClosed(RawClient client, Integer... reasons) {
        Packet answer = client.readOrEnd();
        if (answer != null) {
            assertThat(answer.type()).as("type of %s", answer.hex()).isEqualTo(CONNACK);
            assertThat(answer.reason()).as("reason of %s", answer.hex()).isIn((Object[]) reasons);
            client.expectClosed();
        }
    }

    /** The broker answers CONNECT with one of these reasons, and closes. */
    public static Packet refused(RawClient client, Integer... reasons) {
        Packet connack = connack(client);
        assertThat(connack.reason()).as("reason of %s", connack.hex()).isIn((Object[]) reasons);
        assertThat(connack.sessionPresent()).as("session present").isFalse(); // [MQTT-3.2.2-6]
        client.expectClosed(); // [MQTT-3.2.2-7]
        return connack;
    }

    /** The broker closes instead of accepting the CONNECT, with or without an answer. */
    public static void notAccepted(BrokerFixture broker, byte[] connect) {
        try (RawClient client = broker.raw().speaking(5).send(connect)) {
            Packet answer = client.readOrEnd();
            if (answer != null) {
                assertThat(answer.type()).as("type of %s", answer.hex()).isEqualTo(CONNACK);
                assertThat(answer.body()[1]).as("reason of %s", answer.hex()).isNotZero();
                client.expectClosed();
            }
        }
    }

    /** The broker sends DISCONNECT with one of these reasons, and closes. */
    public static Packet disconnected(RawClient client, Integer... reasons) {
        Packet disconnect = read(client, DISCONNECT);
        assertThat(disconnect.reason())
                .as("reason of %s", disconnect.hex())
                .isIn((Object[]) reasons);
        client.expectClosed(); // [MQTT-4.13.1-1]
        return disconnect;
    }

    /** The next packet, a PUBLISH with this payload. */
    public static Packet publish(RawClient client, String payload) {
        Packet publish = read(client, PUBLISH);
        assertThat(publish.payload()).isEqualTo(payload);
        return publish;
    }
}
