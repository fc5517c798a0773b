package io.muster.broker;

import static io.muster.broker.Packets.MESSAGE_EXPIRY;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.userProperty;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of subscriptions, permissions, and what travels with a message, on the wire. */
class SubscriptionTest {

    private static final int QOS_1 = 0x02;
    private static final int QOS_2 = 0x04;
    private static final int RETAIN = 0x01;
    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;
    private static final int IF_NEW = 0x10;
    private static final int NEVER = 0x20;

    /** Topics with "secret" in them are nobody's. */
    private static final TopicPermissions NO_SECRETS =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return !topicName.contains("secret");
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    if (topicFilter.contains("broken")) {
                        throw new IllegalStateException("broken permissions");
                    }
                    return !topicFilter.contains("secret");
                }
            };

    /** Those of a client that speaks for another. */
    private static final TopicPermissions ONE_BESIDES =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return NO_SECRETS.mayPublish(topicName);
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return NO_SECRETS.maySubscribe(topicFilter);
                }

                @Override
                public int subscriptionsBesides() {
                    return 1;
                }
            };

    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.subscriptionsMax = 3;
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(
                                        BrokerFixture.identity(
                                                "",
                                                credentials.clientIdentifier().equals("besides")
                                                        ? ONE_BESIDES
                                                        : NO_SECRETS)));
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    @Test
    void answersAMessageThatMayNotBePublished() {
        RawClient watcher = BROKER.client(5, "all").subscribe("#", NEVER | 2);
        double before = BROKER.metric("muster.messages.dropped", "reason", "not_authorized");
        RawClient five = BROKER.client(5, "denied-5");
        five.send(publish5(QOS_1, 1, "secret", NO_PROPERTIES, "x")).expect("40 03 00 01 87");
        five.send(publish5(QOS_2, 2, "secret", NO_PROPERTIES, "x")).expect("50 03 00 02 87");
        five.send(publish5("secret", NO_PROPERTIES, "x")).expectNothing();
        RawClient old = BROKER.client(4, "denied-4"); // [MQTT3 MQTT-3.3.5-2]
        old.send(publish(QOS_1, 1, "secret", "x")).expect("40 02 00 01");
        old.send(publish(QOS_2, 2, "secret", "x")).expect("50 02 00 02");
        old.send(Packets.pubrel(2)).expect("70 02 00 02");
        assertThat(BROKER.metric("muster.messages.dropped", "reason", "not_authorized"))
                .isEqualTo(before + 5);
        watcher.expectNothing();
    }

    @Test
    void answersASubscriptionThatMayNotBeMade() {
        RawClient five = BROKER.client(5, "nosub-5");
        five.send(subscribe5(1, "secret/#", 1)).expect("90 04 00 01 00 87");
        RawClient old = BROKER.client(4, "nosub-4");
        byte[] both = join(text("secret"), new byte[] {1}, text("open"), new byte[] {1});
        old.send(Packets.packet(0x82, Packets.u16(1), both)).expect("90 04 00 01 80 01");
    }

    @Test
    void closesAConnectionWhosePermissionsFailEvenIfThePacketCameEarly() {
        RawClient late = BROKER.client(4, "late-broken");
        late.send(subscribe(1, "broken", 0)).expectClosed();
        RawClient early = BROKER.raw();
        early.send(connect(4, "early-broken").bytes(), subscribe(1, "broken", 0));
        early.expectClosed();
    }

    @Test
    void givesMoreSubscriptionsToAClientThatMayHaveMore() {
        five("besides")
                .subscribe("a", 0)
                .subscribe("b", 0)
                .subscribe("c", 0)
                .subscribe("d", 0)
                .send(subscribe5(5, "e", 0))
                .expect("90 04 00 05 00 97");
    }

    private static RawClient five(String clientIdentifier) {
        return BROKER.client(5, clientIdentifier);
    }

    @Test
    void refusesMoreSubscriptionsThanASessionMayHave() {
        RawClient five = BROKER.client(5, "many");
        five.subscribe("a", 0).subscribe("b", 0).subscribe("c", 0);
        five.send(subscribe5(1, "d", 0)).expect("90 04 00 01 00 97");
        five.subscribe("a", 1); // replaces, and is no fourth
    }

    @Test
    void answersUnsubscribe() {
        RawClient five = BROKER.client(5, "un-5").subscribe("un", 0);
        byte[] unsubscribe = Packets.packet(0xA2, Packets.u16(3), new byte[] {0}, text("un"));
        five.send(unsubscribe).expect("B0 04 00 03 00 00");
        five.send(publish5("un", NO_PROPERTIES, "x")).expectNothing(); // [MQTT-3.10.4-2]
        five.send(unsubscribe).expect("B0 04 00 03 00 11");
        RawClient old = BROKER.client(4, "un-4").subscribe("un", 0);
        old.send(Packets.packet(0xA2, Packets.u16(3), text("un"))).expect("B0 02 00 03");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deliversOnceToOverlappingSubscriptionsWithTheHighestQos(int level) {
        RawClient client = BROKER.client(level, "overlap-" + level);
        client.subscribe("over/#", 0).subscribe("over/+", 2).subscribe("over/x", 1);
        RawClient publisher = BROKER.client(4, "overlapper-" + level);
        publisher.send(publish(QOS_2, 1, "over/x", "once"));
        assertThat(client.expectPublish("once").qos()).isEqualTo(2); // [MQTT-3.3.4-2]
        client.expectNothing();
    }

    @Test
    void keepsAClientsOwnMessagesFromItIfItWantsSo() {
        RawClient client = BROKER.client(5, "local").subscribe("local", NO_LOCAL);
        client.send(publish5("local", NO_PROPERTIES, "own")).expectNothing(); // [MQTT-3.8.3-3]
        BROKER.client(4, "foreigner").send(publish("local", "foreign"));
        client.expectPublish("foreign");
    }

    @Test
    void keepsTheRetainFlagIfTheSubscriberWantsSo() {
        RawClient plain = BROKER.client(5, "plain").subscribe("rap", 0);
        RawClient keeping = BROKER.client(5, "keeping").subscribe("rap", RETAIN_AS_PUBLISHED);
        RawClient publisher = BROKER.client(5, "rap-publisher");
        publisher.send(Packets.packet(0x31, text("rap"), new byte[] {0, 'r'}));
        publisher.send(publish5("rap", NO_PROPERTIES, "p"));
        assertThat(plain.expectPublish("r").retain()).isFalse(); // [MQTT-3.3.1-12]
        assertThat(keeping.expectPublish("r").retain()).isTrue(); // [MQTT-3.3.1-13]
        assertThat(keeping.expectPublish("p").retain()).isFalse();
    }

    @Test
    void sendsRetainedMessagesAsTheSubscriptionSays() {
        BROKER.client(4, "rh-publisher").send(publish(QOS_1 | RETAIN, 1, "rh", "kept"));
        RawClient client = BROKER.client(5, "rh");
        client.subscribe("rh", NEVER).expectNothing(); // [MQTT-3.3.1-11]
        client.subscribe("rh", IF_NEW).expectNothing(); // [MQTT-3.3.1-10]
        client.subscribe("rh", 0).expectPublish("kept"); // [MQTT-3.3.1-9]
        RawClient fresh = BROKER.client(5, "rh-new").subscribe("rh", IF_NEW | 1);
        RawClient.Packet packet = fresh.expectPublish("kept");
        assertThat(packet.retain()).isTrue(); // [MQTT-3.3.1-8]
        assertThat(packet.qos()).isEqualTo(1);
    }

    @Test
    void passesOnWhatTravelsWithAMessageUnaltered() {
        RawClient watcher = BROKER.client(5, "props").subscribe("props", 1);
        byte[] properties =
                join(
                        u8(0x01, 1),
                        text(0x03, "text/plain"),
                        text(0x08, "answer/here"),
                        join(new byte[] {0x09}, Packets.binary(new byte[] {0, -1, 7})),
                        userProperty("b", "1"),
                        userProperty("a", "2"),
                        userProperty("b", "3"));
        RawClient publisher = BROKER.client(5, "props-publisher");
        publisher.send(publish5(QOS_1, 1, "props", properties, "x"));
        // [MQTT-3.3.2-4], [MQTT-3.3.2-15], [MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-18],
        // [MQTT-3.3.2-20]
        assertThat(watcher.expectPublish("x").properties()).isEqualTo(properties);
        RawClient old = BROKER.client(4, "props-4").subscribe("props", 0);
        publisher.send(publish5("props", properties, "plain"));
        old.expect("30 0C 00 05 70 72 6F 70 73 70 6C 61 69 6E");
    }

    @Test
    void forgetsMessagesThatHaveExpired() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "late").expiry(600)).subscribe("late", 1).close();
        await().until(() -> BROKER.broker().clients().find("late").isEmpty());
        RawClient publisher = BROKER.client(5, "late-publisher");
        publisher.send(publish5(QOS_1, 1, "late", u32(MESSAGE_EXPIRY, 1), "short"));
        publisher.send(publish5(QOS_1, 2, "late", u32(MESSAGE_EXPIRY, 100), "long"));
        publisher.expect("40 02 00 01").expect("40 02 00 02");
        publisher.send(publish5(QOS_1 | RETAIN, 3, "brief", u32(MESSAGE_EXPIRY, 1), "kept"));
        publisher.expect("40 03 00 03 10");
        await().pollInterval(Duration.ofMillis(50)).until(() -> noneRetained("brief"));
        client = BROKER.raw().speaking(5).connect(connect(5, "late").resume().expiry(1), true);
        byte[] left = client.expectPublish("long").properties(); // [MQTT-3.3.2-5]
        assertThat(left[0]).isEqualTo((byte) MESSAGE_EXPIRY);
        assertThat(left[4]).isBetween((byte) 90, (byte) 99); // [MQTT-3.3.2-6]
        client.expectNothing();
    }

    private static boolean noneRetained(String topic) {
        RawClient client = BROKER.client(5, "looks-" + topic).subscribe(topic, 0);
        boolean none = client.send(Packets.PINGREQ).read().type() == 13;
        client.close();
        return none;
    }
}
