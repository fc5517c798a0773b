package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.conformance.Wire.expectRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which filter matches which topic [MQTT5 4.7]. */
@DisplayNameGeneration(StatementNames.class)
class TopicMatchingTest {

    private static final String FENCE = "fence";

    @RegisterExtension static final Stage STAGE = Stage.open();

    /** Publishes to the topic and then a fence; what comes before the fence has matched. */
    private static boolean matches(String filter, String topic) {
        RawClient client = STAGE.client();
        client.subscribe(filter, 0).subscribe(FENCE, 0);
        RawClient publisher = STAGE.client();
        publisher.send(publish5(topic, NO_PROPERTIES, "x"), publish5(FENCE, NO_PROPERTIES, "done"));
        RawClient.Packet first = client.read();
        if (first.topic().equals(FENCE)) {
            return false;
        }
        assertThat(first.topic()).isEqualTo(topic);
        client.expectPublish("done");
        return true;
    }

    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1",
        "sport/tennis/player1/#, sport/tennis/player1/ranking",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon",
        "sport/#, sport",
        "sport/#, sport/",
        "sport/tennis/+, sport/tennis/player1",
        "sport/+, sport/",
        "+/+, /finance",
        "/+, /finance",
        "+/+/+, a//c",
        "+/tennis/#, sport/tennis",
        "+/tennis/#, sport/tennis/a/b",
        "/, /",
        "+/+, /",
        "a//b, a//b",
        "Accounts payable, Accounts payable",
        "a/ /b, a/ /b"
    })
    @Normative(mqtt5 = {"4.5.0-1", "4.7.1-1", "4.7.1-2"})
    void matchesLevelByLevel(String filter, String topic) {
        assertThat(matches(filter, topic)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "sport/tennis/+, sport/tennis/player1/ranking",
        "sport/tennis/+, sport/tennis",
        "sport/+, sport",
        "+, /finance",
        "sport/tennis/player1/#, sport/tennis/player10",
        "sport/tennis/#, sport",
        "a//b, a/b",
        "a/b, a//b",
        "/finance, finance",
        "finance, finance/",
        "a/+/c, a/c"
    })
    @Normative(mqtt5 = {"4.7.1-1", "4.7.1-2"})
    void doesNotMatchAnotherLevel(String filter, String topic) {
        assertThat(matches(filter, topic)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "ACCOUNTS, Accounts",
        "caf\u00e9, cafe\u0301",
        "stra\u00dfe, strasse",
        "\u212b, \u00c5",
        "a\uFEFF, a",
        "\uFB01x, fix",
        "a%20b, 'a b'",
        "a/./b, a/b",
        "a/b, a/c/../b"
    })
    @Normative(mqtt5 = "4.7.3-4")
    void doesNotNormalize(String filter, String topic) {
        assertThat(matches(filter, topic)).isFalse();
        assertThat(matches(topic, topic)).isTrue();
        assertThat(matches(filter, filter)).isTrue();
    }

    private static void publishFromWithin(String topic, String payload) {
        Payload bytes = Payload.of(payload.getBytes(StandardCharsets.UTF_8));
        Message message = Message.of(topic, bytes, Qos.AT_MOST_ONCE, false);
        STAGE.broker().broker().publish(message).toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+/#", "+/monitor/+", "+/+/clients", "+/monitor/#"})
    @Normative(mqtt5 = "4.7.2-1")
    void doesNotMatchDollarTopicsByAWildcardInFront(String filter) {
        RawClient client = STAGE.client().subscribe(filter, 0);
        publishFromWithin("$test/monitor/clients", "hidden");
        publishFromWithin("test/monitor/clients", "shown");
        client.expectPublish("shown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$test/#", "$test/+/clients", "$test/monitor/clients"})
    @Normative(mqtt5 = "4.7.2-1")
    void matchesDollarTopicsByTheirName(String filter) {
        RawClient client = STAGE.client().subscribe(filter, 0);
        publishFromWithin("$test/monitor/clients", "shown");
        client.expectPublish("shown");
    }

    /** "The Server SHOULD prevent Clients from using such Topic Names" for each other. */
    @ParameterizedTest
    @ValueSource(strings = {"$", "$test/a", "$SYS/a", "$share/a/b", "$$"})
    @Normative(mqtt5 = "4.7.2-1")
    void letsClientsNotSpeakToEachOtherByDollarTopics(String topic) {
        RawClient client = STAGE.client();
        client.send(publish5(QOS_1, 1, topic, NO_PROPERTIES, "x"));
        RawClient.Packet puback = client.expectType(4);
        assertThat(puback.reason()).isEqualTo(0x87);
        assertThat(puback.body())
                .as("no words, which some clients cannot read")
                .hasSizeBetween(3, 4);
        client.send(publish5(QOS_2, 2, topic, NO_PROPERTIES, "x"));
        assertThat(client.expectType(5).reason()).isEqualTo(0x87);
    }

    @Test
    @Normative(mqtt5 = "4.7.2-1")
    void matchesDollarInTheMiddleLikeAnythingElse() {
        assertThat(matches("#", "a/$b")).isTrue();
        assertThat(matches("+/+", "a/$b")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/+", "a/#", "+", "#", "a/b+", "a#"})
    @Normative(mqtt5 = {"4.7.0-1", "4.13.1-1"})
    void endsTheConnectionAtAWildcardInATopicName(String topic) {
        expectRefused(STAGE.client(), publish5(topic, NO_PROPERTIES, "x"), 0x81, 0x82, 0x90);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "a\u0000b"})
    @Normative(mqtt5 = "4.7.3-2")
    void endsTheConnectionAtTheNullCharacterInATopicName(String topic) {
        expectRefused(STAGE.client(), publish5(topic, NO_PROPERTIES, "x"), 0x81);
    }

    @Test
    @Normative(mqtt5 = "4.7.3-1")
    void endsTheConnectionAtAnEmptyTopicName() {
        expectRefused(STAGE.client(), publish5("", NO_PROPERTIES, "x"), 0x81, 0x82, 0x90);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 15})
    void takesManyLevels(int levels) {
        String topic = "l/".repeat(levels) + "end";
        assertThat(matches(topic, topic)).isTrue();
        assertThat(matches("+/".repeat(levels) + "end", topic)).isTrue();
    }
}
