package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.revocation.Locks;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/**
 * Revokes certificates within a transaction, and keys if others may have them; confined to a
 * thread. Rows that were read before may be others' by now: a certificate that was open then is
 * looked at once more when it is locked, and one that is revoked stays so.
 */
final class Revoking {

    /** How many certificates one statement names. */
    private static final int TOGETHER = 500;

    private final Handle handle;
    private final Revocation revocation;

    Revoking(Handle handle, Revocation revocation) {
        this.handle = handle;
        this.revocation = revocation;
    }

    /**
     * Revokes certificates; if others may have their keys, all certificates of those keys.
     *
     * @param endingFrom those that ended before stay, unless it is about their keys
     * @return those that it changed
     */
    List<CertificateId> revoke(Collection<Certificate> certificates, Instant endingFrom) {
        if (revocation.isOfKey()) {
            Set<Sha256> keys = new HashSet<>();
            certificates.forEach(each -> keys.add(each.reservation().publicKey()));
            return revokeKeys(keys);
        }
        return Revocations.revoke(
                handle,
                wanted(
                        certificates.stream()
                                .filter(
                                        each ->
                                                !each.reservation()
                                                        .validity()
                                                        .notAfter()
                                                        .isBefore(endingFrom))
                                .toList()));
    }

    /**
     * Revokes all certificates of keys. If others may have the keys, no certificate of them is
     * reserved any more; and what is reserved by means of one of the certificates is revoked, since
     * it may be others who ask for it. What was issued by such means is for whoever knows since
     * when others have the key.
     *
     * @return those that it changed
     */
    List<CertificateId> revokeKeys(Set<Sha256> publicKeys) {
        if (publicKeys.isEmpty()) {
            return List.of();
        }
        Locks.keys(handle, publicKeys);
        List<Certificate> certificates = ofKeys(publicKeys);
        Map<CertificateId, Revocation> wanted = wanted(certificates);
        if (revocation.isOfKey()) {
            noteCompromised(handle, publicKeys, revocation);
            pendingRenewals(certificates)
                    .forEach(id -> wanted.putIfAbsent(id, revocation.withoutReason()));
        }
        return Revocations.revoke(handle, wanted);
    }

    /** Those whose rows would change. */
    private Map<CertificateId, Revocation> wanted(Collection<Certificate> certificates) {
        Map<CertificateId, Revocation> wanted = new HashMap<>();
        certificates.stream()
                .filter(each -> each.isChangedBy(revocation))
                .forEach(each -> wanted.put(each.id(), revocation));
        return wanted;
    }

    private List<Certificate> ofKeys(Set<Sha256> publicKeys) {
        try (Query query = handle.createQuery(Queries.BY_PUBLIC_KEYS)) {
            return query.bindList("publicKeys", publicKeys.stream().map(Sha256::bytes).toList())
                    .map((row, context) -> CertificateRows.certificate(row))
                    .list();
        }
    }

    /** In parts, as the certificates of a step's keys may be more than a statement can name. */
    private List<CertificateId> pendingRenewals(List<Certificate> certificates) {
        List<CertificateId> pending = new ArrayList<>();
        for (int begin = 0; begin < certificates.size(); begin += TOGETHER) {
            int end = Math.min(certificates.size(), begin + TOGETHER);
            pending.addAll(pendingRenewalsBy(certificates.subList(begin, end)));
        }
        return pending;
    }

    private List<CertificateId> pendingRenewalsBy(List<Certificate> some) {
        try (Query query = handle.createQuery(Queries.PENDING_RENEWALS)) {
            return query.bindList(
                            "renews", some.stream().map(each -> each.id().toString()).toList())
                    .map((row, context) -> CertificateRows.id(row))
                    .list();
        }
    }

    /** Whoever told so first stays. Their stripes are locked. */
    static void noteCompromised(
            Handle handle, Collection<Sha256> publicKeys, Revocation revocation) {
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        INSERT INTO compromised_key (public_key, compromised_at, told_by)
                        VALUES (:publicKey, :at, :actor)
                        ON CONFLICT (public_key) DO NOTHING
                        """);
        publicKeys.forEach(
                key ->
                        batch.bind("publicKey", key.bytes())
                                .bind("at", revocation.at().toEpochMilli())
                                .bind("actor", revocation.actor())
                                .add());
        batch.execute();
    }
}
