package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.WILL_DELAY;
import static io.muster.broker.Packets.WILL_QOS_1;
import static io.muster.broker.Packets.WILL_RETAIN;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.userProperty;
import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a will is published, and how [MQTT5 3.1.2.5, 3.1.3.2]. */
@DisplayNameGeneration(StatementNames.class)
class Will5Test {

    private static final byte[] DISCONNECT_WITH_WILL = Packets.DISCONNECT_WITH_WILL;
    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static RawClient watcher(String topic, int options) {
        return BROKER.client(5, topic.replaceAll("[/#]", "-") + "-watcher")
                .subscribe(topic, options);
    }

    /** A client with the will "gone" on this topic, of which it is named too. */
    private static RawClient mortal(String topic, long expirySeconds, byte[] willProperties) {
        RawClient client = BROKER.raw().speaking(5);
        Packets.Connect connect = connect(5, topic).expiry(expirySeconds);
        return client.connect(connect.will(topic, "gone", 0, willProperties));
    }

    /** Nothing came to the watcher until now, where now is after this message of another topic. */
    private static void nothingYet(RawClient watcher, String topic) {
        RawClient prober = BROKER.client(5, "prober");
        prober.send(publish5(topic, NO_PROPERTIES, "probe")).expectNothing();
        watcher.expectPublish("probe");
    }

    private static byte[] delay(long seconds) {
        return u32(WILL_DELAY, seconds);
    }

    static Stream<Arguments> unfortunateEnds() {
        Consumer<RawClient> close = RawClient::close;
        Consumer<RawClient> withWill = client -> client.send(DISCONNECT_WITH_WILL);
        Consumer<RawClient> error = client -> client.send(Packets.disconnect5(0x80, NO_PROPERTIES));
        Consumer<RawClient> malformed = client -> client.send(Packets.bytes("C1 00"));
        Consumer<RawClient> forbidden = client -> client.send(Packets.bytes("20 03 00 00 00"));
        return Stream.of(
                arguments("closes", close),
                arguments("disconnects with will", withWill),
                arguments("disconnects with an error", error),
                arguments("sends a malformed packet", malformed),
                arguments("sends a forbidden packet", forbidden));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfortunateEnds")
    @Normative(mqtt5 = {"3.1.2-7", "3.1.2-8"})
    void isPublishedAfterAnUnfortunateEnd(String does, Consumer<RawClient> end) {
        RawClient watcher = watcher("will/ends", 0);
        end.accept(mortal("will/ends", 100, NO_PROPERTIES));
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-8", "3.1.2-10"})
    void isNotPublishedAfterANormalDisconnect() {
        RawClient watcher = watcher("will/normal", 0);
        mortal("will/normal", 100, NO_PROPERTIES).send(Packets.DISCONNECT).expectClosed();
        mortal("will/normal", 0, delay(1))
                .send(Packets.disconnect5(0, NO_PROPERTIES))
                .expectClosed();
        nothingYet(watcher, "will/normal");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Normative(mqtt5 = {"3.1.2-8", "3.1.4-3"})
    void isPublishedWhenTheSessionIsTakenOver(boolean clean) {
        RawClient watcher = watcher("will/taken", 0);
        RawClient older = mortal("will/taken", 100, NO_PROPERTIES);
        Packets.Connect connect = connect(5, "will/taken");
        RawClient newer = BROKER.raw().speaking(5);
        newer.send((clean ? connect : connect.resume()).bytes());
        assertThat(StrictReader.accepted(newer).sessionPresent()).isEqualTo(!clean);
        StrictReader.disconnected(older, 0x8E);
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-10")
    void isPublishedOnce() {
        RawClient watcher = watcher("will/once", 0);
        mortal("will/once", 100, NO_PROPERTIES).close();
        watcher.expectPublish("gone");
        RawClient again = BROKER.raw().speaking(5);
        again.connect(connect(5, "will/once").resume().expiry(100), true);
        again.close();
        BROKER.raw().speaking(5).connect(connect(5, "will/once"));
        nothingYet(watcher, "will/once");
    }

    @Test
    @Normative(mqtt5 = "3.1.3-9")
    void isNotPublishedIfTheClientReturnsInTime() {
        RawClient watcher = watcher("will/returns", 0);
        mortal("will/returns", 100, delay(1)).close();
        RawClient back = BROKER.raw().speaking(5);
        back.connect(connect(5, "will/returns").resume().expiry(100), true);
        // A will that is delayed as long, and begins later, comes; the earlier one did not.
        RawClient later = BROKER.raw().speaking(5);
        later.connect(
                connect(5, "will/later").expiry(100).will("will/returns", "later", 0, delay(1)));
        later.close();
        watcher.expectPublish("later");
    }

    @Test
    @Normative(mqtt5 = "3.1.3-9")
    void isNotPublishedIfAnotherConnectionResumesItsSession() {
        RawClient watcher = watcher("will/resumed", 0);
        RawClient older = mortal("will/resumed", 100, delay(60));
        RawClient newer = BROKER.raw().speaking(5);
        newer.connect(connect(5, "will/resumed").resume().expiry(100), true);
        StrictReader.disconnected(older, 0x8E);
        nothingYet(watcher, "will/resumed");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void waitsForItsDelay() {
        RawClient watcher = watcher("will/delayed", 0);
        RawClient client = mortal("will/delayed", 100, delay(1));
        long begin = System.nanoTime();
        client.close();
        nothingYet(watcher, "will/delayed");
        watcher.expectPublish("gone");
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Normative(mqtt5 = "3.1.2-8")
    void doesNotWaitLongerThanTheSession(int expirySeconds) {
        RawClient watcher = watcher("will/expires", 0);
        mortal("will/expires", expirySeconds, delay(100)).close();
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-8", "3.1.2-4"})
    void isPublishedWhenACleanStartEndsTheSession() {
        RawClient watcher = watcher("will/cleaned", 0);
        mortal("will/cleaned", 100, delay(100)).close();
        nothingYet(watcher, "will/cleaned");
        BROKER.raw().speaking(5).connect(connect(5, "will/cleaned"));
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-7", "3.1.2-8"})
    void isThatOfTheLastConnection() {
        RawClient watcher = watcher("will/last", 0);
        mortal("will/last", 100, delay(100));
        RawClient newer = BROKER.raw().speaking(5);
        newer.connect(
                connect(5, "will/last").resume().will("will/last", "other", 0, NO_PROPERTIES),
                true);
        newer.close();
        watcher.expectPublish("other");
        nothingYet(watcher, "will/last");
    }

    @ParameterizedTest
    @CsvSource({"0,2,0", "1,2,1", "2,2,2", "2,1,1", "1,0,0"})
    @Normative(mqtt5 = "3.1.2-12")
    void hasTheQosThatWasAskedFor(int qos, int granted, int expected) {
        RawClient watcher = watcher("will/qos" + qos, granted);
        RawClient client = BROKER.raw().speaking(5);
        client.connect(
                connect(5, "will/qos").will("will/qos" + qos, "gone", qos << 3, NO_PROPERTIES));
        client.close();
        assertThat(watcher.expectPublish("gone").qos()).isEqualTo(expected);
    }

    @Test
    @Normative(mqtt5 = "3.1.2-14")
    void isNotRetainedWithoutTheFlag() {
        RawClient watcher = watcher("will/plain", 0x08);
        mortal("will/plain", 0, NO_PROPERTIES).close();
        assertThat(watcher.expectPublish("gone").retain()).isFalse();
        BROKER.client(5, "will-late").subscribe("will/plain", 0).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.1.2-15")
    void isRetainedWithTheFlag() {
        RawClient watcher = watcher("will/retained", 0x08);
        RawClient client = BROKER.raw().speaking(5);
        Packets.Connect connect = connect(5, "will/retained");
        client.connect(
                connect.will("will/retained", "kept", WILL_RETAIN | WILL_QOS_1, NO_PROPERTIES));
        client.close();
        assertThat(watcher.expectPublish("kept").retain()).isTrue();
        RawClient late = BROKER.client(5, "will-later").subscribe("will/retained", 0);
        assertThat(late.expectPublish("kept").retain()).isTrue();
        RawClient eraser = BROKER.raw().speaking(5);
        eraser.connect(
                connect(5, "will/retained").will("will/retained", "", WILL_RETAIN, NO_PROPERTIES));
        eraser.close();
        watcher.expectPublish("");
        BROKER.client(5, "will-latest").subscribe("will/retained", 0).expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.1.3-10", "3.1.2-9"})
    void carriesItsPropertiesInTheirOrder() {
        RawClient watcher = watcher("will/properties", 0);
        byte[] properties =
                join(
                        userProperty("b", "1"),
                        u8(Packets.PAYLOAD_FORMAT, 1),
                        u32(Packets.MESSAGE_EXPIRY, 500),
                        userProperty("a", "2"),
                        Packets.text(Packets.CONTENT_TYPE, "text/plain"),
                        Packets.text(Packets.RESPONSE_TOPIC, "will/answer"),
                        delay(0),
                        Packets.binary(Packets.CORRELATION_DATA, Packets.bytes("00 FF 01")),
                        userProperty("b", "1"));
        mortal("will/properties", 0, properties).close();
        PropertyList told = StrictReader.publish(watcher, "gone").propertyList();
        assertThat(told.userProperties())
                .containsExactly(Map.entry("b", "1"), Map.entry("a", "2"), Map.entry("b", "1"));
        assertThat(told.number(Packets.PAYLOAD_FORMAT)).isEqualTo(1);
        assertThat(told.number(Packets.MESSAGE_EXPIRY)).isBetween(495L, 500L);
        assertThat(told.text(Packets.CONTENT_TYPE)).isEqualTo("text/plain");
        assertThat(told.text(Packets.RESPONSE_TOPIC)).isEqualTo("will/answer");
        assertThat(told.binary(Packets.CORRELATION_DATA)).isEqualTo(Packets.bytes("00 FF 01"));
    }

    @Test
    void hasNoPropertiesThatWereNotGiven() {
        RawClient watcher = watcher("will/bare", 0);
        mortal("will/bare", 0, NO_PROPERTIES).close();
        assertThat(StrictReader.publish(watcher, "gone").properties()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535})
    void mayHaveAnyPayload(int length) {
        RawClient watcher = watcher("will/payload", 0);
        byte[] payload = new byte[length];
        RawClient client = BROKER.raw().speaking(5);
        client.connect(
                connect(5, "will/payload")
                        .flags(0x04)
                        .payload(new byte[1], Packets.text("will/payload"))
                        .payload(Packets.binary(payload)));
        client.close();
        assertThat(watcher.read().payload()).isEqualTo(new String(payload, UTF_8));
    }

    static Stream<Arguments> wrongValues() {
        return Stream.of(
                arguments("payload format 2", u8(Packets.PAYLOAD_FORMAT, 2)),
                arguments("payload format 255", u8(Packets.PAYLOAD_FORMAT, 255)),
                arguments("response topic with +", Packets.text(Packets.RESPONSE_TOPIC, "a/+")),
                arguments("response topic with #", Packets.text(Packets.RESPONSE_TOPIC, "#")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongValues")
    void isRefusedWithWrongProperties(String name, byte[] property) {
        byte[] connect = connect(5, "wrong").will("will/wrong", "gone", 0, property).bytes();
        StrictReader.ends(BROKER, connect, 0x81, 0x82, 0x90);
    }
}
