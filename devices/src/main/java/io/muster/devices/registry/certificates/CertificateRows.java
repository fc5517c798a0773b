package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Turns rows of certificates into values, and values into columns. */
final class CertificateRows {

    /** All but the certificate itself, which is long. */
    static final String COLUMNS =
            "issuer, serial, kind, status, owner, public_key, fingerprint,"
                    + " not_before, not_after, requested_by, requested_at, idempotency_key, renews, replaces,"
                    + " issued_at, revoked_at, revocation_reason, revoked_by, superseded_by, used_at";

    /** One certificate, by the arguments of {@link #bind(SqlStatement, CertificateId)}. */
    static final String IS_ONE = "issuer = :issuer AND serial = :serial";

    private CertificateRows() {}

    /** Names one certificate. */
    static <S extends SqlStatement<S>> S bind(S statement, CertificateId id) {
        return statement.bind("issuer", id.issuer()).bind("serial", id.serial());
    }

    /** One certificate, if there is one of this name. */
    static Optional<Certificate> find(Handle handle, CertificateId id) {
        return bind(
                        handle.createQuery(
                                "SELECT " + COLUMNS + " FROM certificate WHERE " + IS_ONE),
                        id)
                .map((row, context) -> certificate(row))
                .findOne();
    }

    /**
     * Those that there are.
     *
     * @param ids at most {@link CertificateRegistry#TOGETHER_MAX}
     */
    static Map<CertificateId, Certificate> findAll(Handle handle, Collection<CertificateId> ids) {
        Map<CertificateId, Certificate> found = new HashMap<>();
        if (!ids.isEmpty()) {
            try (Query query =
                    handle.createQuery(
                            "SELECT "
                                    + COLUMNS
                                    + " FROM certificate WHERE (issuer, serial) IN (VALUES <ids>)")) {
                query.bindMethodsList("ids", ids, List.of("issuer", "serial"))
                        .map((row, context) -> certificate(row))
                        .forEach(each -> found.put(each.id(), each));
            }
        }
        return found;
    }

    /**
     * A certificate out of the {@link #COLUMNS} of its row.
     *
     * @throws IllegalStateException if a newer hub wrote what this one does not know
     */
    static Certificate certificate(ResultSet row) throws SQLException {
        CertificateStatus status = status(row.getInt("status"));
        byte @Nullable [] fingerprint = row.getBytes("fingerprint");
        return new Certificate(
                reservation(row),
                fingerprint == null
                        ? Optional.empty()
                        : Optional.of(
                                new Certificate.Issuance(
                                        Sha256.ofDigest(fingerprint),
                                        Instant.ofEpochMilli(row.getLong("issued_at")))),
                status == CertificateStatus.REVOKED
                        ? Optional.of(
                                new Revocation(
                                        Instant.ofEpochMilli(row.getLong("revoked_at")),
                                        row.getInt("revocation_reason"),
                                        row.getString("revoked_by")))
                        : Optional.empty(),
                id(row.getString("superseded_by")),
                instant(row, "used_at"));
    }

    private static Reservation reservation(ResultSet row) throws SQLException {
        return new Reservation(
                id(row),
                kind(row.getInt("kind")),
                Owner.parse(row.getString("owner")),
                Sha256.ofDigest(row.getBytes("public_key")),
                new Validity(
                        Instant.ofEpochMilli(row.getLong("not_before")),
                        Instant.ofEpochMilli(row.getLong("not_after"))),
                new IssuanceRequest(
                        row.getString("requested_by"),
                        Instant.ofEpochMilli(row.getLong("requested_at")),
                        Optional.ofNullable(row.getString("idempotency_key")),
                        id(row.getString("replaces"))),
                id(row.getString("renews")));
    }

    /** What a certificate is called. */
    static CertificateId id(ResultSet row) throws SQLException {
        return new CertificateId(row.getString("issuer"), row.getString("serial"));
    }

    private static Optional<CertificateId> id(@Nullable String text) {
        return Optional.ofNullable(text).map(CertificateId::parse);
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    /**
     * Adds a row; false if its serial number is taken.
     *
     * @param fingerprint of one that there is already
     */
    static boolean insert(Handle handle, Reservation reservation, Optional<Sha256> fingerprint) {
        return bind(
                                handle.createUpdate(
                                        """
                                        INSERT INTO certificate (issuer, serial, kind, status,
                                          owner, public_key, fingerprint,
                                          not_before, not_after, requested_by, requested_at,
                                          idempotency_key, renews, replaces, issued_at)
                                        VALUES (:issuer, :serial, :kind, :status,
                                          :owner, :publicKey, :fingerprint,
                                          :notBefore, :notAfter, :actor, :at,
                                          :idempotencyKey, :renews, :replaces, :issuedAt)
                                        ON CONFLICT (issuer, serial) DO NOTHING
                                        """),
                                reservation)
                        .bind("status", fingerprint.isPresent() ? 1 : 0)
                        .bind("fingerprint", fingerprint.map(Sha256::bytes).orElse(null))
                        .bind(
                                "issuedAt",
                                fingerprint
                                        .map(f -> reservation.request().at().toEpochMilli())
                                        .orElse(null))
                        .execute()
                == 1;
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Reservation reservation) {
        Validity validity = reservation.validity();
        IssuanceRequest request = reservation.request();
        return bind(statement, reservation.id())
                .bind("kind", code(reservation.kind()))
                .bind("owner", reservation.owner().toString())
                .bind("publicKey", reservation.publicKey().bytes())
                .bind("notBefore", validity.notBefore().toEpochMilli())
                .bind("notAfter", validity.notAfter().toEpochMilli())
                .bind("actor", request.actor())
                .bind("at", request.at().toEpochMilli())
                .bind("idempotencyKey", request.idempotencyKey().orElse(null))
                .bind("renews", reservation.renews().map(CertificateId::toString).orElse(null))
                .bind("replaces", request.replaces().map(CertificateId::toString).orElse(null));
    }

    /** The number that stands for a status in the database, for ever. */
    static int code(CertificateStatus status) {
        return switch (status) {
            case RESERVED -> 0;
            case VALID -> 1;
            case REVOKED -> 2;
        };
    }

    static CertificateStatus status(int code) {
        return switch (code) {
            case 0 -> CertificateStatus.RESERVED;
            case 1 -> CertificateStatus.VALID;
            case 2 -> CertificateStatus.REVOKED;
            default ->
                    throw new IllegalStateException(
                            "certificate has the status of a newer hub: " + code);
        };
    }

    /** The number that stands for a kind in the database, for ever. */
    private static int code(CertificateKind kind) {
        return switch (kind) {
            case DEVICE -> 0;
            case SERVER -> 1;
            case DEVICE_ISSUING -> 2;
            case SERVER_ISSUING -> 3;
            case ROOT -> 4;
            case CROSS -> 5;
            case OCSP_RESPONDER -> 6;
            case EXTERNAL -> 7;
        };
    }

    private static CertificateKind kind(int code) {
        for (CertificateKind kind : CertificateKind.values()) {
            if (code(kind) == code) {
                return kind;
            }
        }
        throw new IllegalStateException("certificate is of the kind of a newer hub: " + code);
    }
}
