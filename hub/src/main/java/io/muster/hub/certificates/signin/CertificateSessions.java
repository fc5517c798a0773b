package io.muster.hub.certificates.signin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.Clients;
import io.muster.broker.log.Quoted;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.hub.certificates.BoundedThreads;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of devices whose last good certificate is revoked, be they connected or away.
 * One that has another certificate keeps its session, and what waits there. Shared; never blocks:
 * what certificates devices have is read on a thread of its own.
 */
final class CertificateSessions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CertificateSessions.class);

    /** Revocations that wait until the registry is there again. */
    private static final int WAITING_MAX = 100_000;

    /** Revocations that are told a second time, since others tell them too, are known by this. */
    private static final int SETTLED_MAX = 10_000;

    private final Reading registry;
    private final Predicate<CertificateId> isGood;
    private final Duration deadline;
    private final Clock clock;
    private final ExecutorService reader = BoundedThreads.of("muster-certificate-sessions", 1);
    private final Set<CertificateId> waiting = ConcurrentHashMap.newKeySet();

    /** How many were waiting when that was logged. */
    private final AtomicInteger told = new AtomicInteger();

    private final Cache<CertificateId, Boolean> settled =
            Caffeine.newBuilder().maximumSize(SETTLED_MAX).executor(Runnable::run).build();

    /** Says which other certificates devices have. */
    @FunctionalInterface
    interface Reading {

        /** See {@link CertificateRegistry#findOthers}; blocks. */
        Map<DeviceId, Set<CertificateId>> findOthers(Collection<CertificateId> ids, Instant now);
    }

    /**
     * By what this registry says.
     *
     * @param isGood whether one that the registry knows nothing against lets anybody in: whoever
     *     has issued it may be revoked, or have it on a list
     * @param deadline after which it is taken for unknown
     */
    CertificateSessions(
            Reading registry, Predicate<CertificateId> isGood, Duration deadline, Clock clock) {
        this.registry = registry;
        this.isGood = isGood;
        this.deadline = deadline;
        this.clock = clock;
    }

    /**
     * These are revoked. If it cannot be found out which devices have others, those that were
     * connected lose their sessions at once, and those that are away when it can.
     *
     * @param expelled clients that were connected with them, and are not any more
     * @param clients ends sessions
     * @return complete when the sessions have ended, as far as that is known; never fails
     */
    CompletionStage<Void> revoked(
            Collection<CertificateId> revoked,
            Collection<ConnectedClient> expelled,
            Clients clients) {
        List<CertificateId> due =
                revoked.stream()
                        .filter(id -> !expelled.isEmpty() || settled.getIfPresent(id) == null)
                        .toList();
        Map<DeviceId, Boolean> all = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> found = new ArrayList<>();
        for (int from = 0; from < due.size(); from += CertificateRegistry.TOGETHER_MAX) {
            int to = Math.min(due.size(), from + CertificateRegistry.TOGETHER_MAX);
            found.add(some(due.subList(from, to), expelled.isEmpty()).thenAccept(all::putAll));
        }
        // All of them first: a client that was connected belongs to one of these parts only.
        return CompletableFuture.allOf(found.toArray(CompletableFuture[]::new))
                .thenCompose(done -> end(principals(all, expelled), clients));
    }

    /**
     * These are revoked by others than the registry, and who was connected with them is out
     * already. They may be taken back, and revoked once more (RFC 5280, 5.3.1: certificateHold), so
     * they are looked up each time, and nothing is kept of them here.
     *
     * @param some 1 to {@link CertificateRegistry#TOGETHER_MAX}
     * @return complete when the sessions have ended; fails with {@link
     *     RegistryUnavailableException} if it cannot be found out which devices have others, for
     *     the caller to tell it again
     */
    CompletionStage<Void> revokedByOthers(List<CertificateId> some, Clients clients) {
        return find(some)
                .exceptionally(
                        failure -> {
                            if (failure instanceof TimeoutException
                                    || failure instanceof RejectedExecutionException) {
                                throw new RegistryUnavailableException(
                                        "not known in time which devices have other certificates",
                                        failure);
                            }
                            throw new CompletionException(failure);
                        })
                .thenCompose(devices -> end(principals(devices, List.of()), clients));
    }

    /**
     * Which devices have another good certificate; nothing if that is not known.
     *
     * @param settles whether it is known then also for who tells the same again. Not if somebody
     *     was connected, or it had to wait: that may have been the list of another authority, and a
     *     revocation here is yet to come
     */
    private CompletableFuture<Map<DeviceId, Boolean>> some(
            List<CertificateId> revoked, boolean settles) {
        return find(revoked)
                .handle(
                        (devices, failure) -> {
                            if (devices != null && settles) {
                                revoked.forEach(id -> settled.put(id, true));
                            }
                            return devices == null ? unknown(revoked, failure) : devices;
                        });
    }

    private CompletableFuture<Map<DeviceId, Boolean>> find(List<CertificateId> revoked) {
        CompletableFuture<Map<DeviceId, Boolean>> answer = new CompletableFuture<>();
        try {
            reader.execute(() -> find(revoked, answer));
        } catch (RejectedExecutionException full) {
            answer.completeExceptionally(full);
        }
        return answer.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void find(
            List<CertificateId> revoked, CompletableFuture<Map<DeviceId, Boolean>> answer) {
        if (answer.isDone()) {
            return; // too late
        }
        try {
            Map<DeviceId, Boolean> hasAnother = new HashMap<>();
            registry.findOthers(revoked, clock.instant())
                    .forEach(
                            (device, others) ->
                                    hasAnother.put(device, others.stream().anyMatch(isGood)));
            answer.complete(hasAnother);
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    /** The registry did not say it: it is asked again. */
    private Map<DeviceId, Boolean> unknown(
            List<CertificateId> revoked, @Nullable Throwable failure) {
        int room = Math.max(0, WAITING_MAX - waiting.size());
        revoked.stream().limit(room).forEach(waiting::add);
        if (revoked.size() > room) {
            log.error(
                    "too many certificates are revoked while the registry is away, sessions of"
                            + " devices that are away stay until they expire certificates={}",
                    revoked.size() - room);
        }
        // Each second they are asked for again: only what is new is told.
        int many = waiting.size();
        if (told.getAndSet(many) != many) {
            log.warn(
                    "not known which devices have other certificates, their sessions end later"
                            + " certificates={} cause={}",
                    many,
                    new Quoted(String.valueOf(failure)));
        }
        return Map.of();
    }

    /** Whose sessions end, by client identifier. */
    private static Map<String, String> principals(
            Map<DeviceId, Boolean> devices, Collection<ConnectedClient> expelled) {
        Map<String, String> principals = new HashMap<>();
        expelled.forEach(
                client -> principals.put(client.clientIdentifier(), client.identity().principal()));
        devices.forEach(
                (device, hasAnother) -> {
                    if (hasAnother) {
                        principals.remove(device.toString());
                    } else {
                        principals.put(
                                device.toString(),
                                DeviceSecretAuthenticator.PRINCIPAL_PREFIX + device);
                    }
                });
        return principals;
    }

    private static CompletableFuture<Void> end(Map<String, String> principals, Clients clients) {
        List<CompletableFuture<Boolean>> ended = new ArrayList<>();
        principals.forEach(
                (client, principal) ->
                        ended.add(
                                clients.forgetIfAway(client, principal)
                                        .toCompletableFuture()
                                        .exceptionally(failure -> failed(client, failure))));
        return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
    }

    private static boolean failed(String client, Throwable failure) {
        log.error("session did not end, its certificate is revoked client={}", client, failure);
        return false;
    }

    /** Tries again what the registry did not say before. */
    void again(Clients clients) {
        List<CertificateId> due = waiting.stream().limit(CertificateRegistry.TOGETHER_MAX).toList();
        if (!due.isEmpty()) {
            due.forEach(waiting::remove);
            var unused =
                    some(due, false)
                            .thenCompose(devices -> end(principals(devices, List.of()), clients));
        }
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
