package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Owner;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Which certificate took the place of which, within a transaction. Both are of one owner, by whom
 * they are found.
 */
final class Supersession {

    private Supersession() {}

    /** The certificates in whose place another one was issued. */
    static List<CertificateId> replacedBy(Handle handle, Certificate certificate) {
        return handle.createQuery(
                        "SELECT issuer, serial FROM certificate"
                                + " WHERE owner = :owner AND superseded_by = :by")
                .bind("owner", certificate.owner().toString())
                .bind("by", certificate.id().toString())
                .map((row, context) -> CertificateRows.id(row))
                .list();
    }

    /** It is in use since then, for the first time. */
    static void markReplaced(Handle handle, Owner owner, CertificateId by, Instant at) {
        handle.createUpdate(
                        "UPDATE certificate SET replaced_at = :at WHERE owner = :owner"
                                + " AND superseded_by = :by AND replaced_at IS NULL")
                .bind("owner", owner.toString())
                .bind("by", by.toString())
                .bind("at", at.toEpochMilli())
                .execute();
    }

    /** One takes the place of another. */
    static boolean supersede(Handle handle, CertificateId before, CertificateId by) {
        return CertificateRows.bind(
                                handle.createUpdate(
                                        "UPDATE certificate SET superseded_by = :by WHERE "
                                                + CertificateRows.IS_ONE),
                                before)
                        .bind("by", by.toString())
                        .execute()
                == 1;
    }
}
