package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.binary;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.Packets.userProperty;
import static io.muster.broker.conformance.Wire.SUBACK;
import static io.muster.broker.conformance.Wire.UNSUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.reasons;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a SUBSCRIBE and an UNSUBSCRIBE may look, and how not [MQTT5 3.8, 3.10]. */
@DisplayNameGeneration(StatementNames.class)
class SubscribeFormatTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void expectRefusedBody(int first, String body, String answer) {
        byte[] content = body.isEmpty() ? new byte[0] : bytes(body);
        expectRefused(STAGE.client(), packet(first, content), reasons(answer));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0x81, 0x83, 0x84, 0x86, 0x88, 0x8A, 0x8F})
    @Normative(mqtt5 = "3.8.1-1")
    void endsTheConnectionAtASubscribeWithOtherFlags(int first) {
        byte[] wrong = subscribe5(1, "a", 0);
        wrong[0] = (byte) first;
        expectRefused(STAGE.client(), wrong, 0x81);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xA0, 0xA1, 0xA3, 0xA4, 0xA6, 0xA8, 0xAA, 0xAF})
    @Normative(mqtt5 = "3.10.1-1")
    void endsTheConnectionAtAnUnsubscribeWithOtherFlags(int first) {
        byte[] wrong = unsubscribe5(1, NO_PROPERTIES, "a");
        wrong[0] = (byte) first;
        expectRefused(STAGE.client(), wrong, 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nothing                            | 81    | ''
                    half a packet identifier           | 81    | 00
                    no properties                      | 81    | 00 01
                    packet identifier zero             | 81/82 | 00 00 00 00 01 61 00
                    filter without options             | 81    | 00 01 00 00 01 61
                    filter longer than the packet      | 81    | 00 01 00 00 05 61 00
                    half a filter length               | 81    | 00 01 00 00
                    second filter without options      | 81    | 00 01 00 00 01 61 00 00 01 62
                    properties longer than the packet  | 81    | 00 01 20 00 01 61 00
                    unfinished property length         | 81    | 00 01 80 80 80 80 01 00 01 61 00
                    unknown property                   | 81    | 00 01 02 7F 00 00 01 61 00
                    reason string                      | 81    | 00 01 04 1F 00 01 61 00 01 61 00
                    session expiry                     | 81    | 00 01 05 11 00 00 00 09 00 01 61 00
                    topic alias                        | 81    | 00 01 03 23 00 01 00 01 61 00
                    user property without a value      | 81    | 00 01 04 26 00 01 61 00 01 61 00
                    user property not UTF-8            | 81    | 00 01 07 26 00 02 C0 80 00 00 00 01 61 00
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongSubscribe(String what, String answer, String body) {
        expectRefusedBody(0x82, body, answer);
    }

    @Test
    @Normative(mqtt5 = {"3.8.3-2", "4.13.1-1"})
    void endsTheConnectionAtASubscribeWithoutFilters() {
        expectRefusedBody(0x82, "00 01 00", "82");
    }

    @ParameterizedTest
    @CsvSource({"40", "80", "C0", "41", "82"})
    @Normative(mqtt5 = "3.8.3-5")
    void endsTheConnectionAtReservedOptions(String options) {
        expectRefusedBody(0x82, "00 01 00 00 01 61 " + options, "81");
    }

    @ParameterizedTest
    @CsvSource({"03", "07", "0B"})
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtQos3(String options) {
        expectRefusedBody(0x82, "00 01 00 00 01 61 " + options, "82");
    }

    @ParameterizedTest
    @CsvSource({"30", "31", "3E"})
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtRetainHandling3(String options) {
        expectRefusedBody(0x82, "00 01 00 00 01 61 " + options, "82");
    }

    @Test
    @Normative(mqtt5 = "3.8.3-4")
    void endsTheConnectionAtNoLocalOnASharedSubscription() {
        expectRefused(STAGE.client(), subscribe5(1, "$share/g/a", 0x05), 0x82);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    identifier zero        | 82 | 02 0B 00
                    two identifiers        | 82 | 04 0B 01 0B 02
                    the same one twice     | 82 | 04 0B 01 0B 01
                    identifier too large   | 81 | 06 0B 80 80 80 80 01
                    unfinished identifier  | 81 | 02 0B 80
                    identifier cut off     | 81 | 01 0B
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongSubscriptionIdentifier(
            String what, String answer, String properties) {
        expectRefusedBody(0x82, "00 01 " + properties + " 00 01 61 00", answer);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    overlong zero     | C0 80
                    overlong slash    | C0 AF
                    overlong in three | E0 80 AF
                    surrogate         | ED A0 80
                    surrogate pair    | ED A0 80 ED B0 80
                    beyond U+10FFFF   | F4 90 80 80
                    cut off           | E2 82
                    stray follower    | 80
                    never a byte      | FF
                    """)
    @Normative(mqtt5 = {"3.8.3-1", "3.10.3-1"})
    void endsTheConnectionAtAFilterThatIsNotUtf8(String what, String hex) {
        byte[] filter = binary(join(bytes("61 2F"), bytes(hex)));
        byte[] subscribe = packet(0x82, u16(1), properties(), filter, new byte[] {0});
        expectRefused(STAGE.client(), subscribe, 0x81);
        expectRefused(STAGE.client(), packet(0xA2, u16(1), properties(), filter), 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nothing                            | 81    | ''
                    half a packet identifier           | 81    | 00
                    no properties                      | 81    | 00 01
                    packet identifier zero             | 81/82 | 00 00 00 00 01 61
                    filter longer than the packet      | 81    | 00 01 00 00 05 61
                    half a filter length               | 81    | 00 01 00 00
                    rest behind the filters            | 81    | 00 01 00 00 01 61 00
                    properties longer than the packet  | 81    | 00 01 20 00 01 61
                    unknown property                   | 81    | 00 01 02 7F 00 00 01 61
                    subscription identifier            | 81    | 00 01 02 0B 01 00 01 61
                    reason string                      | 81    | 00 01 04 1F 00 01 61 00 01 61
                    user property without a value      | 81    | 00 01 04 26 00 01 61 00 01 61
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongUnsubscribe(String what, String answer, String body) {
        expectRefusedBody(0xA2, body, answer);
    }

    @Test
    @Normative(mqtt5 = {"3.10.3-2", "4.13.1-1"})
    void endsTheConnectionAtAnUnsubscribeWithoutFilters() {
        expectRefusedBody(0xA2, "00 01 00", "82");
    }

    @Test
    void takesUserPropertiesInBoth() {
        byte[] twice = join(userProperty("a", "1"), userProperty("a", "2"));
        RawClient client = STAGE.client();
        client.send(subscribe5(1, twice, "a", 1));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0x01);
        client.send(unsubscribe5(2, twice, "a"));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
    }
}
