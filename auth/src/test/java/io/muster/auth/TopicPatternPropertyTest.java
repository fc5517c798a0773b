package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Compares {@link TopicPattern} with a model that tries every topic of a small world: four words,
 * one of them empty and one with a dollar sign, at one to five levels. Filters have at most three
 * levels, so that the world holds a counterexample for each wrong answer. The empty topic, which
 * nobody may publish to, belongs to the world: "/#" and "+" meet there. Seeds are in the message.
 */
class TopicPatternPropertyTest {

    private static final List<String> WORDS = List.of("a", "b", "", "$c");
    private static final int SEEDS = 6_000;
    private static final List<String> WORLD = world();

    @Test
    void coversAFilterExactlyIfItMatchesEveryTopicOfIt() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String own = filter(random);
            String other = filter(random);
            boolean model =
                    WORLD.stream()
                            .filter(topic -> matches(other, topic))
                            .allMatch(topic -> matches(own, topic));

            assertThat(TopicPattern.of(own).covers(other))
                    .as("seed %d: '%s' covers '%s'", seed, own, other)
                    .isEqualTo(model);
        }
    }

    @Test
    void overlapsAFilterExactlyIfThereIsATopicOfBoth() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String own = filter(random);
            String other = filter(random);
            boolean model =
                    WORLD.stream().anyMatch(topic -> matches(own, topic) && matches(other, topic));

            assertThat(TopicPattern.of(own).overlaps(other))
                    .as("seed %d: '%s' overlaps '%s'", seed, own, other)
                    .isEqualTo(model);
        }
    }

    @Test
    void matchesTopicNamesAsTheModelDoes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String own = filter(random);
            String topic = WORLD.get(random.nextInt(WORLD.size()));

            assertThat(TopicPattern.of(own).covers(topic))
                    .as("seed %d: '%s' matches '%s'", seed, own, topic)
                    .isEqualTo(matches(own, topic));
        }
    }

    @Test
    void aPolicyAllowsAFilterOnlyIfItAllowsEveryTopicOfIt() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<TopicRule> rules = new ArrayList<>();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                String filter = filter(random);
                rules.add(
                        random.nextBoolean()
                                ? TopicRule.allow(filter)
                                : TopicRule.of(Effect.DENY, Use.ANY, filter));
            }
            TopicPolicy policy = TopicPolicy.of(rules, Map.of());
            String asked = filter(random);
            if (!policy.maySubscribe(asked)) {
                continue;
            }

            assertThat(WORLD)
                    .as("seed %d: '%s' subscribed", seed, asked)
                    .filteredOn(topic -> !topic.isEmpty() && matches(asked, topic))
                    .allMatch(policy::mayPublish);
        }
    }

    private static String filter(SplittableRandom random) {
        List<String> levels = new ArrayList<>();
        int count = random.nextInt(1, 4);
        for (int level = 1; level <= count; level++) {
            int kind = random.nextInt(8);
            if (kind < 3) {
                levels.add("+");
            } else if (kind == 3 && level == count) {
                levels.add("#");
            } else {
                levels.add(WORDS.get(random.nextInt(WORDS.size())));
            }
        }
        String filter = String.join("/", levels);
        return filter.isEmpty() ? "a" : filter;
    }

    /** The rules of MQTT section 4.7, written as plainly as can be. */
    private static boolean matches(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false;
        }
        return matches(List.of(filter.split("/", -1)), List.of(topic.split("/", -1)));
    }

    private static boolean matches(List<String> filter, List<String> topic) {
        if (filter.equals(List.of("#"))) {
            return true;
        }
        if (filter.isEmpty() || topic.isEmpty()) {
            return filter.isEmpty() && topic.isEmpty();
        }
        boolean first = filter.get(0).equals("+") || filter.get(0).equals(topic.get(0));
        return first && matches(filter.subList(1, filter.size()), topic.subList(1, topic.size()));
    }

    private static List<String> world() {
        List<String> world = new ArrayList<>();
        List<String> longest = WORDS;
        for (int level = 1; level <= 5; level++) {
            world.addAll(longest);
            longest =
                    longest.stream()
                            .flatMap(start -> WORDS.stream().map(word -> start + "/" + word))
                            .toList();
        }
        assertThat(world).hasSize(IntStream.of(4, 16, 64, 256, 1024).sum());
        return world;
    }
}
