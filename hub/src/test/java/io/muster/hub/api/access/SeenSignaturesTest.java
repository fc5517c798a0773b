package io.muster.hub.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.api.access.SeenSignatures.State;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeenSignaturesTest {

    private final AtomicLong nanos = new AtomicLong();
    private final SeenSignatures seen = new SeenSignatures(Duration.ofMinutes(10), nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void aCallThatIsUnderWayOrHasEndedIsNotBegunAgainUntilItsTimeIsOver() {
        assertThat(seen.begin("k1", "s")).isEqualTo(State.BEGUN);
        assertThat(seen.begin("k1", "s")).isEqualTo(State.UNDER_WAY);
        assertThat(seen.begin("k2", "s")).isEqualTo(State.BEGUN);
        seen.ended("k1", "s", true);
        assertThat(seen.begin("k1", "s")).isEqualTo(State.ENDED);
        pass(Duration.ofMinutes(11));
        assertThat(seen.begin("k1", "s")).isEqualTo(State.BEGUN);
    }

    @Test
    void aCallWhoseWorkWasNotBegunIsForgottenAndAnotherIsNot() {
        seen.begin("k1", "s");
        seen.ended("k1", "s", false);
        assertThat(seen.begin("k1", "s")).isEqualTo(State.BEGUN);

        seen.ended("k1", "s", true);
        seen.ended("k1", "s", false);
        assertThat(seen.begin("k1", "s")).isEqualTo(State.ENDED);
    }

    @Test
    void aKeyHasItsOwnRoomAndTakesNoneFromOthers() {
        for (int i = 0; i < SeenSignatures.OF_KEY_MAX; i++) {
            assertThat(seen.begin("k1", "s" + i)).isEqualTo(State.BEGUN);
        }

        assertThat(seen.begin("k1", "more")).isEqualTo(State.NO_ROOM);
        assertThat(seen.begin("k2", "s")).isEqualTo(State.BEGUN);
        seen.ended("k1", "s7", false);
        assertThat(seen.begin("k1", "more")).isEqualTo(State.BEGUN);
        assertThat(seen.begin("k1", "s7")).isEqualTo(State.NO_ROOM);
        pass(Duration.ofMinutes(11));
        assertThat(seen.begin("k1", "s7")).isEqualTo(State.BEGUN);
    }

    @Test
    void allKeysTogetherHaveRoomForSoMany() {
        for (int i = 0; i < SeenSignatures.SIGNATURES_MAX; i++) {
            seen.begin("k" + i % 20, "s" + i);
        }

        assertThat(seen.begin("k20", "s")).isEqualTo(State.NO_ROOM);
        pass(Duration.ofMinutes(11));
        assertThat(seen.begin("k20", "s")).isEqualTo(State.BEGUN);
    }
}
