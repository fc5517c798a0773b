package io.muster.broker.conformance.publish;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.userProperty;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The properties of PUBLISH on their way to subscribers [MQTT5 3.3.2.3]. */
@DisplayNameGeneration(StatementNames.class)
class PublishProperties5Test {

    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static RawClient publisher() {
        return BROKER.client(5, "properties-publisher");
    }

    /** What a subscriber gets of a message with these properties. */
    private static PropertyList passedOn(byte[] properties) {
        try (RawClient subscriber = BROKER.client(5, "properties").subscribe("properties", 0)) {
            publisher().send(publish5("properties", properties, "x"));
            return StrictReader.publish(subscriber, "x").propertyList();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Normative(mqtt5 = "3.3.2-4")
    void passesOnThePayloadFormat(int format) {
        List<Long> passedOn = passedOn(u8(Packets.PAYLOAD_FORMAT, format)).numbers(0x01);
        assertThat(passedOn).containsExactly((long) format);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 127, 255})
    void refusesAnotherPayloadFormat(int format) {
        byte[] property = u8(Packets.PAYLOAD_FORMAT, format);
        StrictReader.ends(BROKER, publish5("t", property, "x"), 0x81, 0x82);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/plain; charset=utf-8", "é\uD869\uDED4"})
    @Normative(mqtt5 = {"3.3.2-19", "3.3.2-20"})
    void passesOnTheContentType(String type) {
        byte[] property = Packets.text(Packets.CONTENT_TYPE, type);
        assertThat(passedOn(property).text(Packets.CONTENT_TYPE)).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"answers/1", "/", "$answers", "é\uD869\uDED4"})
    @Normative(mqtt5 = {"3.3.2-13", "3.3.2-15"})
    void passesOnTheResponseTopic(String topic) {
        byte[] property = Packets.text(Packets.RESPONSE_TOPIC, topic);
        assertThat(passedOn(property).text(Packets.RESPONSE_TOPIC)).isEqualTo(topic);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "a/#", "a/+/b", "a+", "a#"})
    @Normative(mqtt5 = "3.3.2-14")
    void refusesAResponseTopicWithWildcards(String topic) {
        byte[] property = Packets.text(Packets.RESPONSE_TOPIC, topic);
        StrictReader.ends(BROKER, publish5("t", property, "x"), 0x81, 0x82, 0x90);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "00 FF C0 80 ED A0 80", "FF FF FF FF FF FF FF FF"})
    @Normative(mqtt5 = "3.3.2-16")
    void passesOnTheCorrelationData(String hex) {
        byte[] property = Packets.binary(Packets.CORRELATION_DATA, Packets.bytes(hex));
        assertThat(passedOn(property).binary(Packets.CORRELATION_DATA))
                .isEqualTo(Packets.bytes(hex));
        byte[] empty = Packets.binary(Packets.CORRELATION_DATA, NO_PROPERTIES);
        assertThat(passedOn(empty).binary(Packets.CORRELATION_DATA)).isEmpty();
    }

    @Test
    @Normative(mqtt5 = {"3.3.2-17", "3.3.2-18"})
    void passesOnUserPropertiesInTheirOrder() {
        byte[] properties =
                join(
                        userProperty("b", "1"),
                        Packets.text(Packets.CONTENT_TYPE, "between"),
                        userProperty("a", "2"),
                        userProperty("b", "1"),
                        userProperty("", ""),
                        userProperty("é", "\uFEFF"));
        assertThat(passedOn(properties).userProperties())
                .containsExactly(
                        Map.entry("b", "1"),
                        Map.entry("a", "2"),
                        Map.entry("b", "1"),
                        Map.entry("", ""),
                        Map.entry("é", "\uFEFF"));
    }

    @Test
    @Normative(mqtt5 = {"3.3.2-17", "3.3.2-18"})
    void passesOnManyUserProperties() {
        List<Map.Entry<String, String>> many =
                IntStream.range(0, 500).mapToObj(i -> Map.entry("n" + i % 10, "v" + i)).toList();
        byte[][] properties =
                many.stream()
                        .map(each -> userProperty(each.getKey(), each.getValue()))
                        .toArray(byte[][]::new);
        assertThat(passedOn(join(properties)).userProperties()).isEqualTo(many);
    }

    @Test
    void passesOnNothingThatWasNotThere() {
        assertThat(passedOn(NO_PROPERTIES).properties()).isEmpty();
        assertThat(passedOn(Packets.u16(Packets.TOPIC_ALIAS, 1)).properties()).isEmpty();
    }

    /** Sessions that were away get the same properties as those that were there. */
    @Test
    @Normative(mqtt5 = {"3.3.2-4", "3.3.2-15", "3.3.2-16", "3.3.2-17", "3.3.2-18", "3.3.2-20"})
    void keepsThePropertiesOfMessagesThatWait() {
        RawClient away = BROKER.raw().speaking(5);
        away.connect(connect(5, "away").expiry(100)).subscribe("away", 1);
        away.send(Packets.DISCONNECT).expectClosed();
        byte[] properties =
                join(
                        u8(Packets.PAYLOAD_FORMAT, 1),
                        Packets.text(Packets.CONTENT_TYPE, "type"),
                        Packets.text(Packets.RESPONSE_TOPIC, "answer"),
                        Packets.text(Packets.CORRELATION_DATA, "data"),
                        userProperty("b", "1"),
                        userProperty("a", "2"));
        RawClient publisher = publisher();
        publisher.send(publish5(QOS_1, 1, "away", properties, "x"));
        StrictReader.read(publisher, 4);
        RawClient back = BROKER.raw().speaking(5);
        back.connect(connect(5, "away").resume(), true);
        PropertyList told = StrictReader.publish(back, "x").propertyList();
        assertThat(told.number(Packets.PAYLOAD_FORMAT)).isEqualTo(1);
        assertThat(told.text(Packets.CONTENT_TYPE)).isEqualTo("type");
        assertThat(told.text(Packets.RESPONSE_TOPIC)).isEqualTo("answer");
        assertThat(told.text(Packets.CORRELATION_DATA)).isEqualTo("data");
        assertThat(told.userProperties()).containsExactly(Map.entry("b", "1"), Map.entry("a", "2"));
    }

    /** Messages with properties reach clients of MQTT 3.1.1 without them. */
    @Test
    void leavesPropertiesOutForOlderClients() {
        RawClient older = BROKER.client(4, "older").subscribe("older", 0);
        byte[] properties = join(userProperty("a", "1"), Packets.text(0x03, "type"));
        publisher().send(publish5("older", properties, "x"));
        older.expect("30 08 00 05 6F 6C 64 65 72 78");
    }

    static Stream<Arguments> expiries() {
        return Stream.of(arguments(100L), arguments(0xFFFF_FFFFL));
    }

    @ParameterizedTest
    @MethodSource("expiries")
    @Normative(mqtt5 = "3.3.2-6")
    void passesOnHowLongTheMessageIsStillOfUse(long seconds) {
        PropertyList told = passedOn(u32(Packets.MESSAGE_EXPIRY, seconds));
        assertThat(told.number(Packets.MESSAGE_EXPIRY)).isBetween(seconds - 2, seconds);
    }

    /** One message expires while it waits, another has less time left when it goes out. */
    @Test
    @Normative(mqtt5 = {"3.3.2-5", "3.3.2-6"})
    void forgetsMessagesThatExpireBeforeTheirDelivery() {
        RawClient away = BROKER.raw().speaking(5);
        away.connect(connect(5, "expiring").expiry(100)).subscribe("expiring", 1);
        away.send(Packets.DISCONNECT).expectClosed();
        RawClient publisher = publisher();
        publisher.send(publish5(QOS_1, 1, "expiring", u32(0x02, 1), "expired"));
        StrictReader.read(publisher, 4);
        publisher.send(publish5(QOS_1, 2, "expiring", u32(0x02, 100), "waits"));
        StrictReader.read(publisher, 4);
        Awaitility.await()
                .pollDelay(Duration.ofMillis(2_100))
                .atMost(Duration.ofSeconds(5))
                .until(() -> true);
        RawClient back = BROKER.raw().speaking(5);
        back.connect(connect(5, "expiring").resume(), true);
        PropertyList told = StrictReader.publish(back, "waits").propertyList();
        assertThat(told.number(Packets.MESSAGE_EXPIRY)).isBetween(90L, 98L);
    }

    /** A message that has an expiry of 0 is of use at once or never. */
    @Test
    void takesAnExpiryOfZero() {
        RawClient client = publisher();
        client.send(publish5(QOS_1, 1, "zero", u32(Packets.MESSAGE_EXPIRY, 0), "x"));
        StrictReader.read(client, 4);
        client.expectNothing();
    }
}
