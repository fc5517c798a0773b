package io.muster.devices.registry.certificates;

import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.revocation.ExpiryCounts;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Makes reserved certificates valid, within a transaction; confined to a thread. Of a device that
 * is deleted, or of a compromise of what is renewed, at the same time it needs to know nothing:
 * both revoke what is reserved, and the row of the certificate says whether that came first.
 */
final class Recording {

    private final Handle handle;
    private final Instant at;
    private final ExpiryCounts counts = new ExpiryCounts();

    Recording(Handle handle, Instant at) {
        this.handle = handle;
        this.at = at;
    }

    /** What a row says that was reserved no longer, or never was. */
    private record Found(CertificateStatus status, Optional<Sha256> fingerprint) {}

    /**
     * What is to be held when these are recorded: they, and what they replace, since it is told
     * what took its place.
     */
    static Set<CertificateId> held(Handle handle, Set<CertificateId> ids) {
        Set<CertificateId> held = new HashSet<>(ids);
        CertificateRows.findAll(handle, ids)
                .values()
                .forEach(each -> each.reservation().request().replaces().ifPresent(held::add));
        return held;
    }

    /** Those that are revoked. All are {@link #held}. */
    Set<CertificateId> record(Map<CertificateId, byte[]> ders) {
        Set<CertificateId> revoked = new LinkedHashSet<>();
        ders.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(each -> !record(each.getKey(), each.getValue()))
                .forEach(each -> revoked.add(each.getKey()));
        counts.write(handle);
        return revoked;
    }

    private boolean record(CertificateId id, byte[] der) {
        Sha256 fingerprint = Sha256.of(der);
        if (write(id, der, fingerprint, CertificateStatus.RESERVED, CertificateStatus.VALID)) {
            return true;
        }
        Found found = find(id);
        if (found.fingerprint().isEmpty()) {
            // Whoever gets hold of it is told that it is revoked, and not that it is unknown.
            var unused =
                    write(
                            id,
                            der,
                            fingerprint,
                            CertificateStatus.REVOKED,
                            CertificateStatus.REVOKED);
        } else if (!found.fingerprint().get().equals(fingerprint)) {
            throw new IllegalStateException("another certificate was recorded as " + id);
        }
        return found.status() == CertificateStatus.VALID;
    }

    private boolean write(
            CertificateId id,
            byte[] der,
            Sha256 fingerprint,
            CertificateStatus from,
            CertificateStatus to) {
        Optional<Optional<String>> replaced =
                CertificateRows.bind(
                                handle.createQuery(
                                        """
                                        UPDATE certificate SET status = :to, der = :der,
                                          fingerprint = :fingerprint, issued_at = :at
                                        WHERE issuer = :issuer AND serial = :serial
                                          AND status = :from AND fingerprint IS NULL
                                        RETURNING not_after, replaces
                                        """),
                                id)
                        .bind("from", CertificateRows.code(from))
                        .bind("to", CertificateRows.code(to))
                        .bind("der", der)
                        .bind("fingerprint", fingerprint.bytes())
                        .bind("at", at.toEpochMilli())
                        .map(
                                (row, context) -> {
                                    if (to == CertificateStatus.VALID) {
                                        counts.issued(id.issuer(), row.getLong("not_after"));
                                    }
                                    return Optional.ofNullable(row.getString("replaces"));
                                })
                        .findOne();
        if (to == CertificateStatus.VALID) {
            replaced.flatMap(text -> text)
                    .ifPresent(
                            text -> Supersession.supersede(handle, CertificateId.parse(text), id));
        }
        return replaced.isPresent();
    }

    private Found find(CertificateId id) {
        return CertificateRows.bind(
                        handle.createQuery(
                                "SELECT status, fingerprint FROM certificate WHERE "
                                        + CertificateRows.IS_ONE),
                        id)
                .map(
                        (row, context) ->
                                new Found(
                                        CertificateRows.status(row.getInt("status")),
                                        Optional.ofNullable(row.getBytes("fingerprint"))
                                                .map(Sha256::ofDigest)))
                .findOne()
                .orElseThrow(() -> new NotFoundException("certificate " + id + " is not reserved"));
    }
}
