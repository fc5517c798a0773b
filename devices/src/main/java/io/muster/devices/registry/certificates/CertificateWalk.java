package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Goes through the certificates that a search may find, until a page is full or enough was looked
 * at. Confined to a thread, and used once.
 *
 * <p>A position is a certificate: what the order goes by never changes, and no row is ever deleted.
 */
final class CertificateWalk {

    /** How many certificates are looked at for a page. */
    static final int LOOKED_AT_MAX = 10_000;

    /** How many are looked at together, if not all of them match. */
    private static final int TOGETHER = 1000;

    private final Handle handle;
    private final CertificateSearch search;
    private final Optional<String> issuer;
    private final int limit;
    private final List<Certificate> found = new ArrayList<>();

    CertificateWalk(Handle handle, CertificateSearch search, int limit) {
        this(handle, search, Optional.empty(), limit);
    }

    private CertificateWalk(
            Handle handle, CertificateSearch search, Optional<String> issuer, int limit) {
        this.handle = handle;
        this.search = search;
        this.issuer = issuer;
        this.limit = limit;
    }

    /** One that passes over what others than this issuer have issued. */
    static CertificateWalk ofIssuer(
            Handle handle, CertificateSearch search, String issuer, int limit) {
        return new CertificateWalk(handle, search, Optional.of(issuer), limit);
    }

    /** The page behind a certificate. */
    CertificatePage from(Optional<CertificateId> after) {
        Optional<Certificate> position = after.map(this::require);
        for (int lookedAt = 0; lookedAt < LOOKED_AT_MAX; ) {
            CertificatePlan plan = CertificatePlan.of(search, position);
            int rows = plan.isExact() && issuer.isEmpty() ? limit + 1 - found.size() : TOGETHER;
            List<Row> read = read(plan, rows);
            for (Row row : read) {
                boolean matches = matches(row);
                if (matches && found.size() == limit) {
                    return page(Optional.of(found.get(limit - 1).id()));
                }
                if (matches) {
                    found.add(row.certificate());
                }
                position = Optional.of(row.certificate());
            }
            if (read.size() < rows) {
                return page(Optional.empty());
            }
            lookedAt += rows;
        }
        return page(position.map(Certificate::id));
    }

    private boolean matches(Row row) {
        return row.matches() && issuer.stream().allMatch(row.certificate().id().issuer()::equals);
    }

    private CertificatePage page(Optional<CertificateId> next) {
        return new CertificatePage(List.copyOf(found), next);
    }

    private Certificate require(CertificateId id) {
        return CertificateRows.find(handle, id)
                .orElseThrow(
                        () -> new IllegalArgumentException("after names no certificate: " + id));
    }

    private record Row(Certificate certificate, boolean matches) {

        static Row of(ResultSet row) throws SQLException {
            return new Row(CertificateRows.certificate(row), row.getInt("matches") == 1);
        }
    }

    private List<Row> read(CertificatePlan plan, int rows) {
        try (Query query = handle.createQuery(plan.sql())) {
            return query.bindMap(plan.arguments())
                    .bind("limit", rows)
                    .map((row, context) -> Row.of(row))
                    .list();
        }
    }
}
