package io.muster.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    private static final int LEVELS_MAX = 8;

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
        TopicFilter filter = TopicFilter.parse(text, LEVELS_MAX);

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
        assertThatThrownBy(() -> TopicFilter.parse(text, LEVELS_MAX))
                .isInstanceOf(InvalidTopicFilterException.class)
                .hasMessageContaining("topic filter")
                .hasMessageEndingWith("[MQTT-" + statement + "]");
    }

    @Test
    void refusesTheNullCharacterAndTooManyBytesOrLevels() {
        assertThatThrownBy(() -> TopicFilter.parse("a\0", LEVELS_MAX))
                .hasMessageContaining("[MQTT-4.7.3-2]");
        assertThatThrownBy(() -> TopicFilter.parse("é".repeat(32_768), LEVELS_MAX))
                .hasMessageContaining("[MQTT-4.7.3-3]");
        assertThatThrownBy(() -> TopicFilter.parse("+/".repeat(LEVELS_MAX) + "#", LEVELS_MAX))
                .hasMessage("a topic filter must not have more than 8 levels, this has 9");
    }

    @Test
    void carriesNoStackTraceWhenRefused() {
        assertThatThrownBy(() -> TopicFilter.parse("", LEVELS_MAX))
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
        assertThat(TopicFilter.parse(filter, LEVELS_MAX).matches(topic)).isTrue();
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
        assertThat(TopicFilter.parse(filter, LEVELS_MAX).matches(topic)).isFalse();
    }

    @Test
    void takesTwoWaysToWriteOneCharacterForTwoTopics() {
        // [MQTT-4.7.3-4]: no normalization. Both are an e with an acute accent.
        assertThat(TopicFilter.parse("\u00E9", LEVELS_MAX).matches("e\u0301")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/group/a/+", "$share/group/#", "$share/g//", "$share/ /a"})
    void recognisesSharedSubscriptions(String text) {
        assertThat(TopicFilter.parse(text, LEVELS_MAX).isShared()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "$share/group/a/+, group, a/+",
        "$share/group/#, group, #",
        "$share/consumer1//finance, consumer1, /finance",
        "$share/ /$share/x/y, ' ', $share/x/y",
    })
    void takesASharedSubscriptionApart(String text, String shareName, String inner) {
        TopicFilter filter = TopicFilter.parse(text, LEVELS_MAX);

        assertThat(filter.shareName()).isEqualTo(shareName);
        assertThat(filter.innerText()).isEqualTo(inner);
        assertThat(filter.text()).isEqualTo(text);
    }

    @Test
    void hasNoShareNameIfItIsNotShared() {
        TopicFilter filter = TopicFilter.parse("$shared/a", LEVELS_MAX);

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
        assertThatThrownBy(() -> TopicFilter.parse(text, LEVELS_MAX))
                .isInstanceOf(InvalidTopicFilterException.class)
                .hasMessageEndingWith("[MQTT-" + statement + "]");
    }

    @Test
    void countsTheLevelsBehindTheShareNameAndTheBytesOfAll() {
        String eightLevels = "$share/g/1/2/3/4/5/6/7/8";
        assertThat(TopicFilter.parse(eightLevels, 8).isShared()).isTrue();
        assertThatThrownBy(() -> TopicFilter.parse(eightLevels + "/9", 8))
                .hasMessageContaining("more than 8 levels");

        String tooLong = "$share/g/" + "x".repeat(65_535 - 8);
        assertThatThrownBy(() -> TopicFilter.parse(tooLong, 8))
                .hasMessageEndingWith("[MQTT-4.7.3-3]");
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
        assertThat(TopicFilter.parse(text, LEVELS_MAX).matches(topic)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$shared/group/a", "share/a", "a/$share/b", "$SHARE/a", "/$share/a"})
    void takesOtherFiltersForNotShared(String text) {
        assertThat(TopicFilter.parse(text, LEVELS_MAX).isShared()).isFalse();
    }

    @Test
    void isEqualByItsText() {
        TopicFilter filter = TopicFilter.parse("a/+", LEVELS_MAX);

        assertThat(filter)
                .isEqualTo(TopicFilter.parse("a/+", LEVELS_MAX + 1))
                .hasSameHashCodeAs(TopicFilter.parse("a/+", LEVELS_MAX))
                .isNotEqualTo(TopicFilter.parse("a/#", LEVELS_MAX))
                .isNotEqualTo("a/+");
    }
}
