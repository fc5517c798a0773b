package io.muster.hub.certificates.revocation;

import io.muster.ca.RevocationReason;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.change.RegistryListener;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Ends certificates, in this order: durable, so that nothing undoes it; out of the sign-in, and the
 * connections that were made with it are closed; on a list that is published; answered. A later
 * step that fails undoes no earlier one: the certificate stays revoked, and the answer says what is
 * not known to be done. Whoever asks again has it done again.
 *
 * <p>Shared. It blocks whoever calls while the registry is written, connections are closed and
 * lists are published, but for the last two no longer than the deadline.
 */
public final class RevocationFlow implements RegistryListener {

    /** So many renewals by a key are read at once. */
    private static final int SOME = 200;

    /** Who revokes if nobody asked for it, as records call the hub itself. */
    public static final String HUB = "hub";

    /** Of devices and servers. All else is of authorities, and revoked elsewhere. */
    private static final Set<CertificateKind> REVOCABLE =
            EnumSet.of(CertificateKind.DEVICE, CertificateKind.EXTERNAL, CertificateKind.SERVER);

    private final CertificateRegistry certificates;
    private final CertificateRevocations revocations;
    private final RevocationConsequences consequences;
    private final Clock clock;

    /** In this registry. */
    public RevocationFlow(
            CertificateRegistry certificates,
            CertificateRevocations revocations,
            RevocationConsequences consequences,
            Clock clock) {
        this.certificates = certificates;
        this.revocations = revocations;
        this.consequences = consequences;
        this.clock = clock;
    }

    /** The same, of a compromise at any time. */
    public RevocationOutcome revoke(CertificateId id, RevocationReason reason, String actor) {
        return revoke(id, reason, Instant.MIN, actor);
    }

    /**
     * Revokes a certificate of a device or a server. If others know its key, all certificates of
     * the key are revoked, and what was got by means of them. Repeated, it changes nothing, tells
     * the same, and has done again what follows.
     *
     * @param since since when others may know the key: what was got by means of it before stays
     * @param actor who does it, 1 to 200 characters
     * @throws NotFoundException if there is no such certificate
     * @throws IllegalArgumentException if it cannot be revoked for this reason, or is none of a
     *     device or a server
     * @throws RegistryUnavailableException if it is not known whether it was; what follows is done
     *     of all that is known
     */
    public RevocationOutcome revoke(
            CertificateId id, RevocationReason reason, Instant since, String actor) {
        requireOfLeaf(reason);
        requireRevocable(id);
        Revocation revocation = revocation(reason, actor);
        Set<CertificateId> changed = new LinkedHashSet<>();
        Set<CertificateId> all = new LinkedHashSet<>();
        Certificate certificate;
        try {
            CertificateRevocations.Revoked revoked = revocations.revoke(id, revocation);
            certificate = revoked.certificate();
            changed.addAll(revoked.changed());
            all.add(id);
            all.addAll(changed);
            if (revocation.isOfKey()) {
                // What this one could do ends now, not when all others are found.
                var unused = consequences.shutOut(all);
                followKey(certificate.reservation().publicKey(), since, revocation, all, changed);
            }
        } catch (RuntimeException failed) {
            consequences.followLater(all, changed, revocation);
            throw failed;
        }
        RevocationConsequences.Outcome outcome = consequences.follow(all, changed, revocation);
        return new RevocationOutcome(certificate, number(outcome, id), outcome.connectionsClosed());
    }

    private void requireRevocable(CertificateId id) {
        Certificate certificate =
                certificates
                        .find(id)
                        .orElseThrow(
                                () -> new NotFoundException("certificate " + id + " is unknown"));
        CertificateKind kind = certificate.reservation().kind();
        if (!REVOCABLE.contains(kind)) {
            throw new IllegalArgumentException(
                    "certificate "
                            + id
                            + " is of "
                            + certificate.owner()
                            + ", not of a device or a server; './muster certificate authorities"
                            + " revoke' revokes authorities");
        }
    }

    private static OptionalLong number(RevocationConsequences.Outcome outcome, CertificateId id) {
        Long number = outcome.crlNumbers().get(id);
        return number == null ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private static void requireOfLeaf(RevocationReason reason) {
        if (reason == RevocationReason.CA_COMPROMISE) {
            throw new IllegalArgumentException(
                    "the reason CA_COMPROMISE is of authorities; say KEY_COMPROMISE");
        }
    }

    private Revocation revocation(RevocationReason reason, String actor) {
        return new Revocation(clock.instant(), reason.code(), actor);
    }

    /**
     * Revokes the certificates of a key, what somebody got since then by proving who he is with one
     * of them, and what by means of that, and so on. All of it is found anew when it is repeated,
     * whatever has changed before.
     */
    private void followKey(
            Sha256 first,
            Instant since,
            Revocation revocation,
            Set<CertificateId> all,
            Set<CertificateId> changed) {
        Set<Sha256> seen = new HashSet<>(Set.of(first));
        Deque<Sha256> keys = new ArrayDeque<>(seen);
        while (!keys.isEmpty()) {
            Sha256 key = keys.remove();
            Set<CertificateId> ofKey = new LinkedHashSet<>(revocations.revokeKey(key, revocation));
            changed.addAll(ofKey);
            all.addAll(ofKey);
            Optional<CertificateId> after = Optional.empty();
            List<Certificate> some;
            do {
                some = certificates.findRenewedByKey(key, since, after, SOME);
                for (Certificate renewed : some) {
                    all.add(renewed.id());
                    after = Optional.of(renewed.id());
                    if (seen.add(renewed.reservation().publicKey())) {
                        keys.add(renewed.reservation().publicKey());
                    }
                }
            } while (some.size() == SOME);
        }
    }

    /**
     * Revokes all certificates of a device that have not expired. Those that it gets meanwhile may
     * be missed: a device that should have none is disabled before.
     */
    public BulkOutcome revokeAll(DeviceId device, RevocationReason reason, String actor) {
        requireOfLeaf(reason);
        Revocation revocation = revocation(reason, actor);
        BulkRevocation run =
                bulk(
                        new RevocationSteps(
                                (after, limit) ->
                                        revocations.revokeSome(device, revocation, after, limit)),
                        revocation);
        run.run();
        return run.outcome();
    }

    private BulkRevocation bulk(RevocationSteps steps, Revocation revocation) {
        return new BulkRevocation(steps, consequences, revocation);
    }

    /**
     * The same of all devices of a product, some at a time.
     *
     * @param first those with which devices of it are connected: nobody waits for the end of a
     *     connection until all are found
     */
    BulkRevocation ofProduct(
            String productKey,
            RevocationReason reason,
            String actor,
            Collection<CertificateId> first) {
        requireOfLeaf(reason);
        Revocation revocation = revocation(reason, actor);
        RevocationSteps steps =
                new RevocationSteps(
                        (after, limit) ->
                                revocations.revokeSome(productKey, revocation, after, limit));
        return bulk(
                steps.beginningWith(
                        first, ids -> revocations.revokeAmong(productKey, ids, revocation)),
                revocation);
    }

    /**
     * Revokes all that an issuer has recorded and that has not expired, some at a time, for the
     * reason for which the issuer is revoked. If that is the compromise of its key, no reason is
     * told: none of those of devices applies, as their own keys may be good, and they may have
     * other certificates; and one without a reason can become a compromise of the key later.
     */
    BulkRevocation ofIssuer(String issuer, RevocationReason reason, String actor) {
        Revocation revocation =
                revocation(
                        reason == RevocationReason.CA_COMPROMISE
                                ? RevocationReason.UNSPECIFIED
                                : reason,
                        actor);
        return bulk(
                new RevocationSteps(
                        (after, limit) ->
                                revocations.revokeSomeOf(issuer, revocation, after, limit)),
                revocation);
    }

    /** Devices were deleted. What follows does not wait for a list. */
    @Override
    public void certificatesRevoked(Set<CertificateId> revoked) {
        consequences.followLater(
                revoked, revoked, revocation(RevocationReason.CESSATION_OF_OPERATION, HUB));
    }

    /** What could not come onto a list before is tried again. */
    void publishWhatIsMissing() {
        var unused = consequences.publishWhatIsMissing();
    }

    /** Certificates that other ones have taken the place of. */
    public void supersede(Collection<CertificateId> replaced) {
        Revocation revocation = revocation(RevocationReason.SUPERSEDED, HUB);
        Set<CertificateId> changed = new LinkedHashSet<>();
        try {
            for (CertificateId id : replaced) {
                changed.addAll(revocations.revoke(id, revocation).changed());
            }
        } finally {
            consequences.followLater(changed, changed, revocation);
        }
    }
}
