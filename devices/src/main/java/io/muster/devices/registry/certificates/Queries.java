package io.muster.devices.registry.certificates;

/** The queries that go by an index, each of which a test has explained by the database. */
final class Queries {

    static final String BY_FINGERPRINT = select("fingerprint = :fingerprint");

    static final String BY_PUBLIC_KEY =
            select("public_key = :publicKey ORDER BY not_after DESC, issuer, serial LIMIT :limit");

    static final String BY_PUBLIC_KEYS = select("public_key IN (<publicKeys>)");

    static final String COMPROMISED = "SELECT 1 FROM compromised_key WHERE public_key = :publicKey";

    /** All that is asked of one that is to come in, but for its request and what it renews. */
    static final String ADMISSION =
            """
            SELECT
              (SELECT 1 FROM certificate WHERE issuer = :issuer AND serial = :serial) AS there,
              (SELECT 1 FROM adopted_revocation
               WHERE issuer = :issuer AND serial = :serial) AS adopted,
              (SELECT COUNT(*) FROM (
                 SELECT 1 FROM certificate
                 WHERE owner = :owner AND not_after >= :now AND status <> 2
                 LIMIT :max) good) AS live,
              (SELECT MAX(CASE WHEN owner = :owner THEN 0 ELSE 1 END)
               FROM certificate WHERE public_key = :publicKey) AS of_another,
              (%s) AS compromised
            """
                    .formatted(COMPROMISED);

    static final String LIVE =
            select(
                    """
                    owner = :owner AND not_after >= :now AND status <> 2
                    ORDER BY owner DESC, not_after DESC, issuer DESC, serial DESC
                    LIMIT :limit
                    """);

    /** Those of these owners that are good; said so that the index of owners is taken. */
    static final String CERTIFIED =
            """
            SELECT owner, issuer, serial FROM certificate
            WHERE owner IN (<owners>) AND not_after >= :now AND status NOT IN (0, 2)
            """;

    /** Read from the index of the owner's certificates, which has the serial numbers. */
    static final String BY_SERIAL = select("owner = :owner AND serial = :serial");

    static final String REPLACED =
            select(
                    """
                    replaced_at IS NOT NULL AND status = 1 AND replaced_at < :before
                    ORDER BY replaced_at LIMIT :limit
                    """);

    /** Those that were asked for since then by means of any certificate of a key. */
    static final String RENEWED_BY_KEY =
            select(
                    """
                    renews IS NOT NULL AND renews IN (
                      SELECT issuer || '/' || serial FROM certificate
                      WHERE public_key = :publicKey)
                    AND requested_at >= :since AND (issuer, serial) > (:issuer, :serial)
                    ORDER BY issuer, serial LIMIT :limit
                    """);

    /** Those that are reserved, by certificates that prove who asks. */
    static final String PENDING_RENEWALS =
            "SELECT issuer, serial FROM certificate WHERE renews IN (<renews>) AND status = 0";

    /** Nothing but indexes are read, from one state of the database. */
    static final String REVOKED =
            """
            SELECT serial, revocation, revoked_at, revocation_reason, not_after FROM (
              SELECT * FROM (%s) ours UNION ALL SELECT * FROM (%s) adopted) revoked
            ORDER BY revocation, serial LIMIT :limit
            """
                    .formatted(
                            revoked("certificate", "revocation IS NOT NULL AND "),
                            revoked("adopted_revocation", ""));

    static final String REVOKED_AMONG =
            """
            SELECT serial FROM certificate
            WHERE issuer = :issuer AND serial IN (<serials>) AND status = 2
            UNION SELECT serial FROM adopted_revocation
            WHERE issuer = :issuer AND serial IN (<serials>)
            """;

    /**
     * All of an issuer, in the order of their serial numbers, and which are good: that is no
     * condition, since then the limit would be one of what is found and not of what is looked at.
     */
    static final String OF_ISSUER =
            """
            SELECT serial,
              CASE WHEN status NOT IN (0, 2) AND not_after >= :now THEN 1 ELSE 0 END AS good
            FROM certificate
            WHERE issuer = :issuer AND serial > :after
            ORDER BY issuer, serial LIMIT :limit
            """;

    static final String GOOD_AMONG =
            """
            SELECT serial FROM certificate
            WHERE issuer = :issuer AND serial IN (<serials>) AND status NOT IN (0, 2) AND not_after >= :now
            """;

    static final String RESERVED =
            "SELECT issuer, serial FROM certificate"
                    + " WHERE status = 0 AND requested_at < :before LIMIT :limit";

    private Queries() {}

    private static String select(String rest) {
        return "SELECT " + CertificateRows.COLUMNS + " FROM certificate WHERE " + rest;
    }

    private static String revoked(String table, String which) {
        return """
        SELECT serial, revocation, revoked_at, revocation_reason, not_after FROM %s
        WHERE %sissuer = :issuer AND (revocation, serial) > (:number, :serial)
        ORDER BY issuer, revocation, serial LIMIT :limit
        """
                .formatted(table, which);
    }
}
