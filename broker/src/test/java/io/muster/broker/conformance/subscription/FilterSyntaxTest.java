package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.conformance.Wire.SUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which topic filters there are, and which not [MQTT5 4.7.1, 4.7.3, 4.8.2]. */
@DisplayNameGeneration(StatementNames.class)
class FilterSyntaxTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void expectInvalid(String filter) {
        expectRefused(STAGE.client(), subscribe5(1, filter, 0), 0x81, 0x8F);
    }

    private static void expectGranted(String filter) {
        RawClient client = STAGE.client();
        client.send(subscribe5(1, filter, 1));
        assertThat(expect(client, SUBACK).reasons()).as(filter).containsExactly(0x01);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sport#",
                "sport/tennis#",
                "sport/#/ranking",
                "#/",
                "#a",
                "##",
                "a/##",
                "#/#"
            })
    @Normative(mqtt5 = "4.7.1-1")
    void refusesAMultiLevelWildcardThatIsNotAWholeLastLevel(String filter) {
        expectInvalid(filter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sport+", "+a", "a/b+", "a/+b/c", "++", "a/++/b", "+#", "#+", "a+b/#"})
    @Normative(mqtt5 = "4.7.1-2")
    void refusesASingleLevelWildcardThatIsNotAWholeLevel(String filter) {
        expectInvalid(filter);
    }

    @Test
    @Normative(mqtt5 = "4.7.3-1")
    void refusesAnEmptyFilter() {
        expectInvalid("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "a\u0000b", "a/\u0000/#"})
    @Normative(mqtt5 = {"4.7.3-2", "3.8.3-1"})
    void refusesTheNullCharacter(String filter) {
        expectInvalid(filter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share/",
                "$share//topic",
                "$share//",
                "$share///",
                "$share/+",
                "$share/#",
                "$share/group",
                "$share/group/"
            })
    @Normative(mqtt5 = {"4.8.2-1", "4.8.2-2"})
    void refusesASharedSubscriptionWithoutNameOrFilter(String filter) {
        expectRefused(STAGE.client(), subscribe5(1, filter, 0), 0x81, 0x82, 0x8F);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share/+/topic",
                "$share/#/topic",
                "$share/gr+up/topic",
                "$share/group+/topic",
                "$share/#group/topic"
            })
    @Normative(mqtt5 = "4.8.2-2")
    void refusesWildcardsInAShareName(String filter) {
        expectRefused(STAGE.client(), subscribe5(1, filter, 0), 0x81, 0x82, 0x8F);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/g/a#", "$share/g/#/a", "$share/g/a+", "$share/g/+b/c"})
    @Normative(mqtt5 = {"4.8.2-2", "4.7.1-1", "4.7.1-2"})
    void refusesAWrongFilterInASharedSubscription(String filter) {
        expectRefused(STAGE.client(), subscribe5(1, filter, 0), 0x81, 0x82, 0x8F);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+",
                "/",
                "//",
                "+/+",
                "/+",
                "+/",
                "sport/#",
                "/#",
                "+/#",
                "+/tennis/#",
                "sport/+/player1",
                "a//b",
                " ",
                "a b/ c",
                "$SYS/#",
                "$other/+",
                "\uFEFFa",
                "\uD83D\uDE00/\u00e4"
            })
    @Normative(mqtt5 = {"4.7.1-1", "4.7.1-2", "4.7.3-1"})
    void takesEveryValidFilter(String filter) {
        expectGranted(filter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share/g/a",
                "$share/g/#",
                "$share/g/+/x",
                "$share/g//finance",
                "$share/g//"
            })
    @Normative(mqtt5 = {"4.8.2-1", "4.8.2-2"})
    void takesEveryValidSharedSubscription(String filter) {
        expectGranted(filter);
    }

    @Test
    @Normative(mqtt5 = "4.7.3-3")
    void takesTheLongestFilterAndTopic() {
        String topic = "x".repeat(0xFFFF);
        RawClient client = STAGE.client();
        client.send(subscribe5(1, topic, 0));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0x00);
        STAGE.client().send(publish5(topic, NO_PROPERTIES, "far")).expectNothing();
        RawClient.Packet packet = client.expectPublish("far");
        assertThat(packet.topic()).hasSize(0xFFFF);
    }
}
