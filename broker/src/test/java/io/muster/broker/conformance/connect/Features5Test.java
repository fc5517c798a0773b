package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.Features;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker whose operator has switched off what is optional [MQTT5 3.2.2.3]. */
@DisplayNameGeneration(StatementNames.class)
class Features5Test {

    private static final BrokerFixture LEAN =
            broker(new Features(Qos.AT_MOST_ONCE, false, false, false));
    private static final BrokerFixture NO_QOS_2 =
            broker(new Features(Qos.AT_LEAST_ONCE, true, true, true));

    private static BrokerFixture broker(Features features) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.features = features;
        return settings.start();
    }

    @AfterAll
    static void close() {
        LEAN.close();
        NO_QOS_2.close();
    }

    private static PropertyList told(BrokerFixture broker) {
        RawClient client = broker.raw().speaking(5).send(connect(5, "told").bytes());
        return StrictReader.accepted(client).propertyList();
    }

    @Test
    @Normative(mqtt5 = "3.2.2-9")
    void areToldInConnack() {
        PropertyList lean = told(LEAN);
        assertThat(lean.number(Packets.MAXIMUM_QOS)).isZero();
        assertThat(lean.number(Packets.RETAIN_AVAILABLE)).isZero();
        assertThat(lean.number(Packets.WILDCARD_AVAILABLE)).isZero();
        assertThat(lean.number(Packets.SHARED_AVAILABLE)).isZero();
        PropertyList most = told(NO_QOS_2);
        assertThat(most.number(Packets.MAXIMUM_QOS)).isEqualTo(1);
        assertThat(most.has(Packets.RETAIN_AVAILABLE)).isFalse();
        assertThat(most.has(Packets.WILDCARD_AVAILABLE)).isFalse();
        assertThat(most.has(Packets.SHARED_AVAILABLE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt5 = {"3.2.2-10", "3.8.4-8"})
    void grantTheMaximumQosToThoseWhoAskForMore(int asked) {
        RawClient lean = LEAN.client(5, "asks");
        lean.send(subscribe5(1, "t", asked));
        assertThat(StrictReader.read(lean, 9).reasons()).containsExactly(0);
        RawClient most = NO_QOS_2.client(5, "asks");
        most.send(subscribe5(1, "t", asked));
        assertThat(StrictReader.read(most, 9).reasons()).containsExactly(Math.min(asked, 1));
    }

    @Test
    @Normative(mqtt5 = {"3.2.2-10", "3.8.4-8"})
    void deliverWithTheQosThatWasGranted() {
        RawClient client = NO_QOS_2.client(5, "both");
        client.send(subscribe5(1, "granted", 2));
        StrictReader.read(client, 9);
        client.send(publish5(QOS_1, 7, "granted", NO_PROPERTIES, "x"));
        assertThat(Stream.of(client.read(), client.read()))
                .filteredOn(packet -> packet.type() == 3)
                .extracting(RawClient.Packet::qos)
                .containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = "3.2.2-12")
    void refuseAWillAboveTheMaximumQos(int qos) {
        Packets.Connect connect = connect(5, "will").will("w", "gone", qos << 3, NO_PROPERTIES);
        StrictReader.refused(LEAN.raw().speaking(5).send(connect.bytes()), 0x9B);
    }

    @Test
    @Normative(mqtt5 = "3.2.2-13")
    void refuseARetainedWill() {
        Packets.Connect connect =
                connect(5, "will").will("w", "gone", Packets.WILL_RETAIN, NO_PROPERTIES);
        StrictReader.refused(LEAN.raw().speaking(5).send(connect.bytes()), 0x9A);
    }

    static Stream<Arguments> unsupported() {
        return Stream.of(
                arguments("QoS 1", publish5(QOS_1, 1, "t", NO_PROPERTIES, "x"), 0x9B),
                arguments("QoS 2", publish5(Packets.QOS_2, 1, "t", NO_PROPERTIES, "x"), 0x9B),
                arguments("retained", publish5(RETAIN, 0, "t", NO_PROPERTIES, "x"), 0x9A),
                arguments("+", subscribe5(1, "a/+/b", 0), 0xA2),
                arguments("#", subscribe5(1, "#", 0), 0xA2),
                arguments("share", subscribe5(1, "$share/group/t", 0), 0x9E));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unsupported")
    void endTheConnectionOfAClientThatUsesThemNevertheless(String what, byte[] packet, int reason) {
        StrictReader.ends(LEAN, packet, reason);
    }

    @Test
    @Normative(mqtt3 = "3.8.3-2")
    void refuseTheFiltersOfEarlierVersionsOneByOne() {
        RawClient client = LEAN.client(4, "earlier");
        byte[] all =
                Packets.subscribeAll(
                        1,
                        Packets.filter("a/+", 0),
                        Packets.filter("a", 2),
                        Packets.filter("$share/group/t", 0),
                        Packets.filter("a/#", 1));
        assertThat(client.send(all).read().reasons()).containsExactly(0x80, 0, 0x80, 0x80);
        client.send(publish("a", "x")).expectPublish("x");
    }

    @Test
    void closeTheConnectionsOfEarlierVersionsThatUseThem() {
        LEAN.client(4, "qos").send(publish(QOS_1, 1, "t", "x")).expectClosed();
        LEAN.client(4, "retained").send(publish(RETAIN, 0, "t", "x")).expectClosed();
        Packets.Connect will =
                connect(4, "will").will("w", "gone", Packets.WILL_RETAIN, NO_PROPERTIES);
        LEAN.raw().speaking(4).send(will.bytes()).expectRefused(5);
        LEAN.client(4, "plain").send(subscribe(1, "t", 1)).expect("90 03 00 01 00");
    }
}
