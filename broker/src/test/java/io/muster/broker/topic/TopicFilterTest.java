package io.muster.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+",
                "/",
                "sport/#",
                "sport/tennis/#",
                "+/tennis/#",
                "sport/+/player1",
                "+/+",
                "/+",
                "/#",
                "+/#",
                "$SYS/#",
                "Accounts payable",
                "Grüße/+/日本"
            })
    void acceptsValidFilters(String text) {
        TopicFilter filter = TopicFilter.parse(text);

        assertThat(filter.text()).isEqualTo(text);
        assertThat(filter).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "sport/tennis#, 4.7.1-1",
        "sport/tennis/#/ranking, 4.7.1-1",
        "##, 4.7.1-1",
        "#/, 4.7.1-1",
        "+#, 4.7.1-2",
        "sport+, 4.7.1-2",
        "+sport, 4.7.1-2",
        "a/+b/c, 4.7.1-2",
        "a/b+/c, 4.7.1-2",
        "++, 4.7.1-2",
        "'', 4.7.3-1"
    })
    void refusesInvalidFiltersNamingTheStatement(String text, String statement) {
        assertThatThrownBy(() -> TopicFilter.parse(text))
                .isInstanceOf(InvalidTopicFilterException.class)
                .hasMessageContaining("topic filter")
                .hasMessageEndingWith("[MQTT-" + statement + "]");
    }

    @Test
    void refusesTheNullCharacterAndTooManyBytes() {
        assertThatThrownBy(() -> TopicFilter.parse("a\0")).hasMessageContaining("[MQTT-4.7.3-2]");
        assertThatThrownBy(() -> TopicFilter.parse("é".repeat(32_768)))
                .hasMessageContaining("[MQTT-4.7.3-3]");
    }

    @Test
    void carriesNoStackTraceWhenRefused() {
        assertThatThrownBy(() -> TopicFilter.parse(""))
                .satisfies(refusal -> assertThat(refusal.getStackTrace()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        // Section 4.7.1.2
        "sport/tennis/player1/#, sport/tennis/player1",
        "sport/tennis/player1/#, sport/tennis/player1/ranking",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon",
        "sport/#, sport",
        "#, sport/tennis",
        "#, /",
        // Section 4.7.1.3
        "sport/tennis/+, sport/tennis/player1",
        "sport/+, sport/",
        "+/tennis/#, sport/tennis",
        "+/+, /finance",
        "/+, /finance",
        "+, finance",
        "+/#, a",
        // Section 4.7.2
        "$SYS/#, $SYS/monitor/Clients",
        "$SYS/#, $SYS",
        "$SYS/monitor/+, $SYS/monitor/Clients",
        "+/$x, a/$x",
        "a/+, a/$x",
        "a/#, a/$x/b",
        // Section 4.7.3
        "/, /",
        "a//b, a//b",
        "a/+/b, a//b",
        "Accounts payable, Accounts payable"
    })
    void matches(String filter, String topic) {
        assertThat(TopicFilter.parse(filter).matches(topic)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // Section 4.7.1
        "sport/tennis/player1/#, sport/tennis",
        "sport/tennis/player1/#, sport/tennis/player10",
        "sport/tennis/+, sport/tennis/player1/ranking",
        "sport/+, sport",
        "+, /finance",
        "+, a/b",
        "a/+/c, a/b",
        "a/b, a/b/c",
        "a/b/c, a/b",
        // Section 4.7.2
        "#, $SYS/monitor/Clients",
        "#, $",
        "+/monitor/Clients, $SYS/monitor/Clients",
        "+/#, $SYS/a",
        "$SYS/#, SYS/a",
        // Section 4.7.3
        "ACCOUNTS, Accounts",
        "/finance, finance",
        "finance/, finance",
        "finance, finance/",
        "a/b, a//b",
        "é, e"
    })
    void doesNotMatch(String filter, String topic) {
        assertThat(TopicFilter.parse(filter).matches(topic)).isFalse();
    }

    @Test
    void takesTwoWaysToWriteOneCharacterForTwoTopics() {
        // [MQTT-4.7.3-4]: no normalization. Both are an e with an acute accent.
        assertThat(TopicFilter.parse("\u00E9").matches("e\u0301")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/group/a/+", "$share/group/#", "$share/g//", "$share/ /a"})
    void recognisesSharedSubscriptions(String text) {
        assertThat(TopicFilter.parse(text).isShared()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "$share/group/a/+, group, a/+",
        "$share/group/#, group, #",
        "$share/consumer1//finance, consumer1, /finance",
        "$share/ /$share/x/y, ' ', $share/x/y",
    })
    void takesASharedSubscriptionApart(String text, String shareName, String inner) {
        TopicFilter filter = TopicFilter.parse(text);

        assertThat(filter.shareName()).isEqualTo(shareName);
        assertThat(filter.innerText()).isEqualTo(inner);
        assertThat(filter.text()).isEqualTo(text);
    }

    @Test
    void hasNoShareNameIfItIsNotShared() {
        TopicFilter filter = TopicFilter.parse("$shared/a");

        assertThat(filter.shareName()).isNull();
        assertThat(filter.innerText()).isEqualTo("$shared/a");
    }

    @ParameterizedTest
    @CsvSource({
        "$share, 4.8.2-1",
        "$share/, 4.8.2-1",
        "$share//, 4.8.2-1",
        "$share//a, 4.8.2-1",
        "$share/g, 4.8.2-2",
        "$share/g/, 4.8.2-2",
        "$share/+/a, 4.8.2-2",
        "$share/g+/a, 4.8.2-2",
        "$share/g#/a, 4.8.2-2",
        "$share/#, 4.8.2-2",
        "$share/#/a, 4.8.2-2",
        "$share/g/a#, 4.7.1-1",
        "$share/g/#/a, 4.7.1-1",
        "$share/g/a+, 4.7.1-2",
        "$share/g\u0000/a, 4.7.3-2"
    })
    void refusesInvalidSharedSubscriptionsNamingTheStatement(String text, String statement) {
        assertThatThrownBy(() -> TopicFilter.parse(text))
                .isInstanceOf(InvalidTopicFilterException.class)
                .hasMessageEndingWith("[MQTT-" + statement + "]");
    }

    @ParameterizedTest
    @CsvSource({"a, 1", "/, 2", "a/+/c, 3", "+/#, 2", "$share/g/1/2/3, 3", "$shared/g/1, 3"})
    void countsTheLevelsBehindTheShareName(String text, int levels) {
        assertThat(TopicFilter.parse(text).levels()).isEqualTo(levels);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "a\uD83D", "\uDE00a", "\uD83D\uD83D\uDE00", "\uDE00\uD83D"})
    void refusesHalfASurrogatePair(String text) {
        assertThatThrownBy(() -> TopicFilter.parse(text)).hasMessageContaining("[MQTT-1.5.4-1]");
    }

    @ParameterizedTest
    @CsvSource({"a,1", "é,2", "日,3", "😀,4"})
    void countsTheLengthInBytesOfUtf8(String character, int bytes) {
        String longest = character.repeat(65_535 / bytes) + "a".repeat(65_535 % bytes);

        assertThat(TopicFilter.parse(longest).text()).isEqualTo(longest);
        assertThatThrownBy(() -> TopicFilter.parse(longest + "a"))
                .hasMessageContainingAll("65535", "65536", "[MQTT-4.7.3-3]");
    }

    @Test
    void countsTheBytesOfTheShareNameToo() {
        String tooLong = "$share/g/" + "x".repeat(65_535 - 8);
        assertThatThrownBy(() -> TopicFilter.parse(tooLong)).hasMessageEndingWith("[MQTT-4.7.3-3]");
    }

    @ParameterizedTest
    @CsvSource({
        "$share/g/a/+, a/b, true",
        "$share/g/a/+, $share/g/a/b, false",
        "$share/g/#, $SYS/a, false",
        "$share/g/+/a, $SYS/a, false",
        "$share/g/$SYS/+, $SYS/a, true"
    })
    void matchesWithoutItsShare(String text, String topic, boolean matches) {
        assertThat(TopicFilter.parse(text).matches(topic)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$shared/group/a", "share/a", "a/$share/b", "$SHARE/a", "/$share/a"})
    void takesOtherFiltersForNotShared(String text) {
        assertThat(TopicFilter.parse(text).isShared()).isFalse();
    }

    @Test
    void isEqualByItsText() {
        TopicFilter filter = TopicFilter.parse("a/+");

        assertThat(filter)
                .isEqualTo(TopicFilter.parse("a/+"))
                .hasSameHashCodeAs(TopicFilter.parse("a/+"))
                .isNotEqualTo(TopicFilter.parse("a/#"))
                .isNotEqualTo("a/+");
    }
}
