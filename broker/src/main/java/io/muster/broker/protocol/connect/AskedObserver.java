package io.muster.broker.protocol.connect;

import io.muster.broker.log.Quoted;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ClientObserver.Admission.Verdict;
import io.muster.broker.spi.ConnectedClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The question to the observer whether it admits a client. Its answer comes in time or is {@link
 * Admission#UNAVAILABLE}; but an observer that admits the client too late counts it as connected,
 * and is told then that it is not. Until that is done, no later client of the same name may be
 * asked about: the observer would take the late end for the end of the later one.
 *
 * <p>Shared; never blocks.
 */
final class AskedObserver {

    private static final Logger log = LoggerFactory.getLogger(AskedObserver.class);

    /** An observer that never answers does not bar the name for ever. */
    private static final long LATEST_MILLIS = TimeUnit.MINUTES.toMillis(2);

    private final ClientObserver observer;
    private final CompletableFuture<Admission> inTime = new CompletableFuture<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private @Nullable ConnectedClient client;

    /** Nothing is asked yet. */
    AskedObserver(ClientObserver observer) {
        this.observer = observer;
    }

    /**
     * Asks, once.
     *
     * @param deadlineMillis after which the client is not admitted any more
     * @return the answer, or that there was none in time; never fails
     */
    CompletionStage<Admission> ask(ConnectedClient about, long deadlineMillis) {
        client = about;
        try {
            observer.connecting(about)
                    .whenComplete((admission, failure) -> answered(about, admission, failure));
        } catch (RuntimeException failure) {
            answered(about, null, failure);
        }
        if (!inTime.isDone()) {
            inTime.completeOnTimeout(Admission.UNAVAILABLE, deadlineMillis, TimeUnit.MILLISECONDS);
            over.completeOnTimeout(null, deadlineMillis + LATEST_MILLIS, TimeUnit.MILLISECONDS);
        }
        return inTime;
    }

    /** Complete when the observer has nothing more to say, or was not asked; never fails. */
    CompletionStage<Void> over() {
        return client == null ? CompletableFuture.completedFuture(null) : over;
    }

    private void answered(
            ConnectedClient about, @Nullable Admission admission, @Nullable Throwable failure) {
        if (admission == null) {
            log.error(
                    "admission failed, client refused client={}",
                    new Quoted(about.clientIdentifier()),
                    failure);
        }
        boolean isInTime = inTime.complete(admission == null ? Admission.UNAVAILABLE : admission);
        if (!isInTime) {
            late(about, admission);
        }
        over.complete(null);
    }

    private void late(ConnectedClient about, @Nullable Admission admission) {
        log.warn(
                "admission came too late client={} admission={}",
                new Quoted(about.clientIdentifier()),
                admission == null ? null : admission.verdict());
        if (admission == null || admission.verdict() != Verdict.ADMITTED) {
            return;
        }
        if (over.isDone()) {
            log.error(
                    "client admitted when others may have come in its name client={}",
                    new Quoted(about.clientIdentifier()));
            return;
        }
        try {
            observer.disconnected(about);
        } catch (RuntimeException failure) {
            log.error("observer failed client={}", new Quoted(about.clientIdentifier()), failure);
        }
    }
}
