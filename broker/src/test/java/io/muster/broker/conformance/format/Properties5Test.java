package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.userProperty;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Property;
import io.muster.broker.conformance.Property.Place;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/** The properties of each packet that a client sends [MQTT5 2.2.2]. */
@DisplayNameGeneration(StatementNames.class)
class Properties5Test {

    private static final BrokerFixture BROKER = BrokerFixture.open();

    /** What a client sends, and the will inside of CONNECT. */
    private static final Set<Place> FROM_CLIENTS =
            EnumSet.complementOf(EnumSet.of(Place.CONNACK, Place.SUBACK, Place.UNSUBACK));

    private static final int[] UNKNOWN = {
        0x00, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0C, 0x10, 0x14, 0x1B, 0x1D, 0x1E, 0x20, 0x2B, 0x40,
        0x7F
    };

    @AfterAll
    static void close() {
        BROKER.close();
    }

    static Stream<Arguments> propertiesOfOtherPackets() {
        return FROM_CLIENTS.stream()
                .flatMap(
                        place ->
                                Arrays.stream(Property.values())
                                        .filter(property -> !property.mayStandIn(place))
                                        .map(property -> arguments(property, place)));
    }

    /** A packet of another kind may have the property, this one may not [MQTT5 2.2.2.2]. */
    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("propertiesOfOtherPackets")
    void refusesAPropertyOnTheWrongPacket(Property property, Place place) {
        Integer[] reasons = place == Place.AUTH ? new Integer[] {0x81, 0x82} : new Integer[] {0x81};
        StrictReader.ends(BROKER, PacketExamples.with(place, property.example()), reasons);
    }

    static Stream<Arguments> unknownProperties() {
        return FROM_CLIENTS.stream()
                .flatMap(
                        place ->
                                Arrays.stream(UNKNOWN)
                                        .mapToObj(id -> arguments("%02X".formatted(id), place)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("unknownProperties")
    void refusesAnUnknownProperty(String id, Place place) {
        Integer[] reasons = place == Place.AUTH ? new Integer[] {0x81, 0x82} : new Integer[] {0x81};
        byte[] property = join(bytes(id), bytes("00 01 61"));
        StrictReader.ends(BROKER, PacketExamples.with(place, property), reasons);
        StrictReader.ends(BROKER, PacketExamples.with(place, bytes("80 01"), property), reasons);
    }

    static Stream<Arguments> singleProperties() {
        return FROM_CLIENTS.stream()
                .flatMap(
                        place ->
                                Arrays.stream(Property.values())
                                        .filter(property -> property.mayStandIn(place))
                                        .filter(property -> !property.isRepeatable(place))
                                        .map(property -> arguments(property, place)));
    }

    /** "It is a Protocol Error to include ... more than once", at each property. */
    @ParameterizedTest(name = "{0} twice in {1}")
    @MethodSource("singleProperties")
    void refusesAPropertyThatIsThereTwice(Property property, Place place) {
        Integer[] reasons =
                property == Property.AUTHENTICATION_METHOD && place == Place.CONNECT
                        ? new Integer[] {0x82, 0x8C}
                        : new Integer[] {0x82};
        byte[] once = property.example();
        StrictReader.ends(BROKER, PacketExamples.with(place, once, once), reasons);
        byte[] apart = join(once, userProperty("between", "them"), once);
        StrictReader.ends(BROKER, PacketExamples.with(place, apart), reasons);
    }

    static Stream<Arguments> truncatedProperties() {
        return FROM_CLIENTS.stream()
                .flatMap(
                        place ->
                                Arrays.stream(Property.values())
                                        .filter(property -> property.mayStandIn(place))
                                        .map(property -> arguments(property, place)));
    }

    /** The length of the properties ends inside of a value. */
    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("truncatedProperties")
    void refusesAPropertyThatIsCutOff(Property property, Place place) {
        byte[] whole = property.example();
        for (int length = 1; length < whole.length; length++) {
            if (property.type() == Property.Type.VARIABLE && length > 1) {
                continue;
            }
            byte[] cut = Arrays.copyOf(whole, length);
            StrictReader.ends(BROKER, PacketExamples.with(place, cut), 0x81);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            mode = Mode.EXCLUDE,
            names = {"CONNACK", "SUBACK", "UNSUBACK"})
    void refusesPropertiesLongerThanThePacket(Place place) {
        byte[] packet = PacketExamples.with(place);
        byte[] longer = packet.clone();
        longer[lengthAt(place, packet)] = 0x7F;
        StrictReader.ends(BROKER, longer, 0x81);
    }

    private static int lengthAt(Place place, byte[] packet) {
        return switch (place) {
            case CONNECT -> 12;
            case WILL -> packet.length - 13;
            case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP -> packet.length - 1;
            case SUBSCRIBE, UNSUBSCRIBE -> 4;
            default -> 3;
        };
    }

    static Stream<Arguments> packetsWithoutPropertyLength() {
        return Stream.of(
                arguments("PUBLISH", packet(0x30, text("t"))),
                arguments("PUBLISH of QoS 1", packet(0x32, text("t"), u16(1))),
                arguments("SUBSCRIBE", packet(0x82, u16(1))),
                arguments("UNSUBSCRIBE", packet(0xA2, u16(1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsWithoutPropertyLength")
    @Normative(mqtt5 = "2.2.2-1")
    void refusesAPacketWithoutPropertyLength(String packet, byte[] bytes) {
        StrictReader.ends(BROKER, bytes, 0x81);
    }

    @Test
    @Normative(mqtt5 = "2.2.2-1")
    void refusesAConnectWithoutPropertyLength() {
        StrictReader.notAccepted(BROKER, packet(0x10, text("MQTT"), bytes("05 02 00 00")));
    }

    /** Packets that the broker sends without properties say so. */
    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH"})
    @Normative(mqtt5 = "2.2.2-1")
    void sendsTheLengthOfNoProperties(Place place) {
        try (RawClient client = BROKER.client(5, "lengths")) {
            switch (place) {
                case SUBSCRIBE ->
                        client.send(PacketExamples.with(place)).expect("90 04 00 01 00 00");
                case UNSUBSCRIBE ->
                        client.send(PacketExamples.with(place)).expect("B0 04 00 01 00 11");
                default ->
                        client.subscribe("t", 0)
                                .send(PacketExamples.with(place))
                                .expect("30 04 00 01 74 00");
            }
        }
    }

    /** Properties of different kinds may stand in any order [MQTT5 2.2.2.2]. */
    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"CONNECT", "WILL", "PUBLISH", "SUBSCRIBE"})
    void takesPropertiesInAnyOrder(Place place) {
        byte[][] allowed =
                Arrays.stream(Property.values())
                        .filter(property -> property.mayStandIn(place))
                        .filter(property -> !property.name().startsWith("AUTHENTICATION"))
                        .filter(
                                property ->
                                        property != Property.SUBSCRIPTION_IDENTIFIER
                                                || place == Place.SUBSCRIBE)
                        .map(Property::example)
                        .toArray(byte[][]::new);
        byte[][] reversed = new byte[allowed.length][];
        for (int i = 0; i < allowed.length; i++) {
            reversed[allowed.length - 1 - i] = allowed[i];
        }
        takes(PacketExamples.with(place, allowed));
        takes(PacketExamples.with(place, reversed));
    }

    private static void takes(byte[] packet) {
        try (RawClient client = BROKER.raw().speaking(5)) {
            if (packet[0] == 0x10) {
                StrictReader.accepted(client.send(packet));
                return;
            }
            client.connect(connect(5, "any-order"));
            client.send(packet);
            if ((packet[0] & 0xF0) == 0x80) {
                StrictReader.read(client, 9);
            }
            client.expectNothing();
        }
    }

    /** The same user property may be there more than once, with the same name or not. */
    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"CONNECT", "WILL", "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"})
    void takesUserPropertiesAnyNumberOfTimes(Place place) {
        byte[][] many = new byte[50][];
        Arrays.setAll(many, i -> userProperty("name" + i % 5, "value" + i % 7));
        try (RawClient client = BROKER.raw().speaking(5)) {
            byte[] packet = PacketExamples.with(place, many);
            if (packet[0] == 0x10) {
                StrictReader.accepted(client.send(packet));
            } else {
                client.connect(connect(5, "many"));
                client.send(packet);
                if (place != Place.PUBLISH) {
                    StrictReader.read(client, place == Place.SUBSCRIBE ? 9 : 11);
                }
                client.expectNothing();
            }
        }
    }
}
