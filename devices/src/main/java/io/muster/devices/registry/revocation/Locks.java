package io.muster.devices.registry.revocation;

import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Sha256;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The rows that a transaction about certificates holds until it ends. All take them in one order,
 * so that no two wait for each other: devices, the version of deleted ones, stripes of keys, the
 * number of revocations ({@link Revocations#nextNumber}), certificates, counts ({@link
 * ExpiryCounts}). Of one sort, several are taken at once and sorted.
 */
public final class Locks {

    private static final int STRIPES = 64;

    private Locks() {}

    /** Nobody else reserves a certificate of these keys, or tells that one is compromised. */
    public static void keys(Handle handle, Collection<Sha256> publicKeys) {
        SortedSet<Integer> stripes = new TreeSet<>();
        publicKeys.forEach(each -> stripes.add(stripe(each)));
        if (stripes.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        "UPDATE certificate_key_lock SET stripe = stripe WHERE stripe = :stripe");
        stripes.forEach(stripe -> batch.bind("stripe", stripe).add());
        batch.execute();
    }

    private static int stripe(Sha256 publicKey) {
        return Integer.parseInt(publicKey.hex().substring(0, 2), 16) % STRIPES;
    }

    /** Nobody else changes these certificates. Those that there are not yet are not held. */
    public static void certificates(Handle handle, SortedSet<CertificateId> ids) {
        if (ids.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        "UPDATE certificate SET status = status"
                                + " WHERE issuer = :issuer AND serial = :serial");
        ids.forEach(id -> batch.bind("issuer", id.issuer()).bind("serial", id.serial()).add());
        batch.execute();
    }
}
