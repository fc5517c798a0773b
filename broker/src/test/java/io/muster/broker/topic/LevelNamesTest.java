package io.muster.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LevelNamesTest {

    private final LevelNames names = new LevelNames();

    @Test
    void aNameThatComesAgainIsTheSameObject() {
        String first = names.of("/sys/thing/+", 5, 10);
        assertThat(first).isEqualTo("thing");
        assertThat(names.of("a/thing", 2, 7)).isSameAs(first);
        assertThat(names.of("/sys/thing/+", 11, 12)).isEqualTo("+");
        assertThat(names.of("a/", 2, 2)).isEmpty();
    }

    @Test
    void aLongNameIsNotKept() {
        String level = "x".repeat(65);
        assertThat(names.of(level, 0, 65)).isEqualTo(level);
        assertThat(names.of("a/" + level, 2, 67)).isNotSameAs(names.of("b/" + level, 2, 67));
        assertThat(names.of("a/" + level, 2, 66)).isSameAs(names.of("b/" + level, 2, 66));
    }

    /** More names than there are places: some drive out others, none is mistaken for another. */
    @Test
    void aNameIsNeverMistakenForAnother() {
        for (int i = 0; i < 20_000; i++) {
            String level = "device" + i;
            assertThat(names.of("a/" + level + "/b", 2, 2 + level.length())).isEqualTo(level);
        }
        assertThat(names.of("AaAa", 0, 4)).isEqualTo("AaAa");
        assertThat(names.of("BBBB", 0, 4)).as("same hash code").isEqualTo("BBBB");
    }
}
