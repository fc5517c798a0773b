package io.muster.hub.certificates.revocation;

import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A revocation of many: durable some at a time, and as soon as some are, nobody signs in with them.
 * Lists are published for many at once, since each is signed anew for one as for ten thousand. Runs
 * once, on one thread; how far it is may be asked by all.
 */
final class BulkRevocation implements Runnable {

    /** So many are remembered until they are on lists. */
    private static final int PUBLISHED_TOGETHER = 50_000;

    private final RevocationSteps steps;
    private final RevocationConsequences consequences;
    private final Revocation revocation;

    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final List<CertificateId> unpublished = new ArrayList<>();
    private final List<CompletableFuture<Void>> closing = new ArrayList<>();
    private final List<CompletableFuture<Void>> telling = new ArrayList<>();
    private boolean closed = true;

    private volatile BulkOutcome outcome = new BulkOutcome(0, false, false, false);

    BulkRevocation(
            RevocationSteps steps, RevocationConsequences consequences, Revocation revocation) {
        this.steps = steps;
        this.consequences = consequences;
        this.revocation = revocation;
    }

    /** What is known so far. */
    BulkOutcome outcome() {
        return outcome;
    }

    /** Ends when it does, with what it failed with if it did. */
    CompletableFuture<Void> end() {
        return end;
    }

    /** Revokes all of them; throws what the registry does. */
    @Override
    public void run() {
        try {
            revokeAll();
            end.complete(null);
        } catch (RuntimeException | Error failed) {
            end.completeExceptionally(failed);
            throw failed;
        }
    }

    /** Whatever the registry does: what is revoked is shut out, recorded and comes onto a list. */
    private void revokeAll() {
        long revoked = 0;
        try {
            while (!steps.isOver()) {
                List<CertificateId> some = steps.next();
                follow(some);
                revoked += some.size();
                outcome = new BulkOutcome(revoked, false, false, false);
            }
        } finally {
            settle();
        }
        boolean published = consequences.publishWhatIsMissing();
        outcome = new BulkOutcome(revoked, true, published, closed);
    }

    /** The next step waits for none of it but that nobody signs in with them. */
    private void follow(List<CertificateId> revoked) {
        if (revoked.isEmpty()) {
            return;
        }
        closing.add(consequences.shutOut(revoked));
        telling.add(consequences.tellInTurn(revoked, revocation));
        unpublished.addAll(revoked);
        if (unpublished.size() >= PUBLISHED_TOGETHER) {
            settle();
        }
    }

    /** Waits for what has begun, so that no more of it is under way than is remembered. */
    private void settle() {
        long until = consequences.deadlineNanos();
        if (!unpublished.isEmpty()) {
            var unused = consequences.isDone(consequences.publish(unpublished), until, "lists");
        }
        closed &= consequences.isDone(allOf(closing), until, "connections");
        var unusedToo = consequences.isDone(allOf(telling), until, "audit");
        unpublished.clear();
        closing.clear();
        telling.clear();
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> some) {
        return CompletableFuture.allOf(some.toArray(CompletableFuture[]::new));
    }
}
