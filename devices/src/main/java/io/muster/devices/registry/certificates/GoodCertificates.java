package io.muster.devices.registry.certificates;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.RegistryDatabase;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
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
     * Serial numbers of them, in order.
     *
     * @param after the last one of those before, or {@link #BEGIN}
     * @param limit 1 to {@link CertificateRegistry#TOGETHER_MAX}
     */
    public List<String> page(String issuer, String after, Instant now, int limit) {
        CertificateRegistry.requireFew(limit);
        return database.read(
                "list the certificates of an issuer",
                handle ->
                        handle.createQuery(Queries.GOOD_OF_ISSUER)
                                .bind("issuer", issuer)
                                .bind("after", after)
                                .bind("now", now.toEpochMilli())
                                .bind("limit", limit)
                                .mapTo(String.class)
                                .list());
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
