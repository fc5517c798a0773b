package io.muster.hub.certificates.revocation;

import io.muster.ca.RevocationReason;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.ListedRevocation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.certificates.trust.Trust;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Certificates of other authorities that are bound to no device, so that the registry knows nothing
 * of them but that they are revoked, once somebody has said so here. Shared; blocks whoever calls,
 * as {@link RevocationFlow} does.
 */
public final class UnboundCertificates {

    /** When one ends is not known: its revocation is kept for ever. RFC 5280, 4.1.2.5, says so. */
    private static final Instant UNKNOWN_END = Instant.parse("9999-12-31T23:59:59Z");

    private final CertificateRegistry certificates;
    private final CertificateRevocations revocations;
    private final Trust trust;
    private final RevocationConsequences consequences;
    private final Clock clock;

    /** In this registry. */
    public UnboundCertificates(
            CertificateRegistry certificates,
            CertificateRevocations revocations,
            Trust trust,
            RevocationConsequences consequences,
            Clock clock) {
        this.certificates = certificates;
        this.revocations = revocations;
        this.trust = trust;
        this.consequences = consequences;
        this.clock = clock;
    }

    /**
     * One that is revoked.
     *
     * @param revocation the one that stands: the first
     * @param connectionsClosed whether it is known that no connection is left that was made with it
     */
    public record Revoked(CertificateId id, Revocation revocation, boolean connectionsClosed) {}

    /**
     * What the registry calls an authority that is trusted.
     *
     * @param said that, or its name in the configuration
     * @return {@code said} if nobody is called so
     */
    public String issuer(String said) {
        return trust.externalIssuer(said).orElse(said);
    }

    /** Whether an authority that is trusted may have issued this one, and it is bound to nobody. */
    public boolean isUnbound(CertificateId id) {
        return id.isExternal()
                && trust.externalIssuer(id.issuer()).isPresent()
                && certificates.find(id).isEmpty();
    }

    /** Its revocation; empty if it is not revoked, or is bound. */
    public Optional<Revocation> find(CertificateId id) {
        return revocations.findAdopted(id);
    }

    /**
     * Revokes one, for ever: durable, so that it is bound to nobody any more; out of the sign-in,
     * and its connections are closed. Its key is not known, so no other certificate of it is
     * revoked, whatever the reason. Repeated, it changes nothing and tells the same.
     *
     * @param actor who does it, 1 to 200 characters
     * @throws IllegalArgumentException if it is the certificate of an authority that is trusted, or
     *     of one above such: with it all clients of that one would be revoked. Nothing was done
     * @throws RegistryUnavailableException if it is not known whether it was; nobody signs in with
     *     it all the same
     */
    public Revoked revoke(CertificateId id, RevocationReason reason, String actor) {
        requireOfClient(id);
        Revocation revocation = new Revocation(clock.instant(), reason.code(), actor);
        long untilNanos = consequences.deadlineNanos();
        List<CertificateId> changed;
        try {
            changed =
                    revocations.adopt(
                            id.issuer(),
                            List.of(
                                    new ListedRevocation(
                                            id.serial(),
                                            revocation.at(),
                                            revocation.reason(),
                                            UNKNOWN_END)),
                            actor);
        } catch (RuntimeException failed) {
            var unused = consequences.shutOut(List.of(id));
            throw failed;
        }
        CompletableFuture<Void> closed = consequences.shutOut(List.of(id));
        consequences.tell(changed, revocation);
        boolean isClosed = consequences.isDone(closed, untilNanos, "connections");
        return new Revoked(id, find(id).orElse(revocation), isClosed);
    }

    private void requireOfClient(CertificateId id) {
        if (!trust.endedBy(List.of(id)).isEmpty()) {
            throw new IllegalArgumentException(
                    "certificate "
                            + id
                            + " is that of an authority that is trusted, or of one above it, and not of a"
                            + " client: to trust it no more, take it out of certificates.trust.external or"
                            + " tls.client-ca-file");
        }
    }
}
