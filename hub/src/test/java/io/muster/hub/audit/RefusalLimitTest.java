package io.muster.hub.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLimitTest {

    private final AtomicLong nanos = new AtomicLong();
    private final RefusalLimit limit = new RefusalLimit(10, nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private long admitted(String key, int times) {
        long admitted = 0;
        for (int i = 0; i < times; i++) {
            admitted += limit.admits(key) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void ofThoseThatAreAlikeThreeGetThroughInAMinute() {
        assertThat(admitted("a", 100)).isEqualTo(3);
        assertThat(admitted("b", 100)).isEqualTo(3);
        pass(Duration.ofMinutes(1));
        assertThat(admitted("a", 100)).isEqualTo(3);
    }

    @Test
    void ofAllSoManyGetThroughInAMinuteAndTheOthersAreCounted() {
        long admitted = 0;
        for (int i = 0; i < 1_000_000; i++) {
            admitted += limit.admits("name " + i) ? 1 : 0;
        }

        assertThat(admitted).isEqualTo(10);
        assertThat(limit.leftOut()).isZero();
        pass(Duration.ofMinutes(1));
        assertThat(limit.leftOut()).isEqualTo(999_990);
        assertThat(limit.leftOut()).isZero();
    }

    @Test
    void whoGetsThroughInTheNextMinuteTakesNothingFromTheCount() {
        admitted("a", 5);
        pass(Duration.ofMinutes(1));
        admitted("a", 1);

        assertThat(limit.leftOut()).isEqualTo(2);
    }

    @Test
    void whenTheHubStopsThoseOfThePresentMinuteAreCountedToo() {
        admitted("a", 5);

        assertThat(limit.leftOutSoFar()).isEqualTo(2);
    }

    @Test
    void nothingIsLostWhereManyThreadsCount() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Long>> parts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String key = "k" + i;
                parts.add(threads.submit(() -> admitted(key, 100_000)));
            }
            long admitted = 0;
            for (Future<Long> part : parts) {
                admitted += part.get();
            }

            assertThat(admitted).isEqualTo(10);
            assertThat(limit.leftOutSoFar()).isEqualTo(400_000 - 10);
        } finally {
            threads.shutdownNow();
        }
    }
}
