package io.muster.hub.certificates.signin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.devices.certificate.CertificateId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Tells the registry which certificates somebody has signed in with: once for each, many together.
 * Shared and never blocks, but for {@link #write}, which blocks and is called by one thread at a
 * time.
 */
final class FirstUses {

    private static final int TOGETHER_MAX = 1_000;
    private static final int WAITING_MAX = 100_000;
    private static final int REMEMBERED_MAX = 200_000;

    private final Writing registry;
    private final Clock clock;
    private final Queue<CertificateId> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Cache<CertificateId, Boolean> told =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

    /** Is told; what it is told twice does no harm. */
    @FunctionalInterface
    interface Writing {

        /** Somebody signed in with these; see {@code CertificateRegistry.markUsed}. */
        void markUsed(Collection<CertificateId> ids, Instant at);
    }

    FirstUses(Writing registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /** Somebody has signed in with it. Told too much, it is told again at the next sign-in. */
    void used(CertificateId id) {
        boolean isNew = told.asMap().putIfAbsent(id, true) == null;
        if (isNew && !waiting.offer(id)) {
            told.invalidate(id);
        }
    }

    /** Writes down what was told. If that fails it waits for the next time. */
    void write() {
        while (!waiting.isEmpty()) {
            List<CertificateId> batch = new ArrayList<>();
            for (CertificateId next = waiting.poll(); next != null; next = waiting.poll()) {
                batch.add(next);
                if (batch.size() == TOGETHER_MAX) {
                    break;
                }
            }
            try {
                registry.markUsed(batch, clock.instant());
            } catch (RuntimeException e) {
                batch.stream().filter(id -> !waiting.offer(id)).forEach(told::invalidate);
                throw e;
            }
        }
    }
}
