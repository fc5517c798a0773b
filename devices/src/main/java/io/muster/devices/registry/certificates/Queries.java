package io.muster.devices.registry.certificates;

/** The queries that go by an index, each of which a test has explained by the database. */
final class Queries {

    static final String BY_FINGERPRINT = select("fingerprint = :fingerprint");

    static final String BY_PUBLIC_KEY = select("public_key = :publicKey LIMIT :limit");

    static final String COMPROMISED =
            "SELECT 1 FROM certificate WHERE public_key = :publicKey AND revocation_reason = 1"
                    + " LIMIT 1";

    static final String LIVE =
            select(
                    """
                    product_key = :productKey AND device_key = :deviceKey AND not_after >= :now
                      AND status = 1
                    ORDER BY product_key DESC, device_key DESC, not_after DESC, issuer DESC,
                      serial DESC
                    LIMIT :limit
                    """);

    /** Nothing but the index is read. */
    static final String REVOKED =
            """
            SELECT serial, revocation, revoked_at, revocation_reason, not_after FROM certificate
            WHERE revocation IS NOT NULL AND issuer = :issuer
              AND (revocation, serial) > (:number, :serial)
            ORDER BY issuer, revocation, serial LIMIT :limit
            """;

    static final String RESERVED =
            """
            status = 0 AND (issuer, serial) IN (
              SELECT issuer, serial FROM certificate
              WHERE status = 0 AND requested_at < :before LIMIT :limit)
            """;

    private Queries() {}

    private static String select(String rest) {
        return "SELECT " + CertificateRows.COLUMNS + " FROM certificate WHERE " + rest;
    }
}
