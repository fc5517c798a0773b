package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.REASON_STRING;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.disconnect5;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.userProperty;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.reasons;

import io.muster.broker.Packets;
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

/** How a client's DISCONNECT may look, and how not [MQTT5 3.14.1, 3.14.2]. */
@DisplayNameGeneration(StatementNames.class)
class DisconnectFormatTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    @ParameterizedTest
    @ValueSource(strings = {"E1 00", "E2 00", "E4 00", "E8 00", "EF 00", "E1 02 00 00"})
    @Normative(mqtt5 = "3.14.1-1")
    void endsTheConnectionAtReservedBits(String hex) {
        expectRefused(STAGE.client(), bytes(hex), 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    unknown reason code                | 81/82 | 01 00
                    unknown reason code alone          | 81/82 | 7F
                    reason code of a CONNACK           | 81/82 | 86 00
                    reason code of a PUBREL            | 81/82 | 92 00
                    reason code of a SUBACK            | 81/82 | 02 00
                    properties longer than the packet  | 81    | 00 05
                    properties shorter than the packet | 81    | 00 00 00
                    unfinished property length         | 81    | 00 80
                    unknown property                   | 81    | 00 02 7F 00
                    property of a PUBLISH              | 81    | 00 05 02 00 00 00 09
                    property of a CONNECT              | 81    | 00 03 21 00 09
                    session expiry cut off             | 81    | 00 03 11 00 00
                    session expiry twice               | 82    | 00 0A 11 00 00 00 00 11 00 00 00 00
                    reason string twice                | 82    | 00 08 1F 00 01 61 1F 00 01 61
                    reason string not UTF-8            | 81    | 00 05 1F 00 02 C0 80
                    user property without a value      | 81    | 00 04 26 00 01 61
                    server reference twice             | 81/82 | 00 08 1C 00 01 61 1C 00 01 61
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongDisconnect(String what, String answer, String body) {
        expectRefused(STAGE.client(), packet(0xE0, bytes(body)), reasons(answer));
    }

    /** Only a server has these reasons. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "87 00", "89 00", "8B 00", "8D 00", "8E 00", "8F 00", "9A 00", "9B 00", "9C 00",
                "9D 00", "9E 00", "9F 00", "A0 00", "A1 00", "A2 00"
            })
    @Normative(mqtt5 = "3.14.2-1")
    void endsTheConnectionAtADisconnectThatOnlyAServerSends(String body) {
        expectRefused(STAGE.client(), packet(0xE0, bytes(body)), 0x81, 0x82);
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void refusesToLetASessionLiveThatWasToEnd() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        Packets.Connect[] without = {
            connect(5, STAGE.name()), connect(5, STAGE.name()).expiry(0),
        };
        for (Packets.Connect connect : without) {
            RawClient client = STAGE.client(connect.will(topic, "will", 0, NO_PROPERTIES));
            expectRefused(client, disconnect5(0, u32(SESSION_EXPIRY, 1)), 0x82);
            watcher.expectPublish("will"); // It was no valid DISCONNECT.
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x04})
    @Normative(mqtt5 = {"3.14.2-1", "3.14.4-3"})
    void publishesTheWillAtEveryOtherReasonOfAClient(int reason) {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        Packets.Connect connect = connect(5, STAGE.name()).will(topic, "will", 0, NO_PROPERTIES);
        STAGE.client(connect).send(disconnect5(reason, NO_PROPERTIES)).expectClosed();
        watcher.expectPublish("will");
    }

    @ParameterizedTest
    @ValueSource(strings = {"E0 00", "E0 01 00", "E0 02 00 00", "E0 06 00 04 1F 00 01 61"})
    @Normative(mqtt5 = "3.14.4-3")
    void takesEveryFormOfANormalDisconnect(String hex) {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        Packets.Connect connect = connect(5, STAGE.name()).will(topic, "will", 0, NO_PROPERTIES);
        STAGE.client(connect).send(bytes(hex)).expectClosed();
        watcher.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.14.4-3")
    void takesUserProperties() {
        byte[] properties =
                join(userProperty("a", "1"), text(REASON_STRING, "bye"), userProperty("a", "2"));
        STAGE.client().send(disconnect5(0, properties)).expectClosed();
    }
}
