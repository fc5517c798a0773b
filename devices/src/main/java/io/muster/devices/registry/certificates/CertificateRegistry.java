package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.certificates.Admission.Candidate;
import io.muster.devices.registry.revocation.ExpiryCounts;
import io.muster.devices.registry.revocation.Locks;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Certificates as they stand in the database, from the reservation of a serial number to the first
 * use; shared. {@link CertificateRevocations} ends them.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What a method that changes something returns is durable. If it throws, nobody knows
 * whether it was done, and it may be called again with the same arguments: {@link #reserve} and
 * {@link #record} find what they did before, and do it no other time. Whoever does not find out
 * hands out nothing: what is reserved and not recorded is revoked later ({@link
 * CertificateRevocations#revokeReserved}), and what is recorded is found by the request that is
 * sent again ({@link #findRequested}).
 *
 * <p>A device that is deleted takes its certificates along, also those that are reserved: {@link
 * #record} then finds them revoked. So none is ever bound to another device of the same name.
 */
public final class CertificateRegistry {

    /** How many can be reserved, recorded or bound at once. */
    public static final int TOGETHER_MAX = 1000;

    /** Bytes of the longest certificate. */
    public static final int DER_LENGTH_MAX = 8192;

    private final RegistryDatabase database;

    /** On an open database. */
    public CertificateRegistry(RegistryDatabase database) {
        this.database = database;
    }

    // -------------------------------------------------------------------- from request to use

    /** The same as {@link #reserve(Collection, int)} for one. */
    public Optional<CertificateRefusal> reserve(Reservation reservation, int liveMax) {
        return Optional.ofNullable(reserve(List.of(reservation), liveMax).get(reservation.id()));
    }

    /**
     * Takes serial numbers, with all that the certificates will be: to be done before they are
     * signed.
     *
     * @param reservations 1 to {@link #TOGETHER_MAX}, none of external certificates
     * @param liveMax how many certificates a device may have that are neither revoked nor expired,
     *     with those that are reserved and this one
     * @return those that are not reserved, and why
     */
    public Map<CertificateId, CertificateRefusal> reserve(
            Collection<Reservation> reservations, int liveMax) {
        Map<Reservation, Integer> wanted = new LinkedHashMap<>();
        reservations.forEach(each -> wanted.put(each, liveMax));
        return write(wanted, Map.of(), Instant.EPOCH).refused();
    }

    /**
     * What became of what was written.
     *
     * @param refused those that are not reserved, and why
     * @param revoked those that were revoked before they were recorded
     */
    public record Written(
            Map<CertificateId, CertificateRefusal> refused, Set<CertificateId> revoked) {}

    /**
     * Does for some what {@link #reserve(Collection, int)} does, and for others what {@link
     * #record(Map, Instant)} does, in one transaction; so those who issue at one time wait for the
     * disk once. If one of the latter fails, nothing is done.
     *
     * @param wanted none of external certificates; with how many certificates the device of each
     *     may have
     * @param signed others than those; with them 1 to {@link #TOGETHER_MAX}
     * @param at when these are recorded
     */
    public Written write(
            Map<Reservation, Integer> wanted, Map<CertificateId, byte[]> signed, Instant at) {
        requireFew(wanted.size() + signed.size());
        List<Candidate> candidates = new ArrayList<>();
        wanted.forEach(
                (reservation, liveMax) -> {
                    requireExternal(reservation, false);
                    candidates.add(new Candidate(reservation, Optional.empty(), liveMax));
                });
        signed.forEach(CertificateRegistry::requireLength);
        return database.write(
                "reserve and record certificates",
                handle ->
                        new Written(
                                new Admission(handle)
                                        .admit(candidates, Recording.held(handle, signed.keySet())),
                                new Recording(handle, at).record(signed)));
    }

    /**
     * Binds certificates of other certificate authorities to devices. One that was revoked here, if
     * only since its device was deleted, is not bound again.
     *
     * @param fingerprints of each certificate; 1 to {@link #TOGETHER_MAX}
     * @param liveMax see {@link #reserve(Collection, int)}
     * @return those that are not bound, and why
     */
    public Map<CertificateId, CertificateRefusal> bind(
            Map<Reservation, Sha256> fingerprints, int liveMax) {
        List<Candidate> candidates = new ArrayList<>();
        fingerprints.forEach(
                (reservation, fingerprint) -> {
                    requireExternal(reservation, true);
                    candidates.add(new Candidate(reservation, Optional.of(fingerprint), liveMax));
                });
        requireFew(candidates.size());
        return database.write(
                "bind certificates", handle -> new Admission(handle).admit(candidates, Set.of()));
    }

    private static void requireExternal(Reservation reservation, boolean isWanted) {
        if ((reservation.kind() == CertificateKind.EXTERNAL) != isWanted) {
            throw new IllegalArgumentException(
                    "certificate %s is of kind %s".formatted(reservation.id(), reservation.kind()));
        }
    }

    static void requireFew(int count) {
        if (count < 1 || count > TOGETHER_MAX) {
            throw new IllegalArgumentException(
                    count + " certificates are not 1 to " + TOGETHER_MAX);
        }
    }

    /**
     * Keeps a certificate that was signed, and binds it to its device: to be done before anybody
     * gets it.
     *
     * @return whether it is good; if not, it was revoked meanwhile, as happens when its device is
     *     deleted, and must not be handed out
     * @throws NotFoundException if its serial number is not reserved
     * @throws IllegalArgumentException if the certificate is too long
     * @throws IllegalStateException if another certificate of this serial number was recorded
     */
    public boolean record(CertificateId id, byte[] der, Instant at) {
        return record(Map.of(id, der), at).isEmpty();
    }

    /**
     * The same for several; if one fails, none is recorded.
     *
     * @param ders 1 to {@link #TOGETHER_MAX}
     * @return those that were revoked meanwhile
     */
    public Set<CertificateId> record(Map<CertificateId, byte[]> ders, Instant at) {
        return write(Map.of(), ders, at).revoked();
    }

    private static void requireLength(CertificateId id, byte[] der) {
        if (der.length < 1 || der.length > DER_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "certificate %s has %d bytes, which is not 1 to %d"
                            .formatted(id, der.length, DER_LENGTH_MAX));
        }
    }

    /**
     * Notes that somebody signed in with them.
     *
     * @return those that nobody had signed in with before, as far as was told
     */
    public Set<CertificateId> markUsed(Collection<CertificateId> ids, Instant at) {
        requireFew(ids.size());
        return database.write(
                "note the use of certificates",
                handle -> {
                    hold(handle, ids);
                    Set<CertificateId> first = new LinkedHashSet<>();
                    ids.stream()
                            .sorted()
                            .filter(id -> markUsed(handle, id, at))
                            .forEach(first::add);
                    return first;
                });
    }

    /** With what they take the place of, in the order in which others hold them. */
    private static void hold(Handle handle, Collection<CertificateId> ids) {
        TreeSet<CertificateId> held = new TreeSet<>(ids);
        CertificateRows.findAll(handle, ids)
                .values()
                .forEach(each -> held.addAll(Supersession.replacedBy(handle, each)));
        Locks.certificates(handle, held);
    }

    /** What it takes the place of is told since when it is in use, which ends it later. */
    private static boolean markUsed(Handle handle, CertificateId id, Instant at) {
        Optional<Owner> owner =
                CertificateRows.bind(
                                handle.createQuery(
                                        "UPDATE certificate SET used_at = :at WHERE used_at IS NULL"
                                                + " AND "
                                                + CertificateRows.IS_ONE
                                                + " RETURNING owner"),
                                id)
                        .bind("at", at.toEpochMilli())
                        .map((row, context) -> Owner.parse(row.getString("owner")))
                        .findOne();
        owner.ifPresent(whose -> Supersession.markReplaced(handle, whose, id, at));
        return owner.isPresent();
    }

    // ------------------------------------------------------------------------------- finding

    /** The certificate of this name. */
    public Optional<Certificate> find(CertificateId id) {
        return database.read("find a certificate", handle -> CertificateRows.find(handle, id));
    }

    /**
     * The certificate with this SHA-256, which is what a sign-in asks for: one read by an index.
     */
    public Optional<Certificate> findByFingerprint(Sha256 fingerprint) {
        return database.read(
                "find a certificate by its fingerprint",
                handle ->
                        handle.createQuery(Queries.BY_FINGERPRINT)
                                .bind("fingerprint", fingerprint.bytes())
                                .map((row, context) -> CertificateRows.certificate(row))
                                .findOne());
    }

    /**
     * Certificates of this key, whatever their status, those that end last first.
     *
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Certificate> findByPublicKey(Sha256 publicKey, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "find certificates by their key",
                handle ->
                        handle.createQuery(Queries.BY_PUBLIC_KEY)
                                .bind("publicKey", publicKey.bytes())
                                .bind("limit", limit)
                                .map((row, context) -> CertificateRows.certificate(row))
                                .list());
    }

    /** Whether it was ever told that somebody else may have this key. */
    public boolean isCompromised(Sha256 publicKey) {
        return database.read(
                "find out whether a key is compromised",
                handle ->
                        handle.createQuery(Queries.COMPROMISED)
                                .bind("publicKey", publicKey.bytes())
                                .mapTo(Integer.class)
                                .findOne()
                                .isPresent());
    }

    /**
     * What the same request brought: of the same owner, key and idempotency key, and neither
     * revoked nor expired. If it is reserved only, that request is still under way, or its outcome
     * is not known. While there is one, the same request brings no other.
     */
    public Optional<Certificate> findRequested(
            Owner owner, Sha256 publicKey, String idempotencyKey, Instant now) {
        return database.read(
                "find the certificate of a request",
                handle -> Admission.findRequested(handle, owner, publicKey, idempotencyKey, now));
    }

    /**
     * The certificates of an owner that are neither revoked nor expired, those that end last first;
     * also those that are reserved, which may be signed already.
     *
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Certificate> findLive(Owner owner, Instant now, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "find the certificates of an owner",
                handle ->
                        handle.createQuery(Queries.LIVE)
                                .bind("owner", owner.toString())
                                .bind("now", now.toEpochMilli())
                                .bind("limit", limit)
                                .map((row, context) -> CertificateRows.certificate(row))
                                .list());
    }

    /**
     * The devices that these certificates are of, and which others each has that are good:
     * recorded, and neither revoked nor expired.
     *
     * @param ids 1 to {@link #TOGETHER_MAX}; those that are unknown, or of no device, do not matter
     */
    public Map<DeviceId, Set<CertificateId>> findOthers(
            Collection<CertificateId> ids, Instant now) {
        requireFew(ids.size());
        return database.read(
                "find the other certificates of devices",
                handle -> {
                    Map<String, DeviceId> owners = new TreeMap<>();
                    CertificateRows.findAll(handle, ids).values().stream()
                            .map(Certificate::owner)
                            .forEach(
                                    owner -> {
                                        if (owner instanceof Owner.Device device) {
                                            owners.put(owner.toString(), device.id());
                                        }
                                    });
                    return others(handle, owners, Set.copyOf(ids), now);
                });
    }

    private static Map<DeviceId, Set<CertificateId>> others(
            Handle handle, Map<String, DeviceId> owners, Set<CertificateId> ids, Instant now) {
        Map<DeviceId, Set<CertificateId>> others = new HashMap<>();
        if (owners.isEmpty()) {
            return others;
        }
        Map<String, Set<CertificateId>> good = new HashMap<>();
        handle.createQuery(Queries.CERTIFIED)
                .bindList("owners", owners.keySet())
                .bind("now", now.toEpochMilli())
                .map((row, context) -> Map.entry(row.getString("owner"), CertificateRows.id(row)))
                .filter(each -> !ids.contains(each.getValue()))
                .forEach(
                        each ->
                                good.computeIfAbsent(each.getKey(), owner -> new HashSet<>())
                                        .add(each.getValue()));
        owners.forEach((owner, device) -> others.put(device, good.getOrDefault(owner, Set.of())));
        return others;
    }

    /**
     * Certificates that are valid still though another one was used in their place, those first
     * whose successors have been in use for longest.
     *
     * @param before since before this time
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Certificate> findReplaced(Instant before, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "find certificates that are replaced",
                handle ->
                        handle.createQuery(Queries.REPLACED)
                                .bind("before", before.toEpochMilli())
                                .bind("limit", limit)
                                .map((row, context) -> CertificateRows.certificate(row))
                                .list());
    }

    /**
     * The certificates of an owner with this serial number: more than one only if issuers have
     * given the same by chance.
     */
    public List<Certificate> findBySerial(Owner owner, String serial) {
        return database.read(
                "find a certificate by its serial number",
                handle ->
                        handle.createQuery(Queries.BY_SERIAL)
                                .bind("owner", owner.toString())
                                .bind("serial", serial)
                                .map((row, context) -> CertificateRows.certificate(row))
                                .list());
    }

    /**
     * The certificates that were asked for since a time by means of any certificate of a key,
     * whatever their status, in the order of their names: what others may have got who know the
     * key.
     *
     * @param after the last of those before; empty for the first
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Certificate> findRenewedByKey(
            Sha256 publicKey, Instant since, Optional<CertificateId> after, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "find renewals by a key",
                handle ->
                        handle.createQuery(Queries.RENEWED_BY_KEY)
                                .bind("publicKey", publicKey.bytes())
                                .bind("since", millis(since))
                                .bind("issuer", after.map(CertificateId::issuer).orElse(""))
                                .bind("serial", after.map(CertificateId::serial).orElse(""))
                                .bind("limit", limit)
                                .map((row, context) -> CertificateRows.certificate(row))
                                .list());
    }

    /** Times before all that there are may be too great for a number. */
    private static long millis(Instant time) {
        return time.isBefore(Instant.EPOCH) ? 0 : time.toEpochMilli();
    }

    /** A certificate itself; empty if it is unknown, not recorded, or external. */
    public Optional<byte[]> findDer(CertificateId id) {
        return database.read(
                "read a certificate",
                handle ->
                        CertificateRows.bind(
                                        handle.createQuery(
                                                "SELECT der FROM certificate WHERE der IS NOT NULL"
                                                        + " AND "
                                                        + CertificateRows.IS_ONE),
                                        id)
                                .map((row, context) -> row.getBytes("der"))
                                .findOne());
    }

    /**
     * How many certificates of each issuer are neither revoked nor expired, without counting them:
     * those that expire today are among them until the day (UTC) is over.
     *
     * @return by the issuers that have any
     */
    public Map<String, Long> countValid(Instant now) {
        return database.read(
                "count the valid certificates of issuers",
                handle -> ExpiryCounts.validByIssuer(handle, now));
    }

    /**
     * How many certificates of an issuer, revoked or not, have not expired, in the same way; those
     * that are reserved only are not among them.
     */
    public long countUnexpired(String issuer, Instant now) {
        return database.read(
                "count the certificates of an issuer",
                handle -> ExpiryCounts.unexpired(handle, issuer, now));
    }

    /** The day (UTC) on which the last of these ends; empty if there are none. */
    public Optional<LocalDate> lastDay(String issuer) {
        return database.read(
                "find when the certificates of an issuer end",
                handle -> ExpiryCounts.lastDay(handle, issuer));
    }

    /**
     * How many certificates there are, without counting them.
     *
     * @param soon how long those that are about to expire are still good at most
     */
    public CertificateCounts count(Instant now, Duration soon) {
        return database.read(
                "count certificates", handle -> ExpiryCounts.read(handle, now, now.plus(soon)));
    }
}
