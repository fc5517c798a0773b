package io.muster.hub.certificates.signin;

import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Binds certificates of authorities that are not ours to the device that first signs in with them:
 * on a thread of its own, those that wait in one transaction, and none for which nobody waits any
 * more. Shared; never blocks.
 */
final class FirstUseBinding implements AutoCloseable {

    private static final int TOGETHER_MAX = 200;
    private static final int WAITING_MAX = 20_000;

    private final Writing registry;
    private final int liveMax;
    private final Duration deadline;
    private final Clock clock;
    private final BlockingQueue<Candidate> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final ThreadPoolExecutor writer =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(WAITING_MAX),
                    task -> {
                        Thread thread = new Thread(task, "muster-first-use");
                        thread.setDaemon(true);
                        return thread;
                    });

    /** Binds; see {@code CertificateRegistry.bind}. */
    @FunctionalInterface
    interface Writing {

        /** Those that are not bound, and why. */
        Map<CertificateId, CertificateRefusal> bind(
                Map<Reservation, Sha256> fingerprints, int liveMax);
    }

    /** What is to be bound, and who waits for that. */
    private record Candidate(
            Reservation reservation,
            Sha256 fingerprint,
            CompletableFuture<Optional<CertificateRefusal>> answer) {

        CertificateId id() {
            return reservation.id();
        }
    }

    /**
     * In this registry.
     *
     * @param liveMax how many certificates a device may have that are good
     * @param deadline for an answer, the wait for others included
     */
    FirstUseBinding(Writing registry, int liveMax, Duration deadline, Clock clock) {
        this.registry = registry;
        this.liveMax = liveMax;
        this.deadline = deadline;
        this.clock = clock;
    }

    /**
     * Binds one.
     *
     * @return why it is not bound; empty if it is. Fails with {@link RegistryUnavailableException}
     *     if nobody knows
     */
    CompletionStage<Optional<CertificateRefusal>> bind(
            CertificateId id, X509Certificate certificate, DeviceId device) {
        CompletableFuture<Optional<CertificateRefusal>> answer = new CompletableFuture<>();
        Candidate candidate;
        try {
            candidate =
                    new Candidate(
                            reservation(id, certificate, device),
                            Sha256.of(certificate.getEncoded()),
                            answer);
        } catch (CertificateEncodingException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (!isTaken(candidate)) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("too many certificates wait to be bound"));
        }
        return answer.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(unavailable(failure)));
    }

    private boolean isTaken(Candidate candidate) {
        if (!waiting.offer(candidate)) {
            return false;
        }
        try {
            writer.execute(this::bindThoseWhoWait);
            return true;
        } catch (RejectedExecutionException full) {
            return !waiting.remove(candidate);
        }
    }

    private static Throwable unavailable(Throwable failure) {
        return failure instanceof TimeoutException
                ? new RegistryUnavailableException("no certificate was bound in time")
                : failure;
    }

    private Reservation reservation(
            CertificateId id, X509Certificate certificate, DeviceId device) {
        return new Reservation(
                id,
                CertificateKind.EXTERNAL,
                new Owner.Device(device),
                Sha256.of(certificate.getPublicKey().getEncoded()),
                new Validity(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant()),
                new IssuanceRequest("device:" + device, clock.instant(), Optional.empty()),
                Optional.empty());
    }

    private void bindThoseWhoWait() {
        List<Candidate> some = new ArrayList<>();
        waiting.drainTo(some, TOGETHER_MAX);
        some.removeIf(candidate -> candidate.answer().isDone());
        while (!some.isEmpty()) {
            some = bind(some);
        }
    }

    /** Each certificate once, for the first who came with it; those who are left come after. */
    private List<Candidate> bind(List<Candidate> some) {
        Map<CertificateId, Candidate> firsts = new LinkedHashMap<>();
        List<Candidate> left = new ArrayList<>();
        for (Candidate candidate : some) {
            Candidate first = firsts.putIfAbsent(candidate.id(), candidate);
            if (first != null && isOfTheSame(first, candidate)) {
                follow(candidate, first);
            } else if (first != null) {
                left.add(candidate);
            }
        }
        bindNow(firsts);
        return left;
    }

    private static boolean isOfTheSame(Candidate one, Candidate other) {
        return one.reservation().owner().equals(other.reservation().owner());
    }

    private static void follow(Candidate candidate, Candidate first) {
        first.answer()
                .whenComplete(
                        (refusal, failure) -> {
                            if (failure == null) {
                                candidate.answer().complete(refusal);
                            } else {
                                candidate.answer().completeExceptionally(failure);
                            }
                        });
    }

    private void bindNow(Map<CertificateId, Candidate> firsts) {
        Map<Reservation, Sha256> fingerprints = new LinkedHashMap<>();
        firsts.values().forEach(each -> fingerprints.put(each.reservation(), each.fingerprint()));
        Map<CertificateId, CertificateRefusal> refusals;
        try {
            refusals = registry.bind(fingerprints, liveMax);
        } catch (RuntimeException failure) {
            firsts.values().forEach(each -> each.answer().completeExceptionally(failure));
            return;
        }
        firsts.forEach((id, each) -> each.answer().complete(Optional.ofNullable(refusals.get(id))));
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }
}
