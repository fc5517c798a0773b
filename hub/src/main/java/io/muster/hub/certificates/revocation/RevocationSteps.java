package io.muster.hub.certificates.revocation;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.CertificateRevocations.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How many certificates are revoked durably, some in a step: those that are named first, then
 * whatever a walk through the registry finds. Confined to a thread, and used once; each step blocks
 * and throws what the registry does.
 */
final class RevocationSteps {

    private static final int STEP = CertificateRevocations.STEP_MAX;

    private final Walk walk;
    private final Deque<Supplier<List<CertificateId>>> named = new ArrayDeque<>();
    private Optional<CertificateId> after = Optional.empty();
    private boolean isOver;

    /** Revokes some, from where the step before has ended. */
    @FunctionalInterface
    interface Walk {
        Step revoke(Optional<CertificateId> after, int limit);
    }

    /** Revokes those of these that are meant. */
    @FunctionalInterface
    interface Named {
        List<CertificateId> revoke(List<CertificateId> ids);
    }

    RevocationSteps(Walk walk) {
        this.walk = walk;
    }

    /** The same, which begins with these. */
    RevocationSteps beginningWith(Collection<CertificateId> ids, Named revoking) {
        List<CertificateId> all = new ArrayList<>(ids);
        for (int from = 0; from < all.size(); from += STEP) {
            List<CertificateId> some = all.subList(from, Math.min(all.size(), from + STEP));
            named.add(() -> revoking.revoke(some));
        }
        return this;
    }

    /** Whether there is no other step. */
    boolean isOver() {
        return isOver;
    }

    /**
     * The next step; which it has revoked: perhaps none, though it is not the last.
     *
     * @throws RegistryUnavailableException also if the thread is interrupted, as when the hub stops
     */
    List<CertificateId> next() {
        if (Thread.currentThread().isInterrupted()) {
            throw new RegistryUnavailableException("interrupted before the next step");
        }
        if (!named.isEmpty()) {
            return named.remove().get();
        }
        Step step = walk.revoke(after, STEP);
        after = step.next();
        isOver = after.isEmpty();
        return step.revoked();
    }
}
