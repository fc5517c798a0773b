package io.muster.devices.registry.certificates;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.RegistryDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The certificates of an issuer that are recorded here and neither revoked here nor expired: what
 * is to be looked at when others revoke some of them. Shared; every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
public final class GoodCertificates {

    /** What comes before all serial numbers. */
    public static final String BEGIN = "";

    private final RegistryDatabase database;

    /** On an open database. */
    public GoodCertificates(RegistryDatabase database) {
        this.database = database;
    }

    /** How many an issuer has that are not revoked, with those that have expired. */
    public long count(String issuer) {
        return database.read(
                "count the certificates of an issuer",
                handle ->
                        handle.createQuery(
                                        "SELECT COALESCE(SUM(valid), 0) FROM certificate_count"
                                                + " WHERE issuer = :issuer")
                                .bind("issuer", issuer)
                                .mapTo(Long.class)
                                .one());
    }

    /**
     * Those of them that are found among the next certificates of an issuer.
     *
     * @param after {@link Page#next} of the page before, or {@link #BEGIN}
     * @param limit how many are looked at, good or not: 1 to {@link
     *     CertificateRegistry#TOGETHER_MAX}
     */
    public Page page(String issuer, String after, Instant now, int limit) {
        CertificateRegistry.requireFew(limit);
        List<Row> rows =
                database.read(
                        "list the certificates of an issuer",
                        handle ->
                                handle.createQuery(Queries.OF_ISSUER)
                                        .bind("issuer", issuer)
                                        .bind("after", after)
                                        .bind("now", now.toEpochMilli())
                                        .bind("limit", limit)
                                        .map((row, context) -> Row.of(row))
                                        .list());
        return new Page(
                rows.stream().filter(Row::isGood).map(Row::serial).toList(),
                rows.size() < limit
                        ? Optional.empty()
                        : Optional.of(rows.get(rows.size() - 1).serial()));
    }

    /**
     * Some of them. Immutable.
     *
     * @param good their serial numbers, in order
     * @param next the last one that was looked at, good or not; empty if there are no more
     */
    public record Page(List<String> good, Optional<String> next) {

        /** Copies the list. */
        public Page {
            good = List.copyOf(good);
        }
    }

    private record Row(String serial, boolean isGood) {

        static Row of(ResultSet row) throws SQLException {
            return new Row(row.getString("serial"), row.getInt("good") == 1);
        }
    }

    /**
     * Those of them that have one of these serial numbers.
     *
     * @param serials as in {@link CertificateId}; 1 to {@link CertificateRegistry#TOGETHER_MAX}
     */
    public Set<String> among(String issuer, Collection<String> serials, Instant now) {
        CertificateRegistry.requireFew(serials.size());
        return database.read(
                "find certificates of an issuer",
                handle ->
                        Set.copyOf(
                                handle.createQuery(Queries.GOOD_AMONG)
                                        .bind("issuer", issuer)
                                        .bindList("serials", List.copyOf(serials))
                                        .bind("now", now.toEpochMilli())
                                        .mapTo(String.class)
                                        .list()));
    }
}
