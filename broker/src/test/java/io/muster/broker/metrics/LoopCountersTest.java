package io.muster.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopCountersTest {

    private final LoopCounters counters = new LoopCounters();

    @Test
    void countsMessagesAndBytesByDirectionAndQos() {
        counters.received(0, 10);
        counters.received(2, 5);
        counters.received(2, 7);
        counters.sent(1, 3);
        assertThat(counters.messagesReceived(0)).isEqualTo(1);
        assertThat(counters.messagesReceived(1)).isZero();
        assertThat(counters.messagesReceived(2)).isEqualTo(2);
        assertThat(counters.payloadBytesReceived(0)).isEqualTo(10);
        assertThat(counters.payloadBytesReceived(2)).isEqualTo(12);
        assertThat(counters.messagesSent(1)).isEqualTo(1);
        assertThat(counters.payloadBytesSent(1)).isEqualTo(3);
        assertThat(counters.messagesSent(0)).isZero();
    }

    @Test
    void countsDropsByReason() {
        counters.dropped(DropReason.EXPIRED);
        counters.dropped(DropReason.OFFLINE, 4);
        counters.dropped(DropReason.OFFLINE);
        assertThat(counters.droppedTotal(DropReason.EXPIRED)).isEqualTo(1);
        assertThat(counters.droppedTotal(DropReason.OFFLINE)).isEqualTo(5);
        assertThat(counters.droppedTotal(DropReason.QUEUE_FULL)).isZero();
    }

    @Test
    void countsUpAndDown() {
        counters.connections().increment();
        counters.connections().increment();
        counters.connections().add(-1);
        counters.queued().add(7);
        assertThat(counters.connections().get()).isEqualTo(1);
        assertThat(counters.queued().get()).isEqualTo(7);
    }

    @Test
    void anotherThreadSeesTheCount() throws InterruptedException {
        Counter counter = new Counter();
        Thread owner =
                new Thread(
                        () -> {
                            for (int i = 0; i < 100_000; i++) {
                                counter.increment();
                            }
                        });
        owner.start();
        long before = 0;
        while (owner.isAlive()) {
            long seen = counter.get();
            assertThat(seen).isGreaterThanOrEqualTo(before);
            before = seen;
        }
        owner.join();
        assertThat(counter.get()).isEqualTo(100_000);
    }

    // ---------------------------------------------------------------------- LoopLag

    private final AtomicLong nanoTime = new AtomicLong(5_000_000_000L);
    private final LoopLag lag = new LoopLag(nanoTime::get);

    private void tickAfterMillis(long millis) {
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        lag.tick();
    }

    @Test
    void aPunctualLoopHasNoLag() {
        tickAfterMillis(0);
        tickAfterMillis(LoopLag.INTERVAL_MILLIS);
        tickAfterMillis(LoopLag.INTERVAL_MILLIS - 10);
        assertThat(lag.worstSeconds()).isZero();
    }

    @Test
    void showsTheWorstLagSinceTheLastLook() {
        tickAfterMillis(0);
        tickAfterMillis(LoopLag.INTERVAL_MILLIS + 250);
        tickAfterMillis(LoopLag.INTERVAL_MILLIS + 20);
        assertThat(lag.worstSeconds()).isEqualTo(0.25);
        assertThat(lag.worstSeconds()).as("forgotten").isZero();
        tickAfterMillis(LoopLag.INTERVAL_MILLIS + 20);
        assertThat(lag.worstSeconds()).isEqualTo(0.02);
    }
}
