package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.DISCONNECT;
import static io.muster.broker.Packets.DUP;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.pubrel;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.BrokerFixture;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** PUBLISH: its flags, its topic name, its answers. */
@DisplayNameGeneration(StatementNames.class)
class PublishTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @Test
    @Normative(mqtt3 = {"3.3.1-1", "4.4.0-1"})
    void marksWhatItSendsAgain() {
        RawClient client = STAGE.begin("again").subscribe("again", 2);
        STAGE.publish(1, "again", "one");
        STAGE.publish(2, "again", "two");
        assertThat(client.expectPublish("one").duplicate()).isFalse();
        assertThat(client.expectPublish("two").duplicate()).isFalse();
        client.close();
        RawClient again = STAGE.resume("again");
        assertThat(again.expectPublish("one").duplicate()).isTrue();
        assertThat(again.expectPublish("two").duplicate()).isTrue();
    }

    @Test
    @Normative(mqtt3 = "3.3.1-1")
    void doesNotMarkWhatItSendsForTheFirstTimeAfterAReconnect() {
        STAGE.begin("first").subscribe("first", 2).close();
        RawClient gone = STAGE.resume("first");
        gone.send(DISCONNECT).expectClosed();
        STAGE.publish(1, "first", "x");
        assertThat(STAGE.resume("first").expectPublish("x").duplicate()).isFalse();
    }

    @Test
    @Normative(mqtt3 = {"3.3.1-2", "4.3.1-1"})
    void sendsQos0WithoutDup() {
        RawClient zero = STAGE.client("zero").subscribe("zero", 0);
        RawClient two = STAGE.client("two").subscribe("zero", 2);
        STAGE.publish(2, "zero", "a");
        STAGE.publish(0, "zero", "b");
        assertThat(zero.expectPublish("a").firstByte()).isEqualTo(0x30);
        assertThat(zero.expectPublish("b").firstByte()).isEqualTo(0x30);
        two.expectPublish("a");
        assertThat(two.expectPublish("b").firstByte()).isEqualTo(0x30);
    }

    @Test
    @Normative(mqtt3 = "3.3.1-2")
    void refusesDupWithQos0() {
        STAGE.expectClosedAfter(MalformedPacket.PUBLISH_DUP_WITH_QOS_0_FLAGS.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {QOS_1, QOS_2})
    @Normative(mqtt3 = "3.3.1-3")
    void doesNotPassDupOn(int qos) {
        String topic = "dup-" + qos;
        RawClient watcher = STAGE.client(topic).subscribe(topic, 2);
        RawClient client = STAGE.client("repeats-" + qos);
        client.send(publish(DUP | qos, 1, topic, "x")).read();
        client.send(pubrel(1));
        RawClient.Packet packet = watcher.expectPublish("x");
        assertThat(packet.duplicate()).isFalse();
        assertThat(packet.qos()).isEqualTo(qos >> 1);
    }

    @Test
    @Normative(mqtt3 = "3.3.1-4")
    void closesForQos3() {
        STAGE.expectClosedAfter(MalformedPacket.PUBLISH_QOS_3_FLAGS.bytes());
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "PUBLISH_EMPTY",
                "PUBLISH_TOPIC_CUT_OFF",
                "PUBLISH_TOPIC_ILL_FORMED",
                "PUBLISH_TOPIC_OF_NO_CHARACTERS"
            })
    @Normative(mqtt3 = {"3.3.2-1", "4.7.3-1"})
    void closesWhereThereIsNoTopicName(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "PUBLISH_TOPIC_WITH_(PLUS|HASH)")
    @Normative(mqtt3 = {"3.3.2-2", "4.7.1-1"})
    void closesForATopicNameWithWildcards(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = "3.3.2-3")
    void sendsTheTopicNameThatWasPublishedTo() {
        RawClient client = STAGE.client("name").subscribe("name/+/#", 0);
        STAGE.publish(0, "name/a/b/c", "1");
        STAGE.publish(0, "name//", "2");
        STAGE.publish(0, "name/a", "3");
        assertThat(client.expectPublish("1").topic()).isEqualTo("name/a/b/c");
        assertThat(client.expectPublish("2").topic()).isEqualTo("name//");
        assertThat(client.expectPublish("3").topic()).isEqualTo("name/a");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.3.4-1", "4.3.1-1", "4.3.2-2", "4.3.3-2"})
    void answersAsTheQosAsksFor(int level) {
        RawClient client = STAGE.broker().client(level, "answered-" + level);
        client.send(publish("a", "x")).expectNothing();
        client.send(publish(QOS_1, 1, "a", "x")).expect("40 02 00 01").expectNothing();
        client.send(publish(QOS_2, 1, "a", "x")).expect("50 02 00 01").expectNothing();
        client.send(pubrel(1)).expect("70 02 00 01").expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.3.4-1")
    void carriesAnyPayload() {
        RawClient client = STAGE.client("any").subscribe("any", 1);
        StringBuilder large = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            large.append((char) ('a' + i % 26)).append('\u0000').append('\u00E4');
        }
        STAGE.publish(1, "any", "");
        STAGE.publish(1, "any", large.toString());
        client.expectPublish("");
        client.expectPublish(large.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = "3.3.5-1")
    void respectsTheLargestQosOfSubscriptionsThatOverlap(int qos) {
        String name = "overlap-" + qos;
        RawClient client = STAGE.client(name);
        client.subscribe(name + "/#", 1).subscribe(name + "/+", 2).subscribe(name + "/a", 0);
        STAGE.publish(qos, name + "/a", "x");
        RawClient.Packet packet = client.expectPublish("x");
        int largest = packet.qos();
        // A server may send a copy for each of the other subscriptions.
        STAGE.publish(0, name, "end");
        for (packet = client.read(); !packet.payload().equals("end"); packet = client.read()) {
            largest = Math.max(largest, packet.qos());
        }
        assertThat(largest).isEqualTo(qos);
    }

    @Test
    @Normative(mqtt3 = "3.3.5-2")
    void acknowledgesWhatMayNotBePublishedAndDropsIt() {
        TopicPermissions permissions =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return !topicName.equals("secret");
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return true;
                    }
                };
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", permissions)));
        try (Mqtt3Stage stage = new Mqtt3Stage(settings)) {
            RawClient watcher = stage.client("watcher").subscribe("#", 2);
            stage.publish(0, "secret", "x");
            stage.publish(1, "secret", "x");
            stage.publish(2, "secret", "x");
            stage.publishRetained(1, "secret", "x");
            stage.expectOnly(watcher, "open", "fence");
            stage.client("later").subscribe("secret", 0).expectNothing();
        }
    }
}
