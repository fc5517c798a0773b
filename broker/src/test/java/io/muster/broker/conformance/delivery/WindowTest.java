package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;

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

/** How many messages may be unacknowledged, in both directions [MQTT5 4.9]. */
@DisplayNameGeneration(StatementNames.class)
class WindowTest {

    @RegisterExtension static final Stage STAGE = Stage.with(settings -> settings.inflightMax = 3);

    private static RawClient narrow(String name, int window, int qos) {
        Packets.Connect connect = lasting(name).with(u16(0x21, window));
        return STAGE.client(connect).subscribe(name, qos);
    }

    private static void publishMany(int qos, String topic, int count) {
        RawClient publisher = STAGE.client();
        for (int i = 1; i <= count; i++) {
            publish(publisher, qos, topic, "" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    @Normative(mqtt5 = {"4.9.0-1", "4.9.0-2"})
    void sendsNoMoreQos1ThanTheClientTakes(int window) {
        String name = STAGE.name();
        RawClient client = narrow(name, window, 1);
        publishMany(QOS_1, name, 6);
        int oldest = 0;
        for (int i = 1; i <= window; i++) {
            int id = client.expectPublish("" + i).packetId();
            oldest = i == 1 ? id : oldest;
        }
        client.expectNothing();
        client.send(puback(oldest)).expectPublish("" + (window + 1));
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.9.0-2")
    void makesRoomAtPubcompAndNotAtPubrec() {
        String name = STAGE.name();
        RawClient client = narrow(name, 1, 2);
        publishMany(QOS_2, name, 2);
        int id = client.expectPublish("1").packetId();
        client.send(pubrec(id));
        expectAcknowledge(client, PUBREL, id, 0x00);
        client.expectNothing();
        client.send(pubcomp(id)).expectPublish("2");
    }

    @Test
    @Normative(mqtt5 = {"4.9.0-2", "4.4.0-2"})
    void makesRoomAtARefusal() {
        String name = STAGE.name();
        RawClient client = narrow(name, 1, 2);
        publishMany(QOS_2, name, 3);
        int first = client.expectPublish("1").packetId();
        int second = client.send(acknowledge(PUBREC, first, 0x80)).expectPublish("2").packetId();
        client.expectNothing();
        client.send(pubrec(second));
        expectAcknowledge(client, PUBREL, second, 0x00);
        client.send(acknowledge(PUBCOMP, second, 0x92)).expectPublish("3");
    }

    @Test
    @Normative(mqtt5 = {"4.9.0-1", "4.9.0-2"})
    void isNotWidenedByAcknowledgementsOfNothing() {
        String name = STAGE.name();
        RawClient client = narrow(name, 1, 1);
        client.send(puback(100), puback(101), pubcomp(102)).expectNothing();
        publishMany(QOS_1, name, 3);
        int id = client.expectPublish("1").packetId();
        client.expectNothing();
        client.send(puback(id), puback(id), puback(id)).expectPublish("2");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.9.0-3")
    void goesOnWithAllElseWhenNothingMoreMayBeSent() {
        String name = STAGE.name();
        RawClient client = narrow(name, 1, 1);
        publishMany(QOS_1, name, 2);
        client.expectPublish("1");
        client.subscribe(name + "/other", 1).expectNothing();
        client.send(publish5(QOS_1, 5, name + "/nobody", NO_PROPERTIES, "x"));
        expectAcknowledge(client, PUBACK, 5, 0x10);
        client.send(publish5(QOS_2, 6, name + "/nobody", NO_PROPERTIES, "x"), pubrel(6));
        expectAcknowledge(client, PUBREC, 6, 0x00);
        expectAcknowledge(client, PUBCOMP, 6, 0x00);
        client.send(Packets.DISCONNECT).expectClosed();
    }

    @Test
    @Normative(mqtt5 = "4.9.0-1")
    void isCountedAnewForEveryConnection() {
        String name = STAGE.name();
        RawClient client = narrow(name, 1, 1);
        publishMany(QOS_1, name, 3);
        client.expectPublish("1");
        client.expectNothing();
        client.close();
        RawClient again = STAGE.resumed(lasting(name).with(u16(0x21, 2)));
        again.expectPublish("1");
        again.expectPublish("2");
        again.expectNothing();
        again.close();
        RawClient third = STAGE.resumed(lasting(name).with(u16(0x21, 1)));
        int id = third.expectPublish("1").packetId();
        third.expectNothing();
        third.send(puback(id)).expectPublish("2");
    }

    @Test
    @Normative(mqtt5 = {"4.13.1-1", "3.14.2-1"})
    void endsAConnectionThatSendsMoreQos2ThanItMay() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        for (int i = 1; i <= 3; i++) {
            client.send(publish5(QOS_2, i, topic, NO_PROPERTIES, "x"));
            expectAcknowledge(client, PUBREC, i, 0x00);
        }
        expectRefused(client, publish5(QOS_2, 4, topic, NO_PROPERTIES, "x"), 0x93);
    }

    @Test
    @Normative(mqtt5 = "4.9.0-3")
    void doesNotCountWhatIsCompleteOrRepeated() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        for (int i = 1; i <= 6; i++) {
            client.send(publish5(QOS_1, i, topic, NO_PROPERTIES, "x"));
            expectAcknowledge(client, PUBACK, i, 0x10);
        }
        for (int i = 1; i <= 6; i++) {
            client.send(publish5(QOS_2, i, topic, NO_PROPERTIES, "x"), pubrel(i));
            expectAcknowledge(client, PUBREC, i, 0x00);
            expectAcknowledge(client, PUBCOMP, i, 0x00);
        }
        for (int i = 1; i <= 6; i++) {
            int duplicate = i == 1 ? 0 : 0x08;
            client.send(publish5(QOS_2 | duplicate, 9, topic, NO_PROPERTIES, "x"));
            expectAcknowledge(client, PUBREC, 9, 0x00, 0x10, 0x91);
        }
    }
}
