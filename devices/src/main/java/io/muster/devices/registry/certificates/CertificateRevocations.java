package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The revocations of certificates as they stand in the database, and the numbers of the CRLs that
 * tell of them; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What a method that changes something returns is durable, and nothing undoes it: a
 * revocation is neither taken back nor told otherwise, but for one without a reason that becomes a
 * compromise of the key.
 *
 * <p>If a method throws, nobody knows whether it revoked. Whoever called it should take the
 * certificate for revoked all the same, and call again until it is answered: a certificate that is
 * revoked already keeps its first record. What was revoked without an answer, also by the deletion
 * of a device, comes with {@link #list} like any other.
 */
public final class CertificateRevocations {

    private final RegistryDatabase database;

    /** On an open database. */
    public CertificateRevocations(RegistryDatabase database) {
        this.database = database;
    }

    /**
     * Revokes a certificate, which may be reserved only. If it is revoked already nothing changes;
     * but if no reason was told, and this is the compromise of the key, the reason does.
     *
     * <p>The other certificates of a key that is compromised stay: see {@link #revokeKey}.
     *
     * @return the certificate with the revocation that stands
     * @throws NotFoundException if there is no such certificate
     */
    public Certificate revoke(CertificateId id, Revocation revocation) {
        return database.write(
                "revoke a certificate",
                handle -> {
                    long number = Revocations.nextNumber(handle);
                    var unused = revoke(handle, id, revocation, number);
                    return CertificateRows.find(handle, id)
                            .orElseThrow(
                                    () ->
                                            new NotFoundException(
                                                    "certificate " + id + " is unknown"));
                });
    }

    private static List<CertificateId> revoke(
            Handle handle, CertificateId id, Revocation revocation, long number) {
        return revoke(
                handle,
                CertificateRows.IS_ONE,
                query -> CertificateRows.bind(query, id),
                revocation,
                number);
    }

    /** Those that it changed. */
    private static List<CertificateId> revoke(
            Handle handle,
            String which,
            UnaryOperator<Query> arguments,
            Revocation revocation,
            long number) {
        List<CertificateId> amended =
                revocation.reason() == Revocation.KEY_COMPROMISE
                        ? Revocations.amend(handle, which, arguments, number)
                        : List.of();
        List<CertificateId> changed =
                new ArrayList<>(Revocations.revoke(handle, which, arguments, revocation, number));
        changed.addAll(amended);
        return List.copyOf(changed);
    }

    /**
     * Revokes all certificates of a key, also those that are being reserved at the same time: they
     * are found, or refused if this is a compromise. What was issued in their places stays: see
     * {@link Certificate#supersededBy}.
     *
     * @return those that were revoked now, or whose reason changed
     */
    public List<CertificateId> revokeKey(Sha256 publicKey, Revocation revocation) {
        return database.write(
                "revoke the certificates of a key",
                handle -> {
                    Admission.lockKey(handle, publicKey);
                    return revoke(
                            handle,
                            "public_key = :publicKey",
                            query -> query.bind("publicKey", publicKey.bytes()),
                            revocation,
                            Revocations.nextNumber(handle));
                });
    }

    /**
     * What one step of a revocation of many did.
     *
     * @param revoked those that were revoked now, or whose reason changed
     * @param next where the next step begins; empty if this was the last
     */
    public record Step(List<CertificateId> revoked, Optional<CertificateId> next) {}

    /**
     * Revokes certificates of a device, in steps. Those that it gets meanwhile may be missed: a
     * device that should have none is disabled before.
     *
     * @param after where the step before ended; empty for the first
     * @param limit how many certificates are looked at, 1 to {@link DeviceRegistry#PAGE_MAX}
     * @throws IllegalArgumentException if {@code after} is no certificate that there is
     */
    public Step revokeSome(
            DeviceId device, Revocation revocation, Optional<CertificateId> after, int limit) {
        return revokeSome(
                CertificateSearch.of(device.productKey()).withDevice(device.deviceKey()),
                revocation,
                after,
                limit);
    }

    /** The same of all devices of a product, in the order of their keys. */
    public Step revokeSome(
            String productKey, Revocation revocation, Optional<CertificateId> after, int limit) {
        return revokeSome(CertificateSearch.of(productKey), revocation, after, limit);
    }

    private Step revokeSome(
            CertificateSearch all,
            Revocation revocation,
            Optional<CertificateId> after,
            int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.write(
                "revoke certificates",
                handle -> {
                    long number = Revocations.nextNumber(handle);
                    CertificatePage page = new CertificateWalk(handle, all, limit).from(after);
                    List<CertificateId> revoked = new ArrayList<>();
                    page.certificates()
                            .forEach(
                                    each ->
                                            revoked.addAll(
                                                    revoke(handle, each.id(), revocation, number)));
                    return new Step(List.copyOf(revoked), page.next());
                });
    }

    /**
     * Revokes, without a reason, certificates that were reserved and never recorded: they may have
     * been signed.
     *
     * @param before those that were asked for before this time; later ones may still be under way,
     *     here or at another hub
     * @param revocation should tell no reason
     * @param limit at most so many, 1 to {@link DeviceRegistry#PAGE_MAX}
     * @return those that were revoked now; none if none is left
     */
    public List<CertificateId> revokeReserved(Instant before, Revocation revocation, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.write(
                "revoke certificates that were not recorded",
                handle ->
                        Revocations.revoke(
                                handle,
                                Queries.RESERVED,
                                query ->
                                        query.bind("before", before.toEpochMilli())
                                                .bind("limit", limit),
                                revocation,
                                Revocations.nextNumber(handle)));
    }

    /**
     * The revoked certificates of an issuer in the order in which they were revoked, with those
     * that have expired since. Whoever keeps the last position finds what comes later from there.
     * One whose reason has changed comes again, with its new reason.
     *
     * @param after see {@link Position#BEGIN}
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<RevokedCertificate> list(String issuer, Position after, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "list revoked certificates",
                handle ->
                        handle.createQuery(Queries.REVOKED)
                                .bind("issuer", issuer)
                                .bind("number", after.number())
                                .bind("serial", after.serial())
                                .bind("limit", limit)
                                .map(
                                        (row, context) ->
                                                new RevokedCertificate(
                                                        row.getString("serial"),
                                                        new Position(
                                                                row.getLong("revocation"),
                                                                row.getString("serial")),
                                                        Instant.ofEpochMilli(
                                                                row.getLong("revoked_at")),
                                                        row.getInt("revocation_reason"),
                                                        Instant.ofEpochMilli(
                                                                row.getLong("not_after"))))
                                .list());
    }

    // ---------------------------------------------------------------------------------- CRLs

    /**
     * The next number that a CRL may have (RFC 5280, 5.2.3): greater than all before, and given to
     * nobody else. One that no CRL gets is left out.
     *
     * @param shard which part of the issuer's revocations the CRL tells of
     */
    public long nextCrlNumber(String issuer, int shard) {
        return database.write(
                "take the number of a CRL",
                handle ->
                        handle.createQuery(
                                        """
                                        INSERT INTO crl_number (issuer, shard, last)
                                        VALUES (:issuer, :shard, 1)
                                        ON CONFLICT (issuer, shard) DO UPDATE SET
                                          last = crl_number.last + 1
                                        RETURNING last
                                        """)
                                .bind("issuer", CertificateId.requireIssuer(issuer))
                                .bind("shard", shard)
                                .mapTo(Long.class)
                                .one());
    }

    /** The last number that was taken; 0 if none was. */
    public long lastCrlNumber(String issuer, int shard) {
        return database.read(
                "find the number of a CRL",
                handle ->
                        handle.createQuery(
                                        "SELECT last FROM crl_number WHERE issuer = :issuer AND"
                                                + " shard = :shard")
                                .bind("issuer", issuer)
                                .bind("shard", shard)
                                .mapTo(Long.class)
                                .findOne()
                                .orElse(0L));
    }
}
