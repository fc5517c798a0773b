package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.DISCONNECT;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.WILL_QOS_1;
import static io.muster.broker.Packets.WILL_QOS_2;
import static io.muster.broker.Packets.WILL_RETAIN;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.conformance.mqtt3.Mqtt3Stage.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a will is published, how, and when not. */
@DisplayNameGeneration(StatementNames.class)
class WillTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    private static RawClient watcher(String topic) {
        return STAGE.client("watch-" + topic).subscribe(topic, 2);
    }

    private static RawClient withWill(String name, String payload, int flags) {
        return STAGE.raw().connect(connect(name).will(name, payload, flags, NO_PROPERTIES));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.1.2-8", "3.1.2-9"})
    void publishesTheWillWhenTheConnectionIsLost(int level) {
        String topic = "lost-" + level;
        RawClient watcher = watcher(topic);
        Packets.Connect connect = Packets.connect(level, topic);
        STAGE.raw().connect(connect.will(topic, "gone", 0, NO_PROPERTIES)).close();
        watcher.expectPublish("gone");
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RESERVED_TYPE_15",
                "PUBLISH_QOS_3_FLAGS",
                "SUBSCRIBE_WITHOUT_FILTER",
                "CONNACK_FROM_A_CLIENT"
            })
    @Normative(mqtt3 = "3.1.2-8")
    void publishesTheWillWhenTheServerClosesForABrokenPacket(MalformedPacket packet) {
        RawClient watcher = watcher("broke");
        withWill("broke", "gone", 0).send(packet.bytes()).expectClosed();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-8", "3.14.1-1"})
    void publishesTheWillAfterADisconnectWithWrongFlags() {
        RawClient watcher = watcher("flags");
        withWill("flags", "gone", 0).send(MalformedPacket.DISCONNECT_FLAGS.bytes()).expectClosed();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-8")
    void publishesTheWillOfOneWhoIsTakenOver() {
        RawClient watcher = watcher("over");
        RawClient first = withWill("over", "gone", 0);
        STAGE.client("over");
        first.expectClosed();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-8")
    void publishesTheWillWhenTheSecondConnectEndsTheConnection() {
        RawClient watcher = watcher("second");
        withWill("second", "gone", 0).send(connect("second").bytes()).expectClosed();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-8")
    void publishesTheWillWhenTheServerEndsTheConnection() {
        RawClient watcher = watcher("ended");
        RawClient client = withWill("ended", "gone", 0);
        STAGE.broker().broker().clients().disconnect("ended").toCompletableFuture().join();
        client.expectClosed();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-8", "3.1.2-9"})
    void publishesAWillWithoutPayload() {
        RawClient watcher = watcher("nothing");
        withWill("nothing", "", 0).close();
        watcher.expectPublish("");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.1.2-8", "3.1.2-10", "3.14.4-3"})
    void forgetsTheWillAtDisconnect(int level) {
        String topic = "polite-" + level;
        RawClient watcher = watcher(topic);
        Packets.Connect connect = Packets.connect(level, topic);
        RawClient client = STAGE.raw().connect(connect.will(topic, "gone", 0, NO_PROPERTIES));
        client.send(DISCONNECT).expectClosed();
        STAGE.expectOnly(watcher, topic, "fence");
    }

    @Test
    @Normative(mqtt3 = {"3.14.4-3", "3.1.2-10"})
    void doesWhatCameBeforeDisconnectAndNothingBehindIt() {
        RawClient watcher = watcher("last");
        RawClient client = withWill("last", "gone", 0);
        client.send(publish("last", "before"), DISCONNECT, publish("last", "behind"));
        client.expectClosed();
        watcher.expectPublish("before");
        STAGE.expectOnly(watcher, "last", "fence");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-10")
    void publishesAWillOnce() {
        RawClient watcher = watcher("once");
        Packets.Connect connect = connect("once").resume();
        STAGE.raw().connect(connect.will("once", "gone", 0, NO_PROPERTIES)).close();
        watcher.expectPublish("gone");
        STAGE.resume("once").close();
        STAGE.resume("once").close();
        STAGE.resume("once").expectNothing();
        STAGE.expectOnly(watcher, "once", "fence");
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-12", "3.1.2-10"})
    void publishesNothingForAConnectionWithoutWill() {
        RawClient watcher = watcher("without");
        Packets.Connect connect = connect("without").resume();
        RawClient first = STAGE.raw().connect(connect.will("without", "gone", 0, NO_PROPERTIES));
        first.send(DISCONNECT).expectClosed();
        RawClient second = STAGE.resume("without");
        RawClient third = STAGE.resume("without");
        second.expectClosed();
        third.close();
        STAGE.resume("without").expectNothing();
        STAGE.expectOnly(watcher, "without", "fence");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, WILL_QOS_1, WILL_QOS_2})
    @Normative(mqtt3 = {"3.1.2-9", "3.1.2-14", "3.1.2-16"})
    void publishesTheWillWithItsQosAndNotRetained(int flags) {
        String topic = "qos-" + flags;
        RawClient watcher = watcher(topic);
        withWill(topic, "gone", flags).close();
        RawClient.Packet will = watcher.expectPublish("gone");
        assertThat(will.qos()).isEqualTo(flags >> 3);
        assertThat(will.retain()).isFalse();
        STAGE.client("later-" + topic).subscribe(topic, 2).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, WILL_QOS_1, WILL_QOS_2})
    @Normative(mqtt3 = {"3.1.2-17", "3.1.2-9"})
    void publishesTheWillAsRetainedIfAskedTo(int qos) {
        String topic = "retained-" + qos;
        RawClient watcher = watcher(topic);
        withWill(topic, "gone", WILL_RETAIN | qos).close();
        assertThat(watcher.expectPublish("gone").retain()).isFalse();
        RawClient later = STAGE.client("later-" + topic).subscribe(topic, 2);
        RawClient.Packet kept = later.expectPublish("gone");
        assertThat(kept.retain()).isTrue();
        assertThat(kept.qos()).isEqualTo(qos >> 3);
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-10", "4.5.0-1"})
    void keepsAWillForTheAbsent() {
        STAGE.begin("away").subscribe("heritage", 1).send(DISCONNECT).expectClosed();
        RawClient watcher = watcher("heritage");
        RawClient client = STAGE.raw();
        client.connect(connect("heir").will("heritage", "gone", WILL_QOS_1, NO_PROPERTIES));
        client.close();
        watcher.expectPublish("gone");
        STAGE.resume("away").expectPublish("gone");
    }
}
