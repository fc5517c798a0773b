package io.muster.devices.registry.revocation;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Revocation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Revocations, within a transaction; confined to a thread, and used once. What it locks, and when,
 * is in {@link Locks}: whoever revokes knows which certificates before the number is taken, and
 * takes none if there is nothing to do.
 */
public final class Revocations {

    /** The actor of those whose device was deleted; who deleted it is in the audit log. */
    public static final String BY_DELETION = "deletion of the device";

    /** A clock may have been wrong by that much when a certificate is left as expired. */
    public static final Duration EXPIRY_MARGIN = Duration.ofDays(1);

    /** Certificates of some owners that are good, or may become so. */
    static final String OF_OWNERS = "owner IN (<owners>) AND not_after >= :endingFrom";

    /** How many certificates one statement names. */
    private static final int TOGETHER = 500;

    private final Handle handle;
    private final long number;
    private final ExpiryCounts counts = new ExpiryCounts();
    private final List<CertificateId> changed = new ArrayList<>();

    private Revocations(Handle handle) {
        this.handle = handle;
        this.number = nextNumber(handle);
    }

    /**
     * The number of what the transaction revokes; greater than those of all that are durable. The
     * next transaction that asks waits until this one ends.
     */
    public static long nextNumber(Handle handle) {
        return handle.createQuery(
                        "UPDATE certificate_revocation_number SET last = last + 1 WHERE id = 1"
                                + " RETURNING last")
                .mapTo(Long.class)
                .one();
    }

    /**
     * Revokes certificates, reserved or valid; those that are revoked already are {@link
     * Revocation#followedBy followed by} theirs.
     *
     * @return those that it changed
     */
    public static List<CertificateId> revoke(Handle handle, Map<CertificateId, Revocation> wanted) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Revocations revocations = new Revocations(handle);
        Locks.certificates(handle, new TreeSet<>(wanted.keySet()));
        revocations.apply(wanted);
        revocations.counts.write(handle);
        return List.copyOf(revocations.changed);
    }

    /** Revokes those of these certificates that are reserved still, and tells which. */
    public static List<CertificateId> revokeReserved(
            Handle handle, Collection<CertificateId> ids, Revocation revocation) {
        if (ids.isEmpty()) {
            return List.of();
        }
        Revocations revocations = new Revocations(handle);
        TreeSet<CertificateId> sorted = new TreeSet<>(ids);
        Locks.certificates(handle, sorted);
        revocations.end(List.copyOf(sorted), "status = 0", revocation);
        revocations.counts.write(handle);
        return List.copyOf(revocations.changed);
    }

    private void apply(Map<CertificateId, Revocation> wanted) {
        Map<Revocation, List<CertificateId>> together = new LinkedHashMap<>();
        wanted.forEach(
                (id, revocation) ->
                        together.computeIfAbsent(revocation, each -> new ArrayList<>()).add(id));
        together.forEach(
                (revocation, ids) -> {
                    if (revocation.reason() == Revocation.KEY_COMPROMISE) {
                        amend(ids, revocation);
                    }
                    end(ids, "status <> 2", revocation);
                });
    }

    private void end(List<CertificateId> ids, String which, Revocation revocation) {
        String sql =
                """
                UPDATE certificate SET status = 2, revocation = :number,
                  revoked_at = :at, revocation_reason = :reason, revoked_by = :actor
                WHERE %s AND (issuer, serial) IN (VALUES <ids>)
                RETURNING issuer, serial, not_after, fingerprint
                """
                        .formatted(which);
        forEachPart(
                ids,
                part -> {
                    try (Query query = handle.createQuery(sql)) {
                        bind(query, part, revocation)
                                .bind("at", revocation.at().toEpochMilli())
                                .map(
                                        (row, context) -> {
                                            String issuer = row.getString("issuer");
                                            counts.revoked(
                                                    issuer,
                                                    row.getLong("not_after"),
                                                    row.getBytes("fingerprint") != null);
                                            return new CertificateId(
                                                    issuer, row.getString("serial"));
                                        })
                                .forEach(changed::add);
                    }
                });
    }

    /** Those that were revoked without a reason get that of the revocation, and its actor. */
    private void amend(List<CertificateId> ids, Revocation revocation) {
        forEachPart(
                ids,
                part -> {
                    try (Query query =
                            handle.createQuery(
                                    """
                                    UPDATE certificate SET revocation = :number,
                                      revocation_reason = :reason, revoked_by = :actor
                                    WHERE status = 2 AND revocation_reason = 0
                                      AND (issuer, serial) IN (VALUES <ids>)
                                    RETURNING issuer, serial
                                    """)) {
                        bind(query, part, revocation)
                                .map(
                                        (row, context) ->
                                                new CertificateId(
                                                        row.getString("issuer"),
                                                        row.getString("serial")))
                                .forEach(changed::add);
                    }
                });
    }

    private Query bind(Query query, List<CertificateId> ids, Revocation revocation) {
        return query.bindMethodsList("ids", ids, List.of("issuer", "serial"))
                .bind("number", number)
                .bind("reason", revocation.reason())
                .bind("actor", revocation.actor());
    }

    private interface Part {
        void take(List<CertificateId> ids);
    }

    private static void forEachPart(List<CertificateId> ids, Part part) {
        for (int begin = 0; begin < ids.size(); begin += TOGETHER) {
            part.take(ids.subList(begin, Math.min(ids.size(), begin + TOGETHER)));
        }
    }

    /**
     * Revokes the certificates of devices that this transaction has deleted: who is registered
     * under a name later has none of those from before. None can be reserved meanwhile, since that
     * needs the row of the device. Those that have expired stay as they are.
     *
     * @return which it revoked, of those devices that had any
     */
    public static Map<DeviceId, Set<CertificateId>> ofDeleted(
            Handle handle, Collection<DeviceId> devices, Instant now) {
        if (devices.isEmpty()) {
            return Map.of();
        }
        Map<CertificateId, DeviceId> found = new HashMap<>();
        try (Query query =
                handle.createQuery(
                        "SELECT issuer, serial, owner FROM certificate WHERE status <> 2 AND "
                                + OF_OWNERS)) {
            query.bindList(
                            "owners",
                            devices.stream().map(id -> new Owner.Device(id).toString()).toList())
                    .bind("endingFrom", now.minus(EXPIRY_MARGIN).toEpochMilli())
                    .map(
                            (row, context) ->
                                    Map.entry(
                                            new CertificateId(
                                                    row.getString("issuer"),
                                                    row.getString("serial")),
                                            device(row.getString("owner"))))
                    .forEach(each -> found.put(each.getKey(), each.getValue()));
        }
        Revocation revocation = new Revocation(now, Revocation.CESSATION_OF_OPERATION, BY_DELETION);
        Map<CertificateId, Revocation> wanted = new HashMap<>();
        found.keySet().forEach(id -> wanted.put(id, revocation));
        Map<DeviceId, Set<CertificateId>> revoked = new HashMap<>();
        for (CertificateId id : revoke(handle, wanted)) {
            DeviceId device = found.get(id);
            if (device != null) {
                revoked.computeIfAbsent(device, each -> new HashSet<>()).add(id);
            }
        }
        return revoked;
    }

    private static DeviceId device(String owner) {
        if (Owner.parse(owner) instanceof Owner.Device device) {
            return device.id();
        }
        throw new IllegalStateException("'" + owner + "' is no device");
    }
}
