package io.muster.devices.registry.revocation;

import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Revocations, within a transaction. Whoever revokes takes a number first ({@link #nextNumber}),
 * and then changes rows of certificates: one order of locks for all.
 */
public final class Revocations {

    /** The actor of those whose device was deleted; who deleted it is in the audit log. */
    public static final String BY_DELETION = "deletion of the device";

    /** Certificates of some devices of a product. */
    static final String OF_DEVICES = "product_key = :productKey AND device_key IN (<deviceKeys>)";

    private Revocations() {}

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
     * Revokes those certificates, reserved or valid, to which a condition applies.
     *
     * @param arguments binds those of {@code which}
     * @return those that it revoked
     */
    public static List<CertificateId> revoke(
            Handle handle,
            String which,
            UnaryOperator<Query> arguments,
            Revocation revocation,
            long number) {
        ExpiryCounts counts = new ExpiryCounts();
        List<CertificateId> revoked;
        try (Query query =
                handle.createQuery(
                        """
                        UPDATE certificate SET status = 2, revocation = :number,
                          revoked_at = :at, revocation_reason = :reason, revoked_by = :actor
                        WHERE status <> 2 AND %s
                        RETURNING issuer, serial, not_after, fingerprint
                        """
                                .formatted(which))) {
            revoked =
                    arguments
                            .apply(query)
                            .bind("number", number)
                            .bind("at", revocation.at().toEpochMilli())
                            .bind("reason", revocation.reason())
                            .bind("actor", revocation.actor())
                            .map(
                                    (row, context) -> {
                                        String issuer = row.getString("issuer");
                                        counts.revoked(
                                                issuer,
                                                row.getLong("not_after"),
                                                row.getBytes("fingerprint") != null);
                                        return new CertificateId(issuer, row.getString("serial"));
                                    })
                            .list();
        }
        counts.write(handle);
        return revoked;
    }

    /**
     * Makes the reason of those certificates a compromise of the key that were revoked without a
     * reason; all else of their revocations stays.
     *
     * @return those that it changed
     */
    public static List<CertificateId> amend(
            Handle handle, String which, UnaryOperator<Query> arguments, long number) {
        try (Query query =
                handle.createQuery(
                        """
                        UPDATE certificate SET revocation_reason = 1, revocation = :number
                        WHERE status = 2 AND revocation_reason = 0 AND %s
                        RETURNING issuer, serial
                        """
                                .formatted(which))) {
            return arguments
                    .apply(query)
                    .bind("number", number)
                    .map(
                            (row, context) ->
                                    new CertificateId(
                                            row.getString("issuer"), row.getString("serial")))
                    .list();
        }
    }

    /**
     * Revokes the certificates of devices that this transaction has deleted: who is registered
     * under a name later has none of those from before. None can be reserved meanwhile, since that
     * needs the row of the device.
     *
     * @param deviceKeys of the product; at least one
     */
    public static void ofDeleted(
            Handle handle, String productKey, Collection<String> deviceKeys, Instant now) {
        UnaryOperator<Query> arguments =
                query ->
                        query.bind("productKey", productKey)
                                .bindList("deviceKeys", List.copyOf(deviceKeys));
        // Most devices that go have no certificates, and need no number.
        if (isAny(handle, arguments)) {
            Revocation revocation =
                    new Revocation(now, Revocation.CESSATION_OF_OPERATION, BY_DELETION);
            var unused = revoke(handle, OF_DEVICES, arguments, revocation, nextNumber(handle));
        }
    }

    private static boolean isAny(Handle handle, UnaryOperator<Query> arguments) {
        try (Query query =
                handle.createQuery(
                        "SELECT 1 FROM certificate WHERE status <> 2 AND "
                                + OF_DEVICES
                                + " LIMIT 1")) {
            return arguments.apply(query).mapTo(Integer.class).findOne().isPresent();
        }
    }
}
