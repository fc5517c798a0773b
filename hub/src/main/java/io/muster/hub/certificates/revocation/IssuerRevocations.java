package io.muster.hub.certificates.revocation;

import io.muster.ca.ledger.Revocation;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.hub.certificates.RevokedIssuers;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes what issuers have issued that are revoked themselves, though nobody takes it any more:
 * else it counted among those that a device may have, was shown as valid, and left the sessions of
 * devices that are away. It looks in the registry for what is left, at the start, when an issuer is
 * revoked, and from time to time, so that it goes on where a process has ended. Shared; has a
 * thread.
 */
public final class IssuerRevocations implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(IssuerRevocations.class);

    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final RevokedIssuers issuers;
    private final CertificateRegistry certificates;
    private final RevocationFlow flow;
    private final Clock clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread made = new Thread(task, "muster-issuer-revocations");
                        made.setDaemon(true);
                        return made;
                    });

    /** One that does not look yet. */
    public IssuerRevocations(
            RevokedIssuers issuers,
            CertificateRegistry certificates,
            RevocationFlow flow,
            Clock clock) {
        this.issuers = issuers;
        this.certificates = certificates;
        this.flow = flow;
        this.clock = clock;
    }

    /** Looks from now on. */
    public void start() {
        issuers.whenMore(this::lookSoon);
        var unused =
                thread.scheduleWithFixedDelay(
                        this::lookAgain, 0, PERIOD.toSeconds(), TimeUnit.SECONDS);
    }

    private void lookSoon() {
        try {
            thread.execute(this::lookAgain);
        } catch (RejectedExecutionException closed) {
            log.warn("what a revoked issuer has issued is revoked at the next start");
        }
    }

    private void lookAgain() {
        try {
            look();
        } catch (RuntimeException later) {
            log.warn("what revoked issuers have issued is revoked later", later);
        }
    }

    /** Revokes what there is. */
    void look() {
        Map<String, Revocation> revoked = issuers.find();
        if (revoked.isEmpty()) {
            return;
        }
        Map<String, Long> valid = certificates.countValid(clock.instant());
        revoked.forEach(
                (issuer, revocation) -> {
                    if (valid.containsKey(issuer)) {
                        revokeAll(issuer, revocation);
                    }
                });
    }

    private void revokeAll(String issuer, Revocation of) {
        BulkRevocation run = flow.ofIssuer(issuer, of.reason(), of.actor());
        run.run();
        log.info(
                "what a revoked issuer had issued is revoked issuer={} certificates={}"
                        + " published={}",
                issuer,
                run.outcome().revoked(),
                run.outcome().published());
    }

    /** What is under way is cut off after its present step. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
