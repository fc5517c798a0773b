package io.muster.hub.certificates.authority;

import io.muster.ca.crl.CrlTimes;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Issues revocation lists again when they are due, on a thread of its own, and tells if that does
 * not work. Shared.
 */
final class ListTimer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ListTimer.class);

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofMillis(100);

    /** What failed is tried so many times before a list becomes due once more. */
    private static final int LOOKS = 10;

    private final AuthorityLists lists;
    private final Duration pause;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread timer = new Thread(task, "muster-crl-timer");
                        timer.setDaemon(true);
                        return timer;
                    });

    /** Confined to the thread. */
    private Optional<String> told = Optional.empty();

    ListTimer(AuthorityLists lists, CrlTimes times) {
        this.lists = lists;
        this.pause = pause(times.reissueAfter());
    }

    private static Duration pause(Duration reissueAfter) {
        Duration some = reissueAfter.dividedBy(LOOKS);
        if (some.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return some.compareTo(LONGEST) < 0 ? some : LONGEST;
    }

    /**
     * Begins to look.
     *
     * @param before what is done before each look
     */
    void start(CertificateMetrics metrics, Runnable before) {
        long millis = pause.toMillis();
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> look(metrics, before), millis, millis, TimeUnit.MILLISECONDS);
    }

    private void look(CertificateMetrics metrics, Runnable before) {
        try {
            before.run();
        } catch (Throwable e) {
            log.error("what was not finished is not looked at", e);
        }
        try {
            metrics.notPublished(lists.reissueDue());
            Optional<String> now = lists.alarm();
            if (!now.equals(told)) {
                now.ifPresent(sentence -> log.error("{}", sentence));
                told = now;
            }
        } catch (Throwable e) {
            // The next look comes; without this none would.
            log.error("revocation lists not looked at", e);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            // What is being written is finished, before the registry is closed.
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
