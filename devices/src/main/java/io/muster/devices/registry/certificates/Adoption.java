package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.ListedRevocation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.revocation.Locks;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Takes over, within a transaction, revocations of certificates that may not be known, as those on
 * CRLs; confined to a thread. A certificate that is known is revoked like any other; of one that is
 * not, the revocation alone is written down.
 */
final class Adoption {

    private final Handle handle;
    private final String issuer;
    private final String actor;

    Adoption(Handle handle, String issuer, String actor) {
        this.handle = handle;
        this.issuer = issuer;
        this.actor = actor;
    }

    /** Those that it changed. */
    List<CertificateId> adopt(Collection<ListedRevocation> listed) {
        Map<CertificateId, ListedRevocation> unknown = new TreeMap<>();
        listed.forEach(each -> unknown.put(new CertificateId(issuer, each.serial()), each));
        Map<CertificateId, Certificate> known = CertificateRows.findAll(handle, unknown.keySet());
        Map<CertificateId, Revocation> wanted = new HashMap<>();
        Map<Sha256, Revocation> compromised = new HashMap<>();
        known.forEach(
                (id, certificate) -> {
                    Revocation revocation = revocation(Objects.requireNonNull(unknown.remove(id)));
                    if (revocation.isOfKey()) {
                        compromised.put(certificate.reservation().publicKey(), revocation);
                    }
                    if (certificate.isChangedBy(revocation)) {
                        wanted.put(id, revocation);
                    }
                });
        Locks.keys(handle, compromised.keySet());
        compromised.forEach((key, why) -> Revoking.noteCompromised(handle, Set.of(key), why));
        List<CertificateId> changed = new ArrayList<>(Revocations.revoke(handle, wanted));
        changed.addAll(insert(unknown));
        return List.copyOf(changed);
    }

    private Revocation revocation(ListedRevocation listed) {
        return new Revocation(listed.at(), listed.reason(), actor);
    }

    private List<CertificateId> insert(Map<CertificateId, ListedRevocation> unknown) {
        unknown.keySet().removeIf(id -> isAdopted(handle, id));
        if (unknown.isEmpty()) {
            return List.of();
        }
        long number = Revocations.nextNumber(handle);
        unknown.forEach((id, listed) -> insert(id, revocation(listed), listed, number));
        return List.copyOf(unknown.keySet());
    }

    /** Whether a revocation is all that is known of this certificate. */
    static boolean isAdopted(Handle handle, CertificateId id) {
        return CertificateRows.bind(
                        handle.createQuery(
                                "SELECT 1 FROM adopted_revocation WHERE " + CertificateRows.IS_ONE),
                        id)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /** The revocation, if that is all that is known of this certificate. */
    static Optional<Revocation> findAdopted(Handle handle, CertificateId id) {
        return CertificateRows.bind(
                        handle.createQuery(
                                "SELECT revoked_at, revocation_reason, revoked_by FROM"
                                        + " adopted_revocation WHERE "
                                        + CertificateRows.IS_ONE),
                        id)
                .map(
                        (row, context) ->
                                new Revocation(
                                        Instant.ofEpochMilli(row.getLong("revoked_at")),
                                        row.getInt("revocation_reason"),
                                        row.getString("revoked_by")))
                .findOne();
    }

    private void insert(
            CertificateId id, Revocation revocation, ListedRevocation listed, long number) {
        CertificateRows.bind(
                        handle.createUpdate(
                                """
                                INSERT INTO adopted_revocation (issuer, serial, revocation,
                                  revoked_at, revocation_reason, revoked_by, not_after)
                                VALUES (:issuer, :serial, :number, :at, :reason, :actor, :notAfter)
                                ON CONFLICT (issuer, serial) DO NOTHING
                                """),
                        id)
                .bind("number", number)
                .bind("at", revocation.at().toEpochMilli())
                .bind("reason", revocation.reason())
                .bind("actor", revocation.actor())
                .bind("notAfter", listed.notAfter().toEpochMilli())
                .execute();
    }
}
