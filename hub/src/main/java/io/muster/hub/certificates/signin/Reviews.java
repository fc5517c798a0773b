package io.muster.hub.certificates.signin;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has all connections looked at again when somebody asks for it, on a thread of its own: once for
 * all who ask before it begins, so that 64 lists that come together are one look or two. Shared;
 * nobody who asks waits.
 */
final class Reviews implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Reviews.class);

    private final Runnable review;
    private final AtomicBoolean isDue = new AtomicBoolean();
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> {
                        Thread reviewer = new Thread(task, "muster-certificate-reviews");
                        reviewer.setDaemon(true);
                        return reviewer;
                    });

    /** Has this done. */
    Reviews(Runnable review) {
        this.review = review;
    }

    /** What has changed before this call is seen by a look that begins after it. */
    void ask() {
        if (!isDue.compareAndSet(false, true)) {
            return;
        }
        try {
            thread.execute(this::run);
        } catch (RejectedExecutionException closed) {
            log.debug("connections are not looked at any more", closed);
        }
    }

    private void run() {
        isDue.set(false);
        try {
            review.run();
        } catch (RuntimeException e) { // or whoever asks next would be asked in vain
            log.error("connections were not all looked at", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
