package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
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

/** In which order messages and acknowledgements are sent [MQTT5 4.6]. */
@DisplayNameGeneration(StatementNames.class)
class OrderTest {

    private static final int MESSAGES = 60;

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static byte[] publication(int qos, int id, String topic, String payload) {
        return qos == 0
                ? publish5(topic, NO_PROPERTIES, payload)
                : publish5(qos << 1, id, topic, NO_PROPERTIES, payload);
    }

    private static RawClient sendMany(int qos, String topic) {
        RawClient publisher = STAGE.client();
        byte[][] burst = new byte[MESSAGES][];
        for (int i = 0; i < MESSAGES; i++) {
            burst[i] = publication(qos, i + 1, topic, "m" + i);
        }
        return publisher.send(burst);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,2", "1,0", "1,1", "1,2", "2,0", "2,1", "2,2"})
    @Normative(mqtt5 = {"4.6.0-5", "4.6.0-6"})
    void keepsTheOrderOfAPublisherForEverySubscriber(int published, int granted) {
        String topic = STAGE.name();
        List<RawClient> subscribers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            subscribers.add(STAGE.client().subscribe(i % 2 == 0 ? topic : topic + "/#", granted));
        }
        sendMany(published, topic);
        for (RawClient subscriber : subscribers) {
            for (int i = 0; i < MESSAGES; i++) {
                subscriber.expectPublish("m" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = {"4.6.0-5", "4.6.0-6"})
    void keepsTheOrderOverAReconnectInTheMiddle(int qos) {
        String name = STAGE.name();
        Packets.Connect narrow = lasting(name).with(Packets.u16(0x21, 10));
        RawClient client = STAGE.client(narrow).subscribe(name, qos);
        sendMany(qos, name);
        List<RawClient.Packet> first = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            first.add(client.expectPublish("m" + i));
        }
        if (qos == 1) {
            client.send(puback(first.get(0).packetId()), puback(first.get(1).packetId()));
            client.expectPublish("m10");
            client.expectPublish("m11");
        }
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        for (int i = qos == 1 ? 2 : 0; i < MESSAGES; i++) {
            assertThat(again.expectPublish("m" + i).duplicate())
                    .isEqualTo(i < (qos == 1 ? 12 : 10));
        }
    }

    @Test
    @Normative(mqtt5 = "4.6.0-5")
    void keepsTheOrderOfWhatWasQueuedForTheAbsent() {
        String name = STAGE.name();
        STAGE.drop(STAGE.client(lasting(name)).subscribe(name, 1), name);
        RawClient publisher = STAGE.client();
        for (int i = 0; i < MESSAGES; i++) {
            publish(publisher, QOS_1, name, "m" + i);
        }
        RawClient again = STAGE.resumed(lasting(name));
        for (int i = 0; i < MESSAGES; i++) {
            again.send(puback(again.expectPublish("m" + i).packetId()));
        }
    }

    /** The flows are symmetric: what binds a client as receiver is expected of the broker too. */
    @Test
    @Normative(mqtt5 = "4.6.0-2")
    void acknowledgesQos1InTheOrderReceived() {
        RawClient publisher = sendMany(1, STAGE.name());
        for (int i = 1; i <= MESSAGES; i++) {
            expectAcknowledge(publisher, PUBACK, i, 0x10);
        }
    }

    @Test
    @Normative(mqtt5 = "4.6.0-3")
    void acknowledgesQos2InTheOrderReceived() {
        RawClient publisher = sendMany(2, STAGE.name());
        for (int i = 1; i <= MESSAGES; i++) {
            expectAcknowledge(publisher, PUBREC, i, 0x00);
        }
        for (int i = MESSAGES; i >= 1; i--) {
            publisher.send(Packets.pubrel(i));
        }
        for (int i = MESSAGES; i >= 1; i--) {
            expectAcknowledge(publisher, PUBCOMP, i, 0x00);
        }
    }

    @Test
    @Normative(mqtt5 = "4.6.0-4")
    void releasesInTheOrderReceived() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        List<Integer> identifiers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            publish(publisher, QOS_2, topic, "m" + i);
            identifiers.add(client.expectPublish("m" + i).packetId());
        }
        identifiers.forEach(id -> client.send(Packets.pubrec(id)));
        identifiers.forEach(id -> expectAcknowledge(client, PUBREL, id, 0x00));
    }
}
