package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.conformance.Wire.PUBLISH;
import static io.muster.broker.conformance.Wire.expectRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PINGREQ, and packets that a client may not send at all [MQTT5 3.12, 3.13, 2.1.2]. */
@DisplayNameGeneration(StatementNames.class)
class PingTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    @Test
    @Normative(mqtt5 = "3.12.4-1")
    void isAnswered() {
        RawClient client = STAGE.client();
        for (int i = 0; i < 10; i++) {
            client.send(Packets.PINGREQ).expect("D0 00");
        }
        client.send(Packets.PINGREQ, Packets.PINGREQ).expect("D0 00").expect("D0 00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C1 00", "C2 00", "C4 00", "C8 00", "C0 01 00", "C0 02 00 00"})
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongPingreq(String hex) {
        expectRefused(STAGE.client(), bytes(hex), 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    PINGRESP          | D0 00
                    CONNACK           | 20 03 00 00 00
                    SUBACK            | 90 04 00 01 00 00
                    UNSUBACK          | B0 04 00 01 00 00
                    PINGRESP and more | D0 01 00
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAPacketThatOnlyAServerSends(String what, String hex) {
        expectRefused(STAGE.client(), bytes(hex), 0x81, 0x82);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 00", "01 00", "0F 00"})
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtThePacketTypeThatIsForbidden(String hex) {
        expectRefused(STAGE.client(), bytes(hex), 0x81, 0x82);
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtASecondConnect() {
        expectRefused(STAGE.client(), connect(5, STAGE.name()).bytes(), 0x82);
    }

    @Test
    @Normative(mqtt5 = "4.2-1")
    void takesPacketsByteByByteAndManyAtOnce() {
        RawClient client = STAGE.raw();
        for (byte each : connect(5, STAGE.name()).bytes()) {
            client.send(new byte[] {each});
        }
        client.expectConnack(false);
        String topic = STAGE.name();
        for (byte each : subscribe5(1, topic, 0)) {
            client.send(new byte[] {each});
        }
        client.expect("90 04 00 01 00 00");
        client.send(
                publish5(topic, NO_PROPERTIES, "1"),
                Packets.PINGREQ,
                publish5(topic, NO_PROPERTIES, "2"));
        List<String> received = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RawClient.Packet packet = client.read();
            received.add(packet.type() == PUBLISH ? packet.payload() : "pong");
        }
        assertThat(received).containsExactlyInAnyOrder("1", "2", "pong");
    }
}
