package io.muster.hub.certificates.revocation;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes certificates as superseded some time after another one was used in their place. It looks
 * in the registry for those that are due, so that a restart forgets none. Shared; has a thread.
 */
public final class Supersession implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Supersession.class);

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final int SOME = 200;

    private final CertificateRegistry certificates;
    private final RevocationFlow flow;
    private final Duration overlap;
    private final Clock clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread made = new Thread(task, "muster-supersession");
                        made.setDaemon(true);
                        return made;
                    });

    /**
     * One that does not look yet.
     *
     * @param overlap how long both certificates stay good
     */
    public Supersession(
            CertificateRegistry certificates, RevocationFlow flow, Duration overlap, Clock clock) {
        this.certificates = certificates;
        this.flow = flow;
        this.overlap = overlap;
        this.clock = clock;
    }

    /** Looks from now on. */
    public void start() {
        long seconds = Math.max(1, Math.min(PERIOD.toSeconds(), overlap.toSeconds()));
        var unused =
                thread.scheduleWithFixedDelay(this::lookAgain, seconds, seconds, TimeUnit.SECONDS);
    }

    private void lookAgain() {
        try {
            look();
            flow.publishWhatIsMissing();
        } catch (RuntimeException later) {
            log.warn("certificates that are replaced are looked for again later", later);
        }
    }

    /** Revokes those that are due. */
    public void look() {
        List<CertificateId> due = due();
        while (!due.isEmpty()) {
            flow.supersede(due);
            due = due();
        }
    }

    private List<CertificateId> due() {
        return certificates.findReplaced(clock.instant().minus(overlap), SOME).stream()
                .map(Certificate::id)
                .toList();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
