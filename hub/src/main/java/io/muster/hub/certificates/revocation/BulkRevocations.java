package io.muster.hub.certificates.revocation;

import io.muster.ca.RevocationReason;
import io.muster.devices.RegistryUnavailableException;
import io.muster.hub.certificates.BoundedThreads;
import io.muster.hub.certificates.ConnectedCertificates;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Revokes the certificates of whole products. That may take minutes, so it goes on whether or not
 * whoever asked for it waits; who asks again joins him. A hub that stops leaves the rest as it is:
 * asked once more it goes on from there. Shared.
 */
public final class BulkRevocations implements AutoCloseable {

    /** The registry makes one revocation after the other anyway. */
    private static final int THREADS = 2;

    private final RevocationFlow flow;
    private final ConnectedCertificates connected;
    private final Duration patience;
    private final Map<Wanted, BulkRevocation> underWay = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads = BoundedThreads.of("muster-bulk-revocation", THREADS);

    /** What is under way; who wants the same for another reason wants something else. */
    private record Wanted(String productKey, RevocationReason reason) {}

    /**
     * By this flow.
     *
     * @param connected tells whose certificates are revoked first
     * @param patience how long somebody waits for the end
     */
    public BulkRevocations(
            RevocationFlow flow, ConnectedCertificates connected, Duration patience) {
        this.flow = flow;
        this.connected = connected;
        this.patience = patience;
    }

    /**
     * Revokes all certificates of a product's devices that have not expired, or waits for whoever
     * does so already.
     *
     * @return how far it is after a while
     * @throws RegistryUnavailableException if the registry failed meanwhile: the rest is not
     *     revoked
     */
    public BulkOutcome revokeAll(String productKey, RevocationReason reason, String actor) {
        BulkRevocation run =
                underWay.compute(
                        new Wanted(productKey, reason),
                        (wanted, present) ->
                                present == null || present.end().isDone()
                                        ? begin(wanted, actor)
                                        : present);
        try {
            run.end().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException goesOn) {
            return run.outcome();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return run.outcome();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(failed.getCause());
        }
        return run.outcome();
    }

    private BulkRevocation begin(Wanted wanted, String actor) {
        BulkRevocation run =
                flow.ofProduct(
                        wanted.productKey(),
                        wanted.reason(),
                        actor,
                        connected.ofProduct(wanted.productKey()));
        try {
            threads.execute(
                    () -> {
                        try {
                            run.run();
                        } finally {
                            underWay.remove(wanted, run);
                        }
                    });
        } catch (RejectedExecutionException full) {
            throw new RegistryUnavailableException(
                    "too many revocations of products at once", full);
        }
        return run;
    }

    /** What is under way is cut off after its present step. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
