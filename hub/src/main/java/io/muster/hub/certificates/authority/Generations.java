package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.AuthorityStateException;
import io.muster.ca.authority.GenerationState;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.Revocation;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.RevokedIssuers;
import io.muster.hub.certificates.authority.Generation.KeyPlace;
import io.muster.hub.certificates.authority.Generation.ListStatus;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.config.certificates.AuthorityConfig.Storage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators do with the generations of authorities, while a hub runs or none does. Shared; one
 * act comes after the other. All of it blocks, but for {@link #all} and {@link #find}.
 *
 * <p>One generation follows another in this order: it is made; its empty lists are published; those
 * who check certificates trust it; it issues. Each step may be repeated, and goes on where one has
 * failed.
 */
public final class Generations implements RevokedIssuers {

    private static final Logger log = LoggerFactory.getLogger(Generations.class);

    /** How long connections may take to close that go with an authority. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final OwnAuthority own;
    private final Clock clock;
    private volatile Audience audience = new Audience(Generations::nobody, () -> {}, () -> {});
    private volatile Runnable whenMore = () -> {};

    /**
     * Who is told.
     *
     * @param revocations shuts out what is revoked
     * @param trust takes over whom the hub trusts; returns when that is done, and throws if it is
     *     not
     * @param keys looks soon which keys are here; never blocks nor throws
     */
    public record Audience(RevocationListener revocations, Runnable trust, Runnable keys) {}

    /**
     * What is known of the revocation of an authority.
     *
     * @param certificate its own
     * @param crlNumber of the list that names it; empty if none could be published yet
     * @param connectionsClosed whether those are known to be closed that went with it
     */
    public record Revoked(
            CertificateId certificate, OptionalLong crlNumber, boolean connectionsClosed) {}

    /**
     * What a key was destroyed by. Nothing else says what time it is, so whoever reads it can see
     * whether the clock was wrong.
     *
     * @param time what the clock said
     * @param lastDay the day (UTC) on which the last certificate that it has issued expires; empty
     *     if there is none
     * @param force whether it was to be destroyed in any case
     */
    public record Destruction(Instant time, Optional<LocalDate> lastDay, boolean force) {

        /** One line, for audit. */
        public String inWords() {
            return (force ? "with force, " : "")
                    + "the clock says "
                    + time
                    + ", "
                    + lastDay.map(day -> "the last certificate expires on " + day)
                            .orElse("nothing was issued");
        }
    }

    Generations(OwnAuthority own, Clock clock) {
        this.own = own;
        this.clock = clock;
    }

    private static CompletionStage<Void> nobody(Iterable<CertificateId> revoked) {
        return CompletableFuture.completedFuture(null);
    }

    /** These are told from now on. */
    public void tell(Audience present) {
        audience = present;
    }

    @Override
    public void whenMore(Runnable told) {
        whenMore = told;
    }

    @Override
    public Map<String, Revocation> find() {
        Map<String, Revocation> all = new TreeMap<>();
        own.authority()
                .revokedIssuers()
                .forEach((id, revocation) -> all.put(id.toString(), revocation));
        return all;
    }

    private Hierarchy hierarchy() {
        return own.hierarchy();
    }

    /** All that there are. */
    public List<Generation> all() {
        return own.issuers().stream().map(this::find).toList();
    }

    /**
     * One of them.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public Generation find(IssuerId id) {
        return new Generation(
                id,
                hierarchy().kindOf(id),
                own.certificate(id),
                hierarchy().stateOf(id),
                keyPlace(id),
                own.lists().of(id).stream()
                        .flatMap(lists -> lists.published().stream())
                        .map(crl -> status(id, crl))
                        .toList());
    }

    /** The one that is called so, if there is one. */
    public Optional<IssuerId> named(String name) {
        return own.issuers().stream().filter(id -> id.toString().equals(name)).findAny();
    }

    private KeyPlace keyPlace(IssuerId id) {
        if (!holdsKey(id)) {
            return hierarchy().isDestroyed(id) ? KeyPlace.DESTROYED : KeyPlace.AWAY;
        }
        return own.config().storage() instanceof Storage.Token ? KeyPlace.TOKEN : KeyPlace.FILE;
    }

    private boolean holdsKey(IssuerId id) {
        try {
            return hierarchy().holdsKey(id);
        } catch (KeyUnusableException away) {
            return false;
        }
    }

    private ListStatus status(IssuerId id, PublishedCrl crl) {
        return ListStatus.of(
                crl,
                hierarchy().addresses(id).lists().address(crl.partition()),
                crl.issuedAt().plus(own.lists().times(id).reissueAfter()),
                clock.instant());
    }

    /**
     * Makes the next generation of an authority, or finds the one that was made and issues nothing
     * yet: its lists are published, and it is trusted, when this returns.
     *
     * @throws IllegalArgumentException if there is no such authority
     * @throws io.muster.ca.key.KeyUnusableException if the key of the root is needed and away
     * @throws IllegalStateException if something keeps it from being used yet; asked for again, it
     *     is gone on with
     */
    public synchronized IssuerId prepare(String authority) {
        OwnAuthority.requireClock(clock);
        IssuerId next = hierarchy().prepareNext(authority);
        own.lists().openMissing();
        changed();
        return next;
    }

    /**
     * The generation that was prepared last.
     *
     * @throws IllegalArgumentException if there is no such authority
     * @throws AuthorityStateException if its newest generation issues already or may not
     */
    public IssuerId prepared(String authority) {
        IssuerId active = hierarchy().activeId(authority);
        return own.issuers().stream()
                .filter(id -> id.authority().equals(authority))
                .filter(id -> hierarchy().stateOf(id) == GenerationState.NEXT)
                .reduce((one, other) -> one.generation() > other.generation() ? one : other)
                .orElseThrow(
                        () ->
                                new AuthorityStateException(
                                        "no generation of "
                                                + authority
                                                + " is prepared to follow "
                                                + active));
    }

    /**
     * Lets a generation issue from now on, in place of the one that did.
     *
     * @throws IllegalArgumentException if there is none of this name
     * @throws AuthorityStateException if it may not issue
     * @throws io.muster.ca.key.KeyUnusableException if its key is away
     * @throws IllegalStateException if those who check certificates do not trust it yet
     */
    public synchronized void activate(IssuerId id) {
        if (hierarchy().stateOf(id) != GenerationState.ACTIVE) {
            own.lists().openMissing();
            audience.trust().run();
            hierarchy().activate(id);
        }
        changed();
    }

    /**
     * Takes nothing any more that a generation has issued; its lists go on.
     *
     * @throws IllegalArgumentException if there is none of this name
     * @throws AuthorityStateException if it may not be retired
     * @throws IllegalStateException if those who check certificates have not taken that over yet
     */
    public synchronized void retire(IssuerId id) {
        hierarchy().retire(id);
        changed();
    }

    /**
     * Deletes the key of a generation that is retired or revoked, for ever. The lists that it has
     * signed last are served as long as they are good, and after that; there are no others.
     * Repeated, it makes sure that it is deleted.
     *
     * @param force whether it is deleted although certificates that it has issued have not expired,
     *     and can come onto no list any more
     * @return by what it was decided, which is in the audit chain, too
     * @throws IllegalArgumentException if there is none of this name
     * @throws AuthorityStateException if it may not be destroyed, or not without force
     * @throws KeyUnusableException if the key is not here to be deleted; nothing is done then
     * @throws IllegalStateException if it cannot be deleted, and signs nothing any more
     */
    public synchronized Destruction destroy(IssuerId id, boolean force) {
        hierarchy().requireDestructible(id);
        CertificateLedger certificates = own.records().certificates();
        Destruction why = new Destruction(clock.instant(), certificates.lastDay(id), force);
        long unexpired = certificates.countUnexpired(id, why.time());
        if (unexpired > 0 && !force) {
            throw new AuthorityStateException(
                    unexpired
                            + " certificates of "
                            + id
                            + " have not expired, and without its key no revocation list is issued"
                            + " for them any more: wait until they have, or say 'force' if nobody"
                            + " looks at these lists; "
                            + why.inWords());
        }
        try {
            hierarchy().destroyKey(id, why.inWords());
        } catch (KeyUnusableException e) {
            throw hierarchy().isDestroyed(id) ? notDeleted(id, e) : e;
        } finally {
            // Also if it could not be deleted, as nothing is signed with it then.
            audience.keys().run();
        }
        return why;
    }

    private static IllegalStateException notDeleted(IssuerId id, KeyUnusableException e) {
        return new IllegalStateException(
                "the key of "
                        + id
                        + " signs nothing any more, but is there until this is asked once more: "
                        + e.getMessage(),
                e);
    }

    /** The bundle and those who check certificates are as the authorities are. */
    private void changed() {
        own.writeBundle();
        audience.trust().run();
    }

    /**
     * Revokes a generation, for ever, in this order: durable; it issues nothing; nobody signs in
     * with what it has issued, and connections are closed that were made with that; on a list that
     * is published. What it has issued is revoked after that, for which this does not wait.
     * Repeated, it does again what follows.
     *
     * @throws IllegalArgumentException if there is none of this name, or not for this reason
     * @throws AuthorityStateException if it may not be revoked
     */
    public synchronized Revoked revoke(IssuerId id, RevocationReason reason, String actor) {
        List<CertificateId> revoked =
                own.authority().revokeAuthority(id, reason, actor).stream()
                        .map(Names::registered)
                        .toList();
        CompletableFuture<Void> closed = shutOut(revoked);
        Map<CertificateId, Long> numbers = own.lists().publish(revoked);
        boolean isTold = isTold();
        whenMore.run();
        CertificateId certificate = revoked.get(0);
        Long number = numbers.get(certificate);
        return new Revoked(
                certificate,
                number == null ? OptionalLong.empty() : OptionalLong.of(number),
                isClosed(closed) && isTold);
    }

    private CompletableFuture<Void> shutOut(List<CertificateId> revoked) {
        try {
            return audience.revocations().revoked(revoked).toCompletableFuture();
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** What is revoked stays so, whoever has not taken that over. */
    private boolean isTold() {
        try {
            changed();
            return true;
        } catch (RuntimeException failed) {
            log.error("not all have taken over that an authority is revoked", failed);
            return false;
        }
    }

    private static boolean isClosed(CompletableFuture<Void> closed) {
        try {
            closed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException failed) {
            log.error("connections of a revoked authority are not known to be closed", failed);
            return false;
        }
    }
}
