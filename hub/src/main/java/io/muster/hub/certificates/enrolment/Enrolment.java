package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.request.AcceptedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.hub.certificates.BoundedThreads;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;

/**
 * Gives certificates to devices. Shared. It blocks whoever asks until the certificate is durable,
 * but no longer than the deadline; the work itself is done by a few threads of its own, so that
 * many who ask take neither processors nor connections to the registry from others.
 *
 * <p>Whoever has waited in vain does not know whether there is a certificate, and asks again with
 * the same key and request key: then it is the same.
 */
public final class Enrolment implements AutoCloseable {

    /** Well below the threads of the HTTP server, which has others to serve. */
    private static final int AT_ONCE_MAX = 40;

    private final EnrolmentRules rules;
    private final DeviceIssuers issuers;
    private final AuthorityAudit audit;
    private final CertificateMetrics metrics;
    private final EnrolmentConfig config;

    /** How many refusals for each device are written down, of its own requests and of others'. */
    private final RequestRate recorded;

    private final ThreadPoolExecutor threads;
    private final Semaphore places = new Semaphore(AT_ONCE_MAX);

    Enrolment(
            EnrolmentRules rules,
            DeviceIssuers issuers,
            AuthorityAudit audit,
            CertificateMetrics metrics,
            EnrolmentConfig config,
            Ticker ticker) {
        this.rules = rules;
        this.issuers = issuers;
        this.audit = audit;
        this.metrics = metrics;
        this.config = config;
        this.recorded = new RequestRate(2 * config.deviceRequestsPerHour(), ticker);
        this.threads =
                BoundedThreads.of("muster-enrolment", Runtime.getRuntime().availableProcessors());
    }

    /**
     * The certificate that is asked for. It is durable.
     *
     * @throws RequestRefusedException if there is none
     * @throws RegistryUnavailableException if it is not known in time whether there is one
     */
    public Enrolled enrol(EnrolmentRequest request) {
        if (!places.tryAcquire()) {
            throw tooMany();
        }
        try {
            return await(request);
        } finally {
            places.release();
        }
    }

    /**
     * The same of a request that has yet to be read. That it cannot be is a refusal like others: it
     * is counted, and recorded.
     *
     * @param device whom it is for
     * @param requester who asks
     */
    public Enrolled enrol(
            DeviceId device, Requester requester, Supplier<EnrolmentRequest> reading) {
        EnrolmentRequest request;
        try {
            request = reading.get();
        } catch (RequestRefusedException refused) {
            metrics.refused(refused.code());
            record(device, requester, refused);
            throw refused;
        }
        return enrol(request);
    }

    /** Whoever asks without end fills no disk: what is above the rate is in the metrics alone. */
    private void record(DeviceId device, Requester requester, RequestRefusedException refused) {
        if (recorded.take(device)) {
            audit.refused(Names.owner(device), requester.actor(), refused);
        }
    }

    private Enrolled await(EnrolmentRequest request) {
        long overdueNanos = System.nanoTime() + config.deadline().toNanos();
        CompletableFuture<Enrolled> answer = new CompletableFuture<>();
        try {
            threads.execute(() -> decide(request, overdueNanos, answer));
        } catch (RejectedExecutionException full) {
            throw tooMany();
        }
        return Waiting.on(answer, config.deadline());
    }

    private RequestRefusedException tooMany() {
        metrics.refused(RefusalCode.RATE_LIMITED);
        return new RequestRefusedException(
                RefusalCode.RATE_LIMITED,
                "too many ask for certificates now; try again in a second");
    }

    /** Of whom nobody waits for any more, nothing is begun. */
    private void decide(
            EnrolmentRequest request, long overdueNanos, CompletableFuture<Enrolled> answer) {
        if (System.nanoTime() - overdueNanos >= 0) {
            return;
        }
        try {
            Enrolled enrolled = issuers.issue(request, accept(request), config.liveMax());
            metrics.issued(CertificateKind.DEVICE);
            answer.complete(enrolled);
        } catch (RequestRefusedException refused) {
            metrics.refused(refused.code());
            answer.completeExceptionally(refused);
        } catch (RuntimeException | Error failed) {
            answer.completeExceptionally(failed);
        }
    }

    /** What the authority refuses itself, it records itself. */
    private AcceptedRequest accept(EnrolmentRequest request) {
        try {
            return rules.accept(request, issuers.latestEnd());
        } catch (RequestRefusedException refused) {
            record(request.device(), request.requester(), refused);
            throw refused;
        }
    }

    /** What is under way is finished; nobody waits for it. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
