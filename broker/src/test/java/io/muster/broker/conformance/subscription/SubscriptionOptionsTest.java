package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.SUBSCRIPTION_IDENTIFIER;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBREC;
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
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No local, retain as published and retain handling [MQTT5 3.8.3.1]. */
@DisplayNameGeneration(StatementNames.class)
class SubscriptionOptionsTest {

    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;
    private static final int ONLY_IF_NEW = 0x10;
    private static final int NEVER = 0x20;

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static String retained() {
        String topic = STAGE.name();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "kept");
        return topic;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, QOS_1, QOS_2})
    @Normative(mqtt5 = "3.8.3-3")
    void doesNotSendToAClientItsOwnMessagesIfItDoesNotWantThem(int qos) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2 | NO_LOCAL);
        RawClient other = STAGE.client().subscribe(topic, 2 | NO_LOCAL);
        publish(client, qos, topic, "own");
        other.expectPublish("own");
        publish(other, qos, topic, "foreign");
        client.expectPublish("foreign");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.8.3-3")
    void doesNotSendToAClientItsOwnRetainedMessagesEither() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        publish(client, QOS_1 | RETAIN, topic + "/own", "own");
        publish(STAGE.client(), QOS_1 | RETAIN, topic + "/zoe", "foreign");
        client.subscribe(topic + "/#", NO_LOCAL).expectPublish("foreign");
        client.expectNothing();
        client.subscribe(topic + "/own", 0).expectPublish("own");
    }

    @Test
    @Normative(mqtt5 = "3.8.3-3")
    void sendsToAClientItsOwnMessagesIfItWantsThem() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        client.send(publish5(topic, NO_PROPERTIES, "own"));
        client.expectPublish("own");
    }

    @Test
    @Normative(mqtt5 = "3.8.3-3")
    void knowsAClientByItsIdentifierAlsoOnAnotherConnection() {
        String name = STAGE.name();
        RawClient first = STAGE.client(lasting(name)).subscribe(name, 1 | NO_LOCAL);
        first.close();
        RawClient second = STAGE.resumed(lasting(name));
        publish(second, QOS_1, name, "own");
        second.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.8.3-3")
    void sendsOwnMessagesThroughAnotherSubscriptionThatWantsThem() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, NO_LOCAL).subscribe(topic + "/#", 0);
        client.send(publish5(topic, NO_PROPERTIES, "own"));
        client.expectPublish("own");
        client.expectNothing();
    }

    /**
     * Quality of service, retain flag and identifiers are those of the subscriptions that want
     * them.
     */
    @Test
    @Normative(mqtt5 = {"3.8.3-3", "3.3.4-3"})
    void sendsOwnMessagesAsThoseSubscriptionsSayThatWantThem() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        subscribe(client, 1, topic, 2 | NO_LOCAL | RETAIN_AS_PUBLISHED);
        subscribe(client, 2, topic + "/#", 1);
        subscribe(client, 3, topic + "/+/#", 1);
        subscribe(client, 4, "+", NO_LOCAL | NEVER);
        publish(STAGE.client(), QOS_2 | RETAIN, topic, "foreign");
        RawClient.Packet foreign = client.expectPublish("foreign");
        assertThat(foreign.qos()).isEqualTo(2);
        assertThat(foreign.retain()).isTrue();
        assertThat(foreign.propertyList().numbers(SUBSCRIPTION_IDENTIFIER))
                .containsExactlyInAnyOrder(1L, 2L, 4L);
        client.send(publish5(QOS_2 | RETAIN, 7, topic, NO_PROPERTIES, "own"));
        assertThat(expect(client, PUBREC).reason()).isZero();
        RawClient.Packet own = client.expectPublish("own");
        assertThat(own.qos()).isEqualTo(1);
        assertThat(own.retain()).isFalse();
        assertThat(own.propertyList().numbers(SUBSCRIPTION_IDENTIFIER)).containsExactly(2L);
        client.expectNothing();
    }

    private static void subscribe(RawClient client, int identifier, String filter, int options) {
        byte[] property = Packets.variable(SUBSCRIPTION_IDENTIFIER, identifier);
        client.send(Packets.subscribe5(identifier, property, filter, options));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(options & 3);
    }

    @Test
    @Normative(mqtt5 = "3.8.3-3")
    void doesNotSendAClientItsOwnWillAfterItHasComeBack() {
        String name = STAGE.name();
        Packets.Connect mourned = lasting(name).will(name, "will", 0, NO_PROPERTIES);
        RawClient watcher = STAGE.client().subscribe(name, 0);
        RawClient client = STAGE.client(mourned).subscribe(name, 1 | NO_LOCAL);
        client.close();
        watcher.expectPublish("will");
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "8,0", "8,1"})
    @Normative(mqtt5 = {"3.3.1-12", "3.3.1-13"})
    void keepsTheRetainFlagIfAskedTo(int options, int flag) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, options);
        publish(STAGE.client(), QOS_1 | flag, topic, "x");
        boolean kept = options == RETAIN_AS_PUBLISHED && flag == RETAIN;
        assertThat(client.expectPublish("x").retain()).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, RETAIN_AS_PUBLISHED})
    void marksWhatWasRetainedBeforeHoweverItIsAsked(int options) {
        RawClient client = STAGE.client().subscribe(retained(), options);
        assertThat(client.expectPublish("kept").retain()).isTrue();
    }

    @Test
    @Normative(mqtt5 = "3.3.1-9")
    void sendsRetainedMessagesAtEverySubscribeWithHandling0() {
        String topic = retained();
        RawClient client = STAGE.client().subscribe(topic, 1);
        assertThat(client.expectPublish("kept").qos()).isEqualTo(1);
        client.subscribe(topic, 0);
        assertThat(client.expectPublish("kept").qos()).isZero();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.3.1-10")
    void sendsRetainedMessagesOnlyForANewSubscriptionWithHandling1() {
        String topic = retained();
        RawClient client = STAGE.client().subscribe(topic, ONLY_IF_NEW);
        client.expectPublish("kept");
        client.subscribe(topic, ONLY_IF_NEW).subscribe(topic, 1 | ONLY_IF_NEW).expectNothing();
        client.subscribe(topic + "/#", ONLY_IF_NEW).expectPublish("kept");
        client.send(unsubscribe5(1, NO_PROPERTIES, topic));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
        client.subscribe(topic, ONLY_IF_NEW).expectPublish("kept");
    }

    @Test
    @Normative(mqtt5 = "3.3.1-10")
    void takesTheSubscriptionOfAResumedSessionForAnOldOne() {
        String topic = retained();
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(topic, ONLY_IF_NEW);
        client.expectPublish("kept");
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        again.subscribe(topic, ONLY_IF_NEW).expectNothing();
        again.close();
        STAGE.client(connect(5, name)).subscribe(topic, ONLY_IF_NEW).expectPublish("kept");
    }

    @Test
    @Normative(mqtt5 = "3.3.1-11")
    void sendsNoRetainedMessagesWithHandling2() {
        String topic = retained();
        RawClient client = STAGE.client().subscribe(topic, NEVER).subscribe(topic, 1 | NEVER);
        client.expectNothing();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "new");
        client.expectPublish("new");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.8.4-4")
    void sendsAllRetainedMessagesThatMatch() {
        String topic = STAGE.name();
        RawClient publisher = STAGE.client();
        Set<String> payloads = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            publish(publisher, QOS_1 | RETAIN, topic + "/" + i, "r" + i);
            payloads.add("r" + i);
        }
        RawClient client = STAGE.client().subscribe(topic + "/+", 0);
        Set<String> received = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            received.add(client.read().payload());
        }
        assertThat(received).isEqualTo(payloads);
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, ONLY_IF_NEW, NEVER})
    void acceptsEveryHandlingWhereNothingIsRetained(int handling) {
        STAGE.client().subscribe(STAGE.name(), handling).expectNothing();
    }
}
