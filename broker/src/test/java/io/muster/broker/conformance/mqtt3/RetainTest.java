package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.DISCONNECT;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retained messages. */
@DisplayNameGeneration(StatementNames.class)
class RetainTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = {"3.3.1-5", "3.3.1-6", "3.3.1-8"})
    void keepsAMessageWithItsQosForLaterSubscribers(int qos) {
        String topic = "kept-" + qos;
        STAGE.publishRetained(qos, topic, "kept");
        for (int granted = 0; granted <= 2; granted++) {
            RawClient client = STAGE.client(topic + granted).subscribe(topic, granted);
            RawClient.Packet packet = client.expectPublish("kept");
            assertThat(packet.retain()).isTrue();
            assertThat(packet.qos()).isEqualTo(Math.min(qos, granted));
            assertThat(packet.topic()).isEqualTo(topic);
            assertThat(packet.duplicate()).isFalse();
        }
    }

    @Test
    @Normative(mqtt3 = "3.3.1-6")
    void sendsTheLastMessageOfEachTopicThatMatches() {
        STAGE.publishRetained(1, "each/a", "old");
        STAGE.publishRetained(1, "each/a", "new");
        STAGE.publishRetained(1, "each/b/c", "deep");
        STAGE.publishRetained(1, "each", "parent");
        STAGE.publishRetained(1, "eachother", "not this");
        RawClient client = STAGE.client("each").subscribe("each/#", 0);
        assertThat(client.read().payload() + client.read().payload() + client.read().payload())
                .satisfies(all -> assertThat(all).hasSize("newdeepparent".length()))
                .contains("new", "deep", "parent");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.3.1-6")
    void sendsNoRetainedMessageAtAReconnect() {
        STAGE.publishRetained(1, "resumed", "kept");
        RawClient client = STAGE.begin("resumed").subscribe("resumed", 0);
        client.expectPublish("kept");
        client.close();
        STAGE.resume("resumed").expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.3.1-7", "3.3.1-6"})
    void replacesTheMessageByOneOfQos0() {
        STAGE.publishRetained(2, "replaced", "old");
        STAGE.publishRetained(0, "replaced", "new");
        RawClient client = STAGE.client("replaced").subscribe("replaced", 2);
        assertThat(client.expectPublish("new").qos()).isZero();
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = "3.3.1-9")
    void doesNotMarkWhatMatchesAnExistingSubscription(int qos) {
        String topic = "live-" + qos;
        RawClient client = STAGE.client(topic).subscribe(topic, 2);
        STAGE.publishRetained(qos, topic, "x");
        assertThat(client.expectPublish("x").retain()).isFalse();
    }

    @Test
    @Normative(mqtt3 = "3.3.1-9")
    void doesNotMarkWhatWasQueuedForTheAbsent() {
        STAGE.begin("queued").subscribe("queued", 1).close();
        STAGE.resume("queued").send(DISCONNECT).expectClosed();
        STAGE.publishRetained(1, "queued", "x");
        assertThat(STAGE.resume("queued").expectPublish("x").retain()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = {"3.3.1-10", "3.3.1-11"})
    void removesTheMessageByOneWithoutPayload(int qos) {
        String topic = "removed-" + qos;
        STAGE.publishRetained(1, topic, "kept");
        RawClient present = STAGE.client("present-" + qos).subscribe(topic, 2);
        present.expectPublish("kept");
        STAGE.publishRetained(qos, topic, "");
        RawClient.Packet packet = present.expectPublish("");
        assertThat(packet.retain()).isFalse();
        assertThat(packet.qos()).isEqualTo(qos);
        STAGE.client("later-" + qos).subscribe(topic, 2).expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.3.1-11")
    void keepsNoMessageWithoutPayload() {
        STAGE.publishRetained(1, "empty", "");
        STAGE.client("empty").subscribe("empty", 2).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"live", ""})
    @Normative(mqtt3 = "3.3.1-12")
    void leavesTheMessageAloneWhenOneWithoutRetainComes(String payload) {
        String topic = "alone-" + payload;
        STAGE.publish(1, topic, "not kept");
        STAGE.client("before-" + topic).subscribe(topic, 0).expectNothing();
        STAGE.publishRetained(1, topic, "kept");
        STAGE.publish(1, topic, payload);
        RawClient client = STAGE.client("after-" + topic).subscribe(topic, 0);
        client.expectPublish("kept");
        client.expectNothing();
    }
}
