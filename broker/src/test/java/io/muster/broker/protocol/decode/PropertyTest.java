package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.decode.Property.Place;
import io.muster.broker.protocol.packet.ReasonCode;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against table 2-4 of the specification, as it binds what a client sends. */
class PropertyTest {

    /** Identifier, a right value, and the packets that may have it [MQTT5 2.2.2.2]. */
    private static final List<Arguments> TABLE =
            List.of(
                    Arguments.of("01", "01", Set.of(Place.PUBLISH, Place.WILL)),
                    Arguments.of("02", "00000000", Set.of(Place.PUBLISH, Place.WILL)),
                    Arguments.of("03", "000161", Set.of(Place.PUBLISH, Place.WILL)),
                    Arguments.of("08", "000161", Set.of(Place.PUBLISH, Place.WILL)),
                    Arguments.of("09", "0001ff", Set.of(Place.PUBLISH, Place.WILL)),
                    Arguments.of("0b", "8001", Set.of(Place.PUBLISH, Place.SUBSCRIBE)),
                    Arguments.of("11", "ffffffff", Set.of(Place.CONNECT, Place.DISCONNECT)),
                    Arguments.of("12", "000161", Set.of()), // CONNACK
                    Arguments.of("13", "0001", Set.of()), // CONNACK
                    Arguments.of("15", "000161", Set.of(Place.CONNECT, Place.AUTH)),
                    Arguments.of("16", "0001ff", Set.of(Place.CONNECT, Place.AUTH)),
                    Arguments.of("17", "00", Set.of(Place.CONNECT)),
                    Arguments.of("18", "00000001", Set.of(Place.WILL)),
                    Arguments.of("19", "01", Set.of(Place.CONNECT)),
                    Arguments.of("1a", "000161", Set.of()), // CONNACK
                    Arguments.of("1c", "000161", Set.of(Place.DISCONNECT)),
                    Arguments.of(
                            "1f",
                            "000161",
                            Set.of(Place.ACKNOWLEDGEMENT, Place.DISCONNECT, Place.AUTH)),
                    Arguments.of("21", "0001", Set.of(Place.CONNECT)),
                    Arguments.of("22", "0000", Set.of(Place.CONNECT)),
                    Arguments.of("23", "0001", Set.of(Place.PUBLISH)),
                    Arguments.of("24", "01", Set.of()), // CONNACK
                    Arguments.of("25", "01", Set.of()), // CONNACK
                    Arguments.of("26", "0001610000", Set.of(Place.values())),
                    Arguments.of("27", "00000001", Set.of(Place.CONNECT)),
                    Arguments.of("28", "01", Set.of()), // CONNACK
                    Arguments.of("29", "01", Set.of()), // CONNACK
                    Arguments.of("2a", "01", Set.of())); // CONNACK

    static List<Arguments> table() {
        return TABLE;
    }

    private static byte[] block(String... hex) {
        return Packets.properties(bytes(String.join("", hex)));
    }

    private static Properties read(Place place, String... hex) {
        return Reading.of(block(hex), in -> Properties.read(FIELDS, in, place));
    }

    private static ReasonCode refusal(Place place, String... hex) {
        return violation(block(hex), in -> Properties.read(FIELDS, in, place));
    }

    @ParameterizedTest(name = "{0} in {2}")
    @MethodSource("table")
    void isAllowedWhereTheTableSaysAndMalformedElsewhere(
            String identifier, String value, Set<Place> allowed) {
        for (Place place : Place.values()) {
            if (allowed.contains(place)) {
                assertThat(read(place, identifier, value).isEmpty()).as("%s", place).isFalse();
            } else {
                assertThat(refusal(place, identifier, value))
                        .as("%s", place)
                        .isEqualTo(ReasonCode.MALFORMED_PACKET);
            }
        }
    }

    @ParameterizedTest(name = "{0} in {2}")
    @MethodSource("table")
    void mayNotComeTwiceUnlessItIsAUserProperty(
            String identifier, String value, Set<Place> allowed) {
        for (Place place : allowed) {
            if (identifier.equals("26")) {
                assertThat(read(place, "26", value, "26", value).userProperties()).hasSize(2);
            } else {
                assertThat(refusal(place, identifier, value, identifier, value))
                        .isEqualTo(ReasonCode.PROTOCOL_ERROR);
            }
        }
    }

    @ParameterizedTest(name = "{0} in {2}")
    @MethodSource("table")
    void isMalformedIfCut(String identifier, String value, Set<Place> allowed) {
        String whole = identifier + value;
        for (Place place : allowed) {
            for (int length = 2; length < whole.length(); length += 2) {
                assertThat(refusal(place, whole.substring(0, length)))
                        .as("%s cut to %s", place, whole.substring(0, length))
                        .isEqualTo(ReasonCode.MALFORMED_PACKET);
            }
        }
    }

    @Test
    void noOtherIdentifierIsKnown() {
        Set<String> known = Set.copyOf(TABLE.stream().map(row -> (String) row.get()[0]).toList());
        for (int identifier = 0; identifier < 0x4000; identifier++) {
            byte[] bytes = Packets.length(identifier);
            String hex = HexFormat.of().formatHex(bytes);
            if (!known.contains(hex)) {
                assertThat(refusal(Place.PUBLISH, hex, "00000000"))
                        .isEqualTo(ReasonCode.MALFORMED_PACKET);
            }
        }
        assertThat(refusal(Place.PUBLISH, "ffffff7f")).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void anIdentifierIsNotPadded() {
        assertThat(refusal(Place.PUBLISH, "8100", "01")).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "payload format indicator 2, PUBLISH, 0102, PROTOCOL_ERROR",
        "payload format indicator 255, WILL, 01ff, PROTOCOL_ERROR",
        "request problem information 2, CONNECT, 1702, PROTOCOL_ERROR",
        "request response information 2, CONNECT, 1902, PROTOCOL_ERROR",
        "subscription identifier 0, SUBSCRIBE, 0b00, PROTOCOL_ERROR",
        "subscription identifier padded, SUBSCRIBE, 0b8100, MALFORMED_PACKET",
        "subscription identifier of five bytes, SUBSCRIBE, 0b8080808001, MALFORMED_PACKET",
        "receive maximum 0, CONNECT, 210000, PROTOCOL_ERROR",
        "maximum packet size 0, CONNECT, 2700000000, PROTOCOL_ERROR",
        "content type with U+0000, PUBLISH, 03000100, MALFORMED_PACKET",
        "content type that is not UTF-8, PUBLISH, 030001ff, MALFORMED_PACKET",
        "user property with a broken name, PUBLISH, 260001ff0000, MALFORMED_PACKET",
        "user property with a broken value, PUBLISH, 2600000001ff, MALFORMED_PACKET",
        "user property without a value, PUBLISH, 26000161, MALFORMED_PACKET"
    })
    void aWrongValueIsRefused(String name, Place place, String hex, ReasonCode reason) {
        assertThat(refusal(place, hex)).as(name).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"05", "80", "8000", "ffffffff7f", "80808080"})
    void aWrongLengthIsMalformed(String hex) {
        assertThat(violation(bytes(hex), in -> Properties.read(FIELDS, in, Place.PUBLISH)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    /** The length says that the value ends sooner than the packet does. */
    @Test
    void aValueDoesNotReachBeyondTheProperties() {
        byte[] tooShort = bytes("03 02 00 00 00 00 00");
        assertThat(violation(tooShort, in -> Properties.read(FIELDS, in, Place.PUBLISH)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void theLengthZeroIsNoProperties(Place place) {
        assertThat(read(place)).isSameAs(Properties.NONE);
        assertThat(Properties.NONE.isEmpty()).isTrue();
    }

    @Test
    void givesTheValuesAndWhatWasNotSent() {
        Properties read =
                read(
                        Place.CONNECT,
                        "11ffffffff",
                        "26 0001 62 0001 32",
                        "15 0001 6d",
                        "26 0001 61 0001 31",
                        "16 0002 0102");
        assertThat(read.number(Property.SESSION_EXPIRY_INTERVAL, 7)).isEqualTo(0xFFFF_FFFFL);
        assertThat(read.number(Property.RECEIVE_MAXIMUM, 7)).isEqualTo(7);
        assertThat(read.text(Property.AUTHENTICATION_METHOD)).isEqualTo("m");
        assertThat(read.text(Property.REASON_STRING)).isNull();
        assertThat(read.binary(Property.AUTHENTICATION_DATA)).containsExactly(1, 2);
        assertThat(read.binary(Property.CORRELATION_DATA)).isNull();
        assertThat(read.has(Property.AUTHENTICATION_DATA)).isTrue();
        assertThat(read.has(Property.TOPIC_ALIAS_MAXIMUM)).isFalse();
        assertThat(read.userProperties())
                .as("in their order")
                .containsExactly(new UserProperty("b", "2"), new UserProperty("a", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0003612f23", "00022b61"})
    void aResponseTopicIsATopicName(String hex) {
        Properties properties = read(Place.PUBLISH, "08", hex);
        assertThat(violation(new byte[0], in -> properties.forwarded()))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void theTableHasAllPropertiesOfClients() {
        assertThat(TABLE.stream().filter(row -> !((Set<?>) row.get()[2]).isEmpty()))
                .hasSameSizeAs(Property.values());
    }
}
