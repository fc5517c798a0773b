package io.muster.broker.conformance.mqtt3;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A broker and clients of MQTT 3.1.1 for the tests of one class. */
final class Mqtt3Stage implements AutoCloseable {

    static final int LEVEL = 4;

    /** Much less than the time that a client has for a complete CONNECT. */
    private static final Duration AT_ONCE = Duration.ofSeconds(4);

    private final BrokerFixture broker;
    private @Nullable RawClient publisher;

    Mqtt3Stage() {
        this(BrokerFixture.settings());
    }

    Mqtt3Stage(BrokerFixture.Settings settings) {
        broker = settings.start();
    }

    /** A CONNECT to be filled in; with clean session. */
    static Packets.Connect connect(String clientIdentifier) {
        return Packets.connect(LEVEL, clientIdentifier);
    }

    RawClient raw() {
        return broker.raw();
    }

    /** A client with clean session. */
    RawClient client(String clientIdentifier) {
        return broker.client(LEVEL, clientIdentifier);
    }

    /** A client that keeps its session, of which there is none yet. */
    RawClient begin(String clientIdentifier) {
        return raw().connect(connect(clientIdentifier).resume(), false);
    }

    /** A client that takes up its session again. */
    RawClient resume(String clientIdentifier) {
        return raw().connect(connect(clientIdentifier).resume(), true);
    }

    /** Publishes on a connection of its own. When this returns, all subscribers are owed it. */
    void publish(int qos, String topic, String payload) {
        publish(qos, 0, topic, payload);
    }

    void publishRetained(int qos, String topic, String payload) {
        publish(qos, Packets.RETAIN, topic, payload);
    }

    private void publish(int qos, int flags, String topic, String payload) {
        RawClient publisher = publisher();
        switch (qos) {
            case 0 -> {
                byte[] packet =
                        Packets.packet(0x30 | flags, Packets.text(topic), Packets.utf8(payload));
                publisher.send(packet).expectNothing();
            }
            case 1 ->
                    publisher
                            .send(Packets.publish(Packets.QOS_1 | flags, 1, topic, payload))
                            .expect("40 02 00 01");
            default -> {
                publisher.send(Packets.publish(Packets.QOS_2 | flags, 1, topic, payload));
                publisher.expect("50 02 00 01").send(Packets.pubrel(1)).expect("70 02 00 01");
            }
        }
    }

    private RawClient publisher() {
        if (publisher == null) {
            publisher = client("publisher");
        }
        return publisher;
    }

    /** Nothing but this message is under way to this client, which subscribes to the topic. */
    void expectOnly(RawClient client, String topic, String payload) {
        publish(0, topic, payload);
        client.expectPublish(payload);
    }

    /** A connected client that sends this is disconnected without a word; nobody else is. */
    void expectClosedAfter(byte[] packet) {
        RawClient bystander = client("bystander");
        RawClient client = client("breaker");
        client.send(packet, Packets.PINGREQ).expectClosedWithin(AT_ONCE);
        bystander.expectNothing();
        bystander.close();
    }

    /** A CONNECT that breaks its format is not answered [MQTT3 MQTT-3.1.4-1]. */
    void expectClosedWithoutConnack(byte[] connect) {
        raw().send(connect, Packets.PINGREQ).expectClosedWithin(AT_ONCE);
    }

    /** A CONNECT that is not accepted, with a code for that or without. */
    void expectNotAccepted(byte[] connect) {
        RawClient client = raw().send(connect);
        RawClient.Packet answer = client.readOrEnd();
        if (answer != null) {
            assertThat(answer.type()).as("type of %s", answer.hex()).isEqualTo(2);
            assertThat(answer.reason()).as("code of %s", answer.hex()).isNotZero();
            client.expectClosed();
        }
    }

    BrokerFixture broker() {
        return broker;
    }

    @Override
    public void close() {
        broker.close();
    }
}
