package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When connections are looked at again, and how often. */
@Timeout(10)
class ReviewsTest {

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    /** As when the lists of an authority come one after the other. */
    @Test
    void allWhoAskWhileOneIsUnderWayShareTheNext() {
        CountDownLatch slow = new CountDownLatch(1);
        try (Reviews reviews =
                new Reviews(
                        () -> {
                            begun.incrementAndGet();
                            uninterrupted(slow);
                            done.incrementAndGet();
                        })) {
            reviews.ask();
            await().until(() -> begun.get() == 1);
            for (int i = 0; i < 64; i++) {
                reviews.ask(); // none of them waits
            }
            assertThat(done).hasValue(0);
            slow.countDown();
            await().until(() -> done.get() == 2);
            reviews.ask();
            await().until(() -> done.get() == 3);
        }
        assertThat(begun).hasValue(3);
    }

    private static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void oneThatFailsIsNotTheLast() {
        try (Reviews reviews =
                new Reviews(
                        () -> {
                            if (begun.incrementAndGet() == 1) {
                                throw new IllegalStateException("of a test");
                            }
                            done.incrementAndGet();
                        })) {
            reviews.ask();
            await().until(() -> begun.get() == 1);
            reviews.ask();
            await().until(() -> done.get() == 1);
        }
    }

    @Test
    void afterTheEndNobodyIsLookedAt() {
        Reviews reviews = new Reviews(begun::incrementAndGet);
        reviews.close();
        reviews.ask();
        assertThat(begun).hasValue(0);
    }
}
