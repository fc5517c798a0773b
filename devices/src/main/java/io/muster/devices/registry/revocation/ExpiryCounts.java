package io.muster.devices.registry.revocation;

import io.muster.devices.certificate.CertificateCounts;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * How many certificates end on which day. Gathers what one transaction changes, and writes it at
 * its end, in one order for all, so that few wait for each other. Confined to a thread.
 */
public final class ExpiryCounts {

    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    private record Day(String issuer, long day) {}

    private record Change(long valid, long revoked) {

        Change plus(Change other) {
            return new Change(valid + other.valid, revoked + other.revoked);
        }
    }

    private final Map<Day, Change> changes =
            new TreeMap<>(Comparator.comparing(Day::issuer).thenComparing(Day::day));

    /** A certificate became valid. */
    public void issued(String issuer, long notAfterMillis) {
        add(issuer, notAfterMillis, new Change(1, 0));
    }

    /** A certificate was revoked. */
    public void revoked(String issuer, long notAfterMillis, boolean wasValid) {
        add(issuer, notAfterMillis, new Change(wasValid ? -1 : 0, 1));
    }

    private void add(String issuer, long notAfterMillis, Change change) {
        changes.merge(new Day(issuer, day(notAfterMillis)), change, Change::plus);
    }

    private static long day(long millis) {
        return Math.floorDiv(millis, DAY_MILLIS);
    }

    /** Writes what was gathered. */
    public void write(Handle handle) {
        if (changes.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        INSERT INTO certificate_count (issuer, expiry_day, valid, revoked)
                        VALUES (:issuer, :day, :valid, :revoked)
                        ON CONFLICT (issuer, expiry_day) DO UPDATE SET
                          valid = certificate_count.valid + excluded.valid,
                          revoked = certificate_count.revoked + excluded.revoked
                        """);
        changes.forEach(
                (day, change) ->
                        batch.bind("issuer", day.issuer())
                                .bind("day", day.day())
                                .bind("valid", change.valid())
                                .bind("revoked", change.revoked())
                                .add());
        batch.execute();
        changes.clear();
    }

    /**
     * The sums.
     *
     * @param soon the last moment of the certificates that are about to expire
     */
    public static CertificateCounts read(Handle handle, Instant now, Instant soon) {
        return handle.createQuery(
                        """
                        SELECT
                          COALESCE(SUM(CASE WHEN expiry_day >= :today THEN valid END), 0),
                          COALESCE(SUM(revoked), 0),
                          COALESCE(SUM(CASE WHEN expiry_day >= :today AND expiry_day <= :soon
                            THEN valid END), 0)
                        FROM certificate_count
                        """)
                .bind("today", day(now.toEpochMilli()))
                .bind("soon", day(soon.toEpochMilli()))
                .map(
                        (row, context) ->
                                new CertificateCounts(
                                        row.getLong(1), row.getLong(2), row.getLong(3)))
                .one();
    }

    /** How many are valid of each issuer that has any. */
    public static Map<String, Long> validByIssuer(Handle handle, Instant now) {
        return handle.createQuery(
                        """
                        SELECT issuer, SUM(valid) AS valid FROM certificate_count
                        WHERE expiry_day >= :today GROUP BY issuer HAVING SUM(valid) > 0
                        """)
                .bind("today", day(now.toEpochMilli()))
                .map((row, context) -> Map.entry(row.getString("issuer"), row.getLong("valid")))
                .collectToMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    /** How many of an issuer, revoked or not, have not expired. */
    public static long unexpired(Handle handle, String issuer, Instant now) {
        return handle.createQuery(
                        """
                        SELECT COALESCE(SUM(valid + revoked), 0) FROM certificate_count
                        WHERE issuer = :issuer AND expiry_day >= :today
                        """)
                .bind("issuer", issuer)
                .bind("today", day(now.toEpochMilli()))
                .mapTo(Long.class)
                .one();
    }

    /** When the last of an issuer ends, revoked or not; empty if it has none. */
    public static Optional<LocalDate> lastDay(Handle handle, String issuer) {
        return handle.createQuery(
                        """
                        SELECT expiry_day FROM certificate_count
                        WHERE issuer = :issuer AND valid + revoked > 0
                        ORDER BY expiry_day DESC LIMIT 1
                        """)
                .bind("issuer", issuer)
                .mapTo(Long.class)
                .findOne()
                .map(LocalDate::ofEpochDay);
    }
}
