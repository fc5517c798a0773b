package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Topic names and filters, and which match. */
@DisplayNameGeneration(StatementNames.class)
class TopicTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "PUBLISH_TOPIC_WITH_(PLUS|HASH)")
    @Normative(mqtt3 = "4.7.1-1")
    void closesForWildcardsInATopicName(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "SUBSCRIBE_HASH_.*")
    @Normative(mqtt3 = "4.7.1-2")
    void closesForAHashThatIsNotALastLevelOfItsOwn(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "SUBSCRIBE_PLUS_.*")
    @Normative(mqtt3 = "4.7.1-3")
    void closesForAPlusThatIsNotALevelOfItsOwn(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @CsvSource({
        "m/#, m",
        "m/#, m/",
        "m/#, m/a/b",
        "m/+, m/a",
        "m/+, m/",
        "m/+/#, m/a",
        "m/+/c, m//c",
        "+/m, /m",
        "/+, /m",
        "+/+, m/a",
        "#, m",
        "/#, /m/a",
        "m//, m//",
        "' m', ' m'",
        "m/a b, m/a b",
        "m/$x, m/$x",
        "m/+/x, m/$y/x"
    })
    @Normative(mqtt3 = {"4.7.1-2", "4.7.1-3", "3.3.2-3", "4.5.0-1"})
    void deliversWhatMatches(String filter, String topic) {
        RawClient client = STAGE.client("matches").subscribe(filter, 0);
        STAGE.publish(0, topic, "x");
        assertThat(client.expectPublish("x").topic()).isEqualTo(topic);
        client.close();
    }

    @ParameterizedTest
    @CsvSource({
        "n/+, n",
        "n/+, n/a/b",
        "n/#, nn",
        "n/#, /n",
        "+, /n",
        "+, n/a",
        "n/+/c, n/c",
        "n, n/",
        "n, N",
        "n/a, n/A",
        "n/\u00E4, n/a\u0308",
        "n/\u212B, n/\u00C5",
        "n/ a, n/a",
        "n/a/, n/a"
    })
    @Normative(mqtt3 = {"4.7.3-4", "4.7.1-2", "4.7.1-3", "3.3.2-3"})
    void doesNotDeliverWhatDoesNotMatch(String filter, String topic) {
        RawClient client = STAGE.client("differs").subscribe(filter, 0);
        client.subscribe("fence", 0);
        STAGE.publish(0, topic, "x");
        STAGE.expectOnly(client, "fence", "fence");
        client.close();
    }

    @ParameterizedTest
    @CsvSource({"#", "+/info", "+/#", "+"})
    @Normative(mqtt3 = "4.7.2-1")
    void doesNotMatchDollarTopicsByALeadingWildcard(String filter) {
        RawClient client = STAGE.client("dollar").subscribe(filter, 0);
        client.subscribe("fence", 0);
        publishFromWithin("$private/info", "x");
        publishFromWithin("$private", "x");
        STAGE.expectOnly(client, "fence", "fence");
        client.close();
        RawClient later = STAGE.client("dollar").subscribe(filter, 0);
        later.expectNothing();
        later.close();
        RawClient named = STAGE.client("dollar").subscribe("$private/#", 0);
        named.expectPublish("x");
        named.expectPublish("x");
        named.close();
        publishFromWithin("$private/info", "");
        publishFromWithin("$private", "");
    }

    /** Retained; clients may not publish there. */
    private static void publishFromWithin(String topic, String payload) {
        Payload bytes = Payload.of(payload.getBytes(StandardCharsets.UTF_8));
        Message message = Message.of(topic, bytes, Qos.AT_MOST_ONCE, true);
        STAGE.broker().broker().publish(message).toCompletableFuture().join();
    }

    /** "The Server SHOULD prevent Clients from using such Topic Names" for each other. */
    @Test
    @Normative(mqtt3 = "4.7.2-1")
    void acknowledgesAndDropsWhatClientsPublishToDollarTopics() {
        RawClient client = STAGE.client("dollar").subscribe("$private/mine", 0);
        STAGE.publish(1, "$private/mine", "x");
        client.expectNothing();
        client.close();
    }

    @Test
    @Normative(mqtt3 = "4.7.2-1")
    void deliversDollarTopicsWhereTheOperatorAcceptsThem() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.refusesDollarTopics = false;
        try (BrokerFixture broker = settings.start()) {
            RawClient client = broker.client(4, "dollar").subscribe("$private/+", 0);
            client.subscribe("#", 0).send(Packets.publish("$private/mine", "x"));
            client.expectPublish("x");
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = ".*_OF_NO_CHARACTERS")
    @Normative(mqtt3 = "4.7.3-1")
    void closesForTopicsOfNoCharacters(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = "4.7.3-1")
    void takesTopicsOfOneCharacter() {
        RawClient client = STAGE.client("short").subscribe("/", 0).subscribe("s", 0);
        STAGE.publish(0, "/", "slash");
        STAGE.publish(0, "s", "letter");
        client.expectPublish("slash");
        client.expectPublish("letter");
    }

    @Test
    @Normative(mqtt3 = "4.7.3-3")
    void takesTopicsAsLongAsTheyCanBe() {
        String topic = "\u20AC".repeat(21_845); // 65,535 bytes
        RawClient client = STAGE.client("long").subscribe(topic, 0);
        client.send(publish(topic, "x"));
        assertThat(client.expectPublish("x").topic()).isEqualTo(topic);
    }

    @Test
    @Normative(mqtt3 = "4.7.3-4")
    void keepsEachCharacterAsItIs() {
        String topic = "e\u0301/\u00E9/\uFEFF/\uD83D\uDE00/ /%2F/\\/\u0130";
        RawClient client = STAGE.client("characters").subscribe(topic, 0);
        STAGE.publish(0, topic, "x");
        assertThat(client.expectPublish("x").topic()).isEqualTo(topic);
    }
}
