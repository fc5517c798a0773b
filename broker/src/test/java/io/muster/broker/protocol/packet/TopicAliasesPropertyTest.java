package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** A client that applies the rules for aliases [MQTT5 3.3.2.3.4] understands what it is sent. */
class TopicAliasesPropertyTest {

    @Property
    void aClientAlwaysKnowsTheTopic(
            @ForAll @IntRange(max = 200) int maximum, @ForAll("topics") List<String> topics) {
        TopicAliases aliases = new TopicAliases(maximum);
        Map<Integer, String> known = new HashMap<>();
        for (String topic : topics) {
            int alias = aliases.aliasOf(topic);
            assertThat(Math.abs(alias)).isLessThanOrEqualTo(maximum);
            if (alias > 0) {
                known.put(alias, topic);
            }
            if (alias < 0) {
                assertThat(known.get(-alias)).as("alias %d", -alias).isEqualTo(topic);
            }
        }
    }

    /** Few topics, so that they come again, and enough of them to fall on one another. */
    @Provide
    Arbitrary<List<String>> topics() {
        return Arbitraries.integers().between(0, 30).map(i -> "t/" + i).list().ofMaxSize(300);
    }

    @Example
    void aTopicThatKeepsComingKeepsItsAlias() {
        TopicAliases aliases = new TopicAliases(65_535);
        int alias = aliases.aliasOf("hot");
        assertThat(alias).isPositive();
        for (int i = 0; i < 1_000; i++) {
            assertThat(aliases.aliasOf("once/" + i)).isNotEqualTo(-alias);
            assertThat(aliases.aliasOf("hot")).isEqualTo(-alias);
        }
    }

    @Example
    void whoTakesNoneGetsNone() {
        TopicAliases aliases = new TopicAliases(0);
        for (int i = 0; i < 3; i++) {
            assertThat(aliases.aliasOf("t")).isZero();
        }
    }
}
