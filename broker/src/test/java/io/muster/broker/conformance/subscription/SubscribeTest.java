package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.REASON_STRING;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.filter;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.subscribeAll5;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Wire.PUBLISH;
import static io.muster.broker.conformance.Wire.SUBACK;
import static io.muster.broker.conformance.Wire.UNSUBACK;
import static io.muster.broker.conformance.Wire.expect;
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

/** What a SUBSCRIBE does and how it is answered [MQTT5 3.8.4, 3.9]. */
@DisplayNameGeneration(StatementNames.class)
class SubscribeTest {

    private static final String SECRET = Stage.FORBIDDEN + "x";

    @RegisterExtension
    static final Stage STAGE =
            Stage.with(
                    settings -> {
                        Stage.forbid(settings);
                        settings.subscriptionsMax = 5;
                    });

    @ParameterizedTest
    @ValueSource(ints = {1, 0x00FF, 0x0100, 0x8000, 0xFFFF})
    @Normative(mqtt5 = {"3.8.4-1", "3.8.4-2"})
    void answersWithItsPacketIdentifier(int id) {
        RawClient client = STAGE.client();
        client.send(subscribe5(id, "a", 0));
        assertThat(expect(client, SUBACK).packetId()).isEqualTo(id);
    }

    @Test
    @Normative(mqtt5 = {"3.8.4-5", "3.8.4-6", "3.8.4-7", "3.9.3-1", "3.9.3-2"})
    void answersEveryFilterInItsPlace() {
        RawClient client = STAGE.client();
        client.send(
                subscribeAll5(
                        7,
                        NO_PROPERTIES,
                        filter("a", 2),
                        filter(SECRET, 1),
                        filter("b", 0),
                        filter(SECRET + "/#", 0),
                        filter("c", 1)));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(2, 0x87, 0, 0x87, 1);
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.8.4-7", "3.9.3-2"})
    void tellsWhyASubscriptionIsRefused() {
        RawClient client = STAGE.client();
        client.send(subscribe5(1, SECRET, 1));
        RawClient.Packet suback = expect(client, SUBACK);
        assertThat(suback.reasons()).containsExactly(0x87);
        assertThat(suback.propertyList().has(REASON_STRING)).isTrue();
        RawClient silent = STAGE.client(connect(5, STAGE.name()).with(u8(0x17, 0)));
        silent.send(subscribe5(1, SECRET, 1)).expect("90 04 00 01 00 87");
    }

    @Test
    @Normative(mqtt5 = {"3.9.2-1", "3.9.2-2"})
    void answersWithNoMoreThanTheClientTakes() {
        for (int maximum = 40; maximum <= 120; maximum += 2) {
            Packets.Connect connect = connect(5, STAGE.name()).with(u32(0x27, maximum));
            try (RawClient client = STAGE.client(connect)) {
                client.send(subscribe5(1, SECRET, 1));
                RawClient.Packet suback = expect(client, SUBACK);
                assertThat(suback.body().length + 2).isLessThanOrEqualTo(maximum);
                assertThat(suback.reasons()).containsExactly(0x87);
            }
        }
    }

    @Test
    @Normative(mqtt5 = "3.9.3-2")
    void refusesMoreThanASessionMayHave() {
        RawClient client = STAGE.client();
        for (int i = 1; i <= 5; i++) {
            client.subscribe("s/" + i, 0);
        }
        client.send(subscribe5(1, "s/6", 0));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0x97);
        client.subscribe("s/5", 1);
    }

    @Test
    @Normative(mqtt5 = "3.8.4-5")
    void handlesTheSameFilterTwiceAsTwoSubscribes() {
        String topic = STAGE.name();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "kept");
        RawClient client = STAGE.client();
        client.send(subscribeAll5(3, NO_PROPERTIES, filter(topic, 0), filter(topic, 1)));
        List<Integer> types = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RawClient.Packet packet = client.read();
            types.add(packet.type());
            if (packet.type() == SUBACK) {
                assertThat(packet.reasons()).containsExactly(0, 1);
            }
        }
        assertThat(types).containsExactlyInAnyOrder(SUBACK, PUBLISH, PUBLISH);
        publish(STAGE.client(), QOS_1, topic, "once");
        assertThat(client.expectPublish("once").qos()).isEqualTo(1);
        client.expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2", "2,0", "2,1", "2,2"})
    @Normative(mqtt5 = "3.8.4-8")
    void deliversWithTheLowerQosOfTheTwo(int published, int granted) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, granted);
        publish(STAGE.client(), published << 1, topic, "x");
        assertThat(client.expectPublish("x").qos()).isEqualTo(Math.min(published, granted));
        client.expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"0,2", "2,0", "1,1", "1,2"})
    @Normative(mqtt5 = "3.8.4-3")
    void replacesASubscriptionToTheSameFilter(int first, int second) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, first).subscribe(topic, second);
        publish(STAGE.client(), QOS_2, topic, "x");
        assertThat(client.expectPublish("x").qos()).isEqualTo(second);
        client.expectNothing();
        client.send(unsubscribe5(2, NO_PROPERTIES, topic));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
        publish(STAGE.client(), QOS_1, topic, "y");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.8.4-3")
    void doesNotReplaceASubscriptionToAnotherFilterThatMatchesTheSame() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic + "/+", 0).subscribe(topic + "/#", 0);
        client.send(unsubscribe5(2, NO_PROPERTIES, topic + "/#"));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
        publish(STAGE.client(), 0, topic + "/a", "still");
        client.expectPublish("still");
    }

    @Test
    @Normative(mqtt5 = "3.8.4-4")
    void sendsRetainedMessagesAgainAtEverySubscribe() {
        String topic = STAGE.name();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "kept");
        RawClient client = STAGE.client();
        for (int i = 0; i < 3; i++) {
            client.subscribe(topic, 0);
            assertThat(client.expectPublish("kept").retain()).isTrue();
        }
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.8.4-4")
    void losesNothingWhenASubscriptionIsReplaced() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        RawClient publisher = STAGE.client();
        int messages = 300;
        for (int i = 0; i < messages; i++) {
            publisher.send(publish5(topic, NO_PROPERTIES, "m" + i));
            client.send(subscribe5(5, topic, 0));
        }
        int received = 0;
        int answered = 0;
        while (received < messages || answered < messages) {
            RawClient.Packet packet = client.read();
            if (packet.type() == SUBACK) {
                answered++;
            } else {
                assertThat(packet.payload()).isEqualTo("m" + received++);
            }
        }
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.5.0-1")
    void deliversToEveryClientThatSubscribes() {
        String topic = STAGE.name();
        List<RawClient> clients = new ArrayList<>();
        for (String filter : new String[] {"", "/#"}) {
            for (int qos = 0; qos <= 2; qos++) {
                clients.add(STAGE.client().subscribe(topic + filter, qos));
            }
        }
        publish(STAGE.client(), QOS_2, topic, "all");
        clients.forEach(client -> client.expectPublish("all"));
    }

    @Test
    @Normative(mqtt5 = "3.9.3-2")
    void doesNotSubscribeToWhatItRefuses() {
        RawClient client = STAGE.client();
        client.send(subscribe5(1, SECRET, 1));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0x87);
        client.send(unsubscribe5(2, NO_PROPERTIES, SECRET));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x11);
    }
}
