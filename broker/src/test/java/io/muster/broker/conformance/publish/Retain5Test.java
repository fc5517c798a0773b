package io.muster.broker.conformance.publish;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The RETAIN flag: what is kept, and who gets it [MQTT5 3.3.1.3]. */
@DisplayNameGeneration(StatementNames.class)
class Retain5Test {

    private static final int AS_PUBLISHED = 0x08;
    private static final int IF_NEW = 0x10;
    private static final int NEVER = 0x20;
    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static RawClient retain(String topic, String payload) {
        return retain(topic, payload, NO_PROPERTIES);
    }

    private static RawClient retain(String topic, String payload, byte[] properties) {
        RawClient publisher = BROKER.client(5, "retainer");
        byte[] body = payload.getBytes(UTF_8);
        publisher.send(packet(0x30 | RETAIN, text(topic), properties(properties), body));
        return publisher.expectNothing();
    }

    private static RawClient subscriber(String filter, int options) {
        RawClient client = BROKER.client(5, "retain-subscriber");
        client.send(subscribe5(1, filter, options));
        StrictReader.read(client, 9);
        return client;
    }

    private static void expectRetained(RawClient subscriber, String payload) {
        assertThat(StrictReader.publish(subscriber, payload).retain()).isTrue();
        subscriber.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.3.1-5", "3.3.1-9"})
    void keepsTheLastMessage() {
        retain("retain-last/a", "1");
        expectRetained(subscriber("retain-last/a", 0), "1");
        retain("retain-last/a", "2");
        expectRetained(subscriber("retain-last/+", 0), "2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = "3.3.1-5")
    void keepsMessagesOfAllLevels(int qos) {
        RawClient publisher = BROKER.client(5, "level-retainer");
        publisher.send(
                publish5(RETAIN | qos << 1, 1, "retain-level/" + qos, NO_PROPERTIES, "x"),
                Packets.pubrel(1));
        StrictReader.read(publisher, 3 + qos);
        RawClient subscriber = subscriber("retain-level/" + qos, 2);
        RawClient.Packet publish = StrictReader.publish(subscriber, "x");
        assertThat(publish.qos()).isEqualTo(qos);
        assertThat(publish.duplicate()).isFalse();
    }

    @Test
    @Normative(mqtt5 = {"3.3.1-6", "3.3.1-7"})
    void forgetsTheMessageAfterAnEmptyOne() {
        RawClient live = subscriber("retain/empty", 0);
        retain("retain/empty", "x");
        live.expectPublish("x");
        retain("retain/empty", "");
        live.expectPublish("");
        subscriber("retain/empty", 0).expectNothing();
        // An empty one where there was none is not kept either.
        retain("retain/void", "");
        subscriber("retain/void", 0).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.3.1-8")
    void isNotTouchedByMessagesWithoutTheFlag() {
        RawClient publisher = retain("retain/stays", "kept");
        publisher.send(publish5("retain/stays", NO_PROPERTIES, "passing"));
        publisher.send(publish5("retain/stays", NO_PROPERTIES, "")).expectNothing();
        expectRetained(subscriber("retain/stays", 0), "kept");
        publisher.send(publish5("retain/none", NO_PROPERTIES, "passing")).expectNothing();
        subscriber("retain/none", 0).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.3.1-9")
    void sendsWhatIsKeptAtEachSubscribe() {
        retain("retain/each", "x");
        RawClient subscriber = subscriber("retain/each", 0);
        expectRetained(subscriber, "x");
        subscriber.send(subscribe5(2, "retain/each", 0));
        StrictReader.read(subscriber, 9);
        expectRetained(subscriber, "x");
    }

    @Test
    @Normative(mqtt5 = "3.3.1-10")
    void sendsWhatIsKeptToNewSubscriptionsOnly() {
        retain("retain/new", "x");
        RawClient subscriber = subscriber("retain/new", IF_NEW);
        expectRetained(subscriber, "x");
        subscriber.send(subscribe5(2, "retain/new", IF_NEW | 1));
        StrictReader.read(subscriber, 9);
        subscriber.expectNothing();
        subscriber.send(Packets.unsubscribe5(3, NO_PROPERTIES, "retain/new"));
        StrictReader.read(subscriber, 11);
        subscriber.send(subscribe5(4, "retain/new", IF_NEW));
        StrictReader.read(subscriber, 9);
        expectRetained(subscriber, "x");
    }

    @Test
    @Normative(mqtt5 = "3.3.1-11")
    void sendsNothingThatIsKeptToThoseWhoDoNotWantIt() {
        retain("retain/never", "x");
        subscriber("retain/never", NEVER).expectNothing();
        subscriber("retain/#", NEVER).expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,false", "8,true"})
    @Normative(mqtt5 = {"3.3.1-12", "3.3.1-13"})
    void passesTheFlagOnToThoseWhoWantIt(int options, boolean expected) {
        RawClient subscriber = subscriber("retain-flag", options | NEVER);
        RawClient publisher = retain("retain-flag", "kept");
        assertThat(StrictReader.publish(subscriber, "kept").retain()).isEqualTo(expected);
        publisher.send(publish5("retain-flag", NO_PROPERTIES, "passing"));
        assertThat(StrictReader.publish(subscriber, "passing").retain()).isFalse();
    }

    /** What was kept is sent with the flag, whatever the subscription says [MQTT5 3.3.1.3]. */
    @ParameterizedTest
    @ValueSource(ints = {0, AS_PUBLISHED})
    void hasTheFlagWhenItComesFromWhatIsKept(int options) {
        retain("retain/kept", "x");
        expectRetained(subscriber("retain/kept", options), "x");
    }

    @Test
    void sendsNothingThatIsKeptToSharedSubscriptions() {
        retain("retain/shared", "x");
        subscriber("$share/group/retain/shared", 0).expectNothing();
    }

    @Test
    void keepsTheProperties() {
        byte[] properties =
                Packets.join(
                        Packets.userProperty("a", "1"),
                        Packets.text(Packets.CONTENT_TYPE, "text"),
                        Packets.userProperty("a", "2"));
        retain("retain/properties", "x", properties);
        RawClient.Packet publish = StrictReader.publish(subscriber("retain/properties", 0), "x");
        assertThat(publish.propertyList().text(Packets.CONTENT_TYPE)).isEqualTo("text");
        assertThat(publish.propertyList().userProperties())
                .containsExactly(Map.entry("a", "1"), Map.entry("a", "2"));
    }

    /** "If the current retained message for a Topic expires, it is discarded." */
    @Test
    void forgetsAMessageThatHasExpired() {
        retain("retain/expires", "x", u32(Packets.MESSAGE_EXPIRY, 1));
        expectRetained(subscriber("retain/expires", 0), "x");
        Awaitility.await()
                .pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> subscriber("retain/expires", 0).expectNothing());
    }
}
