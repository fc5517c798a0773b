package io.muster.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {

    private static final int LEVELS_MAX = 8;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "//",
                "a",
                "sport/tennis/player1",
                "/finance",
                "finance/",
                "Accounts payable",
                "$SYS/monitor/Clients",
                "Grüße/日本/😀",
                "\uFEFFmark"
            })
    void acceptsValidTopicNames(String topic) {
        assertThat(TopicName.violation(topic, LEVELS_MAX)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "sport/#", "a/+/b", "sport+", "a#b"})
    void refusesWildcardCharacters(String topic) {
        assertThat(TopicName.violation(topic, LEVELS_MAX)).contains("wildcard", "[MQTT-4.7.0-1]");
    }

    @Test
    void refusesAnEmptyTopicName() {
        assertThat(TopicName.violation("", LEVELS_MAX)).contains("[MQTT-4.7.3-1]");
    }

    @Test
    void refusesTheNullCharacter() {
        assertThat(TopicName.violation("a/\0", LEVELS_MAX)).contains("U+0000", "[MQTT-4.7.3-2]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "a\uD83D", "\uDE00a", "\uD83D\uD83D\uDE00", "\uDE00\uD83D"})
    void refusesHalfASurrogatePair(String topic) {
        assertThat(TopicName.violation(topic, LEVELS_MAX)).contains("[MQTT-1.5.4-1]");
    }

    @ParameterizedTest
    @CsvSource({"a,1", "é,2", "日,3", "😀,4"})
    void countsTheLengthInBytesOfUtf8(String character, int bytes) {
        String longest = character.repeat(65_535 / bytes) + "a".repeat(65_535 % bytes);

        assertThat(TopicName.violation(longest, LEVELS_MAX)).isNull();
        assertThat(TopicName.violation(longest + "a", LEVELS_MAX))
                .contains("65535", "65536", "[MQTT-4.7.3-3]");
    }

    @Test
    void allowsAsManyLevelsAsConfigured() {
        assertThat(TopicName.violation("/".repeat(LEVELS_MAX - 1), LEVELS_MAX)).isNull();
        assertThat(TopicName.violation("/".repeat(LEVELS_MAX), LEVELS_MAX))
                .isEqualTo("a topic name must not have more than 8 levels, this has 9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$SYS", "$SYS/", "$SYS/broker/uptime", "$SYS//"})
    void keepsTheSystemTopicsForTheBroker(String topic) {
        assertThat(TopicName.isReserved(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"$SYSTEM", "$sys/a", "$", "/$SYS/a", "SYS/a", "a/$SYS", "$SY", "$muster/x"})
    void leavesOtherTopicsToTheClients(String topic) {
        assertThat(TopicName.isReserved(topic)).isFalse();
    }
}
