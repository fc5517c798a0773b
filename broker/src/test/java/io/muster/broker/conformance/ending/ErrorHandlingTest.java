package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RECEIVE_MAXIMUM;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.SUBACK;
import static io.muster.broker.conformance.Wire.UNSUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.expectDisconnect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors end a connection and cost nobody else anything [MQTT5 4.13]. */
@DisplayNameGeneration(StatementNames.class)
class ErrorHandlingTest {

    private static final String SECRET = Stage.FORBIDDEN + "x";

    @RegisterExtension
    static final Stage STAGE =
            Stage.with(
                    settings -> {
                        Stage.forbid(settings);
                        settings.packetBytesMax = 1_000;
                    });

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void costNobodyElseAnything() {
        String topic = STAGE.name();
        RawClient bystander = STAGE.client().subscribe(topic, 1);
        RawClient publisher = STAGE.client();
        for (String wrong :
                new String[] {"C1 00", "82 03 00 01 00", "00 00", "F0 00", "40 01 00"}) {
            STAGE.client().send(bytes(wrong)).closeAtEnd();
            publish(publisher, QOS_1, topic, wrong);
            bystander.expectPublish(wrong);
        }
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void leaveTheSessionAsItWas() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        publish(STAGE.client(), QOS_1, name, "x");
        int id = client.expectPublish("x").packetId();
        expectRefused(client, bytes("C1 00"), 0x81);
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("x").packetId()).isEqualTo(id);
    }

    @Test
    @Normative(mqtt5 = {"4.13.1-1", "3.14.2-1"})
    void tellThatAPacketWasTooLarge() {
        RawClient client = STAGE.client();
        expectRefused(client, publish5("t", NO_PROPERTIES, "x".repeat(2_000)), 0x95);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30 FF FF FF FF 01", "30 80 80 80 80 80", "C0 FF FF FF FF FF"})
    @Normative(mqtt5 = "4.13.1-1")
    void endAConnectionAtARemainingLengthOfFiveBytes(String hex) {
        RawClient client = STAGE.client();
        client.send(bytes(hex));
        expectDisconnect(client, 0x81);
    }

    @Test
    @Normative(mqtt5 = "4.13.2-1")
    void closeTheConnectionAfterAConnackThatSaysNo() {
        Packets.Connect connect = connect(5, STAGE.name()).with(u16(RECEIVE_MAXIMUM, 0));
        STAGE.raw().send(connect.bytes()).expectRefused(0x82);
    }

    @Test
    @Normative(mqtt5 = "4.13.2-1")
    void goOnAfterAnAcknowledgementThatSaysNo() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 1);
        client.send(publish5(QOS_1, 1, SECRET, NO_PROPERTIES, "no"));
        expectAcknowledge(client, PUBACK, 1, 0x87);
        client.send(publish5(QOS_2, 2, SECRET, NO_PROPERTIES, "no"));
        expectAcknowledge(client, PUBREC, 2, 0x87);
        client.send(subscribe5(3, SECRET, 0));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0x87);
        client.send(unsubscribe5(4, NO_PROPERTIES, SECRET));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x11);
        publish(client, QOS_1, topic + "/other", "yes");
        publish(STAGE.client(), QOS_1, topic, "x");
        client.expectPublish("x");
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void countOneOfSeveralAndWorkOnNothingBehindIt() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient client = STAGE.client();
        client.send(
                publish5(topic, NO_PROPERTIES, "before"),
                bytes("C1 00"),
                publish5(topic, NO_PROPERTIES, "behind"));
        expectDisconnect(client, 0x81);
        watcher.expectPublish("before");
        publish(STAGE.client(), 0, topic, "fence");
        watcher.expectPublish("fence");
    }
}
