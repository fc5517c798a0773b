package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.ListedRevocation;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.change.Turn;
import io.muster.devices.registry.revocation.Revocations;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.statement.Query;

/**
 * The revocations of certificates as they stand in the database, and the numbers of the CRLs that
 * tell of them; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What a method that changes something returns is durable, and nothing undoes it: a
 * revocation is neither taken back nor told otherwise, but for one without a reason that becomes a
 * compromise of the key. That a key is compromised is kept in any case, whatever its certificates
 * were revoked for before.
 *
 * <p>If a method throws, nobody knows whether it revoked. Whoever called it should take the
 * certificate for revoked all the same, and call again until it is answered: a certificate that is
 * revoked already keeps its first record. What was revoked without an answer, also by the deletion
 * of a device, comes with {@link #list} like any other.
 *
 * <p>One revocation after the other is made, so that a storm of them waits here and leaves the
 * connections to others.
 */
public final class CertificateRevocations {

    /** How many certificates a step of a revocation of many looks at. */
    public static final int STEP_MAX = 1000;

    private final RegistryDatabase database;
    private final Turn turn;

    /** On an open database. */
    public CertificateRevocations(RegistryDatabase database) {
        this.database = database;
        this.turn = new Turn(database.timeout());
    }

    private <T> T write(String purpose, HandleCallback<T, SQLException> transaction) {
        return turn.take(() -> database.write(purpose, transaction));
    }

    /**
     * What a revocation did.
     *
     * @param certificate with the revocation that stands
     * @param changed the certificates that were revoked now, or whose reason changed: none if
     *     nothing did, and others than the one if it is about its key
     */
    public record Revoked(Certificate certificate, List<CertificateId> changed) {}

    /**
     * Revokes a certificate, which may be reserved only. If it is revoked already nothing changes;
     * but if no reason was told, and this is the compromise of the key, the reason does. If it is
     * the compromise of the key, all else is done that {@link #revokeKey} does.
     *
     * @throws NotFoundException if there is no such certificate
     */
    public Revoked revoke(CertificateId id, Revocation revocation) {
        return write(
                "revoke a certificate",
                handle -> {
                    Certificate before = require(handle, id);
                    List<CertificateId> changed =
                            new Revoking(handle, revocation).revoke(List.of(before), Instant.MIN);
                    return new Revoked(require(handle, id), changed);
                });
    }

    private static Certificate require(Handle handle, CertificateId id) {
        return CertificateRows.find(handle, id)
                .orElseThrow(() -> new NotFoundException("certificate " + id + " is unknown"));
    }

    /**
     * Revokes all certificates of a key, also those that are being reserved at the same time. If
     * this is a compromise, none is reserved for the key any more, even if it has no certificate
     * yet; and what is reserved by means of one of its certificates is revoked too. What was issued
     * by such means is found by {@link CertificateRegistry#findRenewedByKey}.
     *
     * @return those that were revoked now, or whose reason changed
     */
    public List<CertificateId> revokeKey(Sha256 publicKey, Revocation revocation) {
        return write(
                "revoke the certificates of a key",
                handle -> new Revoking(handle, revocation).revokeKeys(Set.of(publicKey)));
    }

    /**
     * What one step of a revocation of many did.
     *
     * @param revoked those that were revoked now, or whose reason changed
     * @param next where the next step begins; empty if this was the last
     */
    public record Step(List<CertificateId> revoked, Optional<CertificateId> next) {}

    /**
     * Revokes certificates of a device, in steps; those that have expired stay as they are. Those
     * that it gets meanwhile may be missed: a device that should have none is disabled before, and
     * gets none then.
     *
     * @param after where the step before ended; empty for the first
     * @param limit how many certificates are looked at, 1 to {@link #STEP_MAX}
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

    /**
     * The same of all that an issuer has recorded, those first that end first. What it has reserved
     * only is not looked at. Steps may revoke none and not be the last, as no index leads to the
     * valid certificates of one issuer: those of others are looked at, too, {@link
     * CertificateWalk#LOOKED_AT_MAX} in a step.
     *
     * @param limit how many certificates are revoked, 1 to {@link #STEP_MAX}
     */
    public Step revokeSomeOf(
            String issuer, Revocation revocation, Optional<CertificateId> after, int limit) {
        CertificateSearch valid =
                new CertificateSearch(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(CertificateStatus.VALID),
                        Optional.of(endingFrom(revocation)),
                        Optional.empty());
        return revokeSome(
                handle -> CertificateWalk.ofIssuer(handle, valid, issuer, limit),
                revocation,
                after,
                limit);
    }

    /** A clock may have been wrong when it was told that they have ended. */
    private static Instant endingFrom(Revocation revocation) {
        return revocation.at().minus(Revocations.EXPIRY_MARGIN);
    }

    /**
     * Revokes those of these certificates that are of devices of a product, and have not expired.
     *
     * @param ids 1 to {@link #STEP_MAX}; those that are unknown do not matter
     * @return those that were revoked now, or whose reason changed
     */
    public List<CertificateId> revokeAmong(
            String productKey, Collection<CertificateId> ids, Revocation revocation) {
        requireStep(ids.size());
        return write(
                "revoke some certificates of a product",
                handle ->
                        new Revoking(handle, revocation)
                                .revoke(
                                        CertificateRows.findAll(handle, ids).values().stream()
                                                .filter(each -> isOf(productKey, each))
                                                .toList(),
                                        endingFrom(revocation)));
    }

    private static boolean isOf(String productKey, Certificate certificate) {
        return certificate.owner() instanceof Owner.Device device
                && device.id().productKey().equals(productKey);
    }

    private Step revokeSome(
            CertificateSearch all,
            Revocation revocation,
            Optional<CertificateId> after,
            int limit) {
        return revokeSome(
                handle -> new CertificateWalk(handle, all, limit), revocation, after, limit);
    }

    /** Nobody who writes waits while the page is read: what it has is looked at once more. */
    private Step revokeSome(
            Function<Handle, CertificateWalk> walk,
            Revocation revocation,
            Optional<CertificateId> after,
            int limit) {
        requireStep(limit);
        CertificatePage page =
                database.read(
                        "find certificates to revoke", handle -> walk.apply(handle).from(after));
        if (page.certificates().isEmpty()) {
            return new Step(List.of(), page.next());
        }
        return write(
                "revoke certificates",
                handle ->
                        new Step(
                                new Revoking(handle, revocation)
                                        .revoke(page.certificates(), endingFrom(revocation)),
                                page.next()));
    }

    private static void requireStep(int count) {
        if (count < 1 || count > STEP_MAX) {
            throw new IllegalArgumentException(count + " certificates are not 1 to " + STEP_MAX);
        }
    }

    /**
     * Revokes, without a reason, certificates that were reserved and never recorded: they may have
     * been signed. What is recorded at the same time stays.
     *
     * @param before those that were asked for before this time; later ones may still be under way,
     *     here or at another hub
     * @param revocation should tell no reason
     * @param limit at most so many, 1 to {@link #STEP_MAX}
     * @return those that were revoked now; if none were, none is left
     */
    public List<CertificateId> revokeReserved(Instant before, Revocation revocation, int limit) {
        requireStep(limit);
        return write(
                "revoke certificates that were not recorded",
                handle ->
                        Revocations.revokeReserved(
                                handle,
                                handle.createQuery(Queries.RESERVED)
                                        .bind("before", before.toEpochMilli())
                                        .bind("limit", limit)
                                        .map((row, context) -> CertificateRows.id(row))
                                        .list(),
                                revocation));
    }

    /** The same of one, as when its signature failed; says whether it is revoked now by that. */
    public boolean revokeReserved(CertificateId id, Revocation revocation) {
        return write(
                "revoke a certificate that was not recorded",
                handle -> {
                    List<CertificateId> reserved =
                            CertificateRows.find(handle, id)
                                    .filter(each -> each.status() == CertificateStatus.RESERVED)
                                    .map(each -> List.of(id))
                                    .orElse(List.of());
                    return !Revocations.revokeReserved(handle, reserved, revocation).isEmpty();
                });
    }

    // -------------------------------------------------------------------- what others read

    /**
     * The revoked certificates of an issuer in the order in which they were revoked, with those
     * that have expired since, and with those that are {@link #adopt adopted}. Whoever keeps the
     * last position finds what comes later from there. One whose reason has changed comes again,
     * with its new reason.
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

    /**
     * Those among these certificates that are revoked, whether or not they have expired, and
     * whether or not more is known of them.
     *
     * @param serials 1 to {@link CertificateRegistry#TOGETHER_MAX}
     */
    public Set<String> findRevoked(String issuer, Collection<String> serials) {
        CertificateRegistry.requireFew(serials.size());
        return database.read(
                "find revoked certificates",
                handle -> {
                    try (Query query = handle.createQuery(Queries.REVOKED_AMONG)) {
                        return Set.copyOf(
                                query.bind("issuer", issuer)
                                        .bindList("serials", List.copyOf(serials))
                                        .mapTo(String.class)
                                        .list());
                    }
                });
    }

    // ------------------------------------------------------- of certificates that are not known

    /**
     * Revokes certificates that may not be known: those of CRLs that were published by a database
     * that is lost, and those of other authorities that are bound to nobody. A certificate that is
     * known here is revoked; of one that is not, only the revocation is known afterwards: no
     * certificate is reserved or bound under its name any more, and {@link #list} tells of it.
     * Repeated, it changes nothing.
     *
     * @param listed 1 to {@link #STEP_MAX}
     * @param actor who does it
     * @return those that were revoked now, or whose reason changed
     */
    public List<CertificateId> adopt(
            String issuer, Collection<ListedRevocation> listed, String actor) {
        requireStep(listed.size());
        CertificateId.requireIssuer(issuer);
        return write(
                "take over revocations",
                handle -> new Adoption(handle, issuer, actor).adopt(listed));
    }

    /** The revocation of a certificate of which nothing else is known; empty if there is none. */
    public Optional<Revocation> findAdopted(CertificateId id) {
        return database.read("find a revocation", handle -> Adoption.findAdopted(handle, id));
    }

    /**
     * Makes sure that the next CRL has a greater number than {@code published}, which one had that
     * the database may know nothing of.
     *
     * @return the last number that is taken
     */
    public long raiseCrlNumber(String issuer, int shard, long published) {
        return database.write(
                "raise the number of a CRL",
                handle ->
                        handle.createQuery(
                                        """
                                        INSERT INTO crl_number (issuer, shard, last)
                                        VALUES (:issuer, :shard, :published)
                                        ON CONFLICT (issuer, shard) DO UPDATE SET
                                          last = CASE WHEN crl_number.last < excluded.last
                                            THEN excluded.last ELSE crl_number.last END
                                        RETURNING last
                                        """)
                                .bind("issuer", CertificateId.requireIssuer(issuer))
                                .bind("shard", shard)
                                .bind("published", published)
                                .mapTo(Long.class)
                                .one());
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
