package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.Rows;
import io.muster.devices.registry.revocation.ExpiryCounts;
import io.muster.devices.registry.revocation.Locks;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates may come into the registry, within the transaction that brings them; confined
 * to a thread.
 *
 * <p>First it locks the rows of their devices, then the stripes of their keys and of the keys of
 * what they renew or replace, then these certificates ({@link Locks}). So what it finds of a
 * device, of a key or of a certificate stays so until the transaction ends.
 */
final class Admission {

    private final Handle handle;
    private final Map<DeviceId, CertificateRefusal> barred = new HashMap<>();
    private final Map<CertificateId, Certificate> renewed = new HashMap<>();
    private final ExpiryCounts counts = new ExpiryCounts();

    /**
     * What comes in.
     *
     * @param liveMax how many certificates its device may have that are good
     */
    record Candidate(Reservation reservation, Optional<Sha256> fingerprint, int liveMax) {

        private CertificateId id() {
            return reservation.id();
        }

        /**
         * Whether the row of its name is of an earlier call that was the same, and stands as that
         * would have left it. Of an external one the request may be another.
         */
        private boolean isSame(Certificate found) {
            if (fingerprint.isEmpty()) {
                return found.reservation().equals(reservation)
                        && found.status() == CertificateStatus.RESERVED;
            }
            return found.owner().equals(reservation.owner())
                    && found.status() == CertificateStatus.VALID
                    && found.issuance().map(Certificate.Issuance::fingerprint).equals(fingerprint);
        }
    }

    /** In a transaction. */
    Admission(Handle handle) {
        this.handle = handle;
    }

    /**
     * Brings those in that may come; tells of the others why they may not.
     *
     * @param held certificates that the transaction changes afterwards: they are locked in one go,
     *     as others lock them
     */
    Map<CertificateId, CertificateRefusal> admit(
            Collection<Candidate> candidates, Set<CertificateId> held) {
        lockDevices(candidates);
        lockKeysAndRenewed(candidates, held);
        Map<CertificateId, CertificateRefusal> refused = new LinkedHashMap<>();
        candidates.stream()
                .sorted(Comparator.comparing(Candidate::id))
                .forEach(each -> admit(each).ifPresent(refusal -> refused.put(each.id(), refusal)));
        counts.write(handle);
        return refused;
    }

    private void lockDevices(Collection<Candidate> candidates) {
        candidates.stream()
                .flatMap(each -> each.reservation().device().stream())
                .distinct()
                .sorted(Comparator.comparing(DeviceId::toString))
                .forEach(this::lock);
    }

    /** Whoever disables a device, or deletes it, finds afterwards what was reserved before. */
    private void lock(DeviceId device) {
        Optional<DeviceStatus> status =
                handle.createQuery(
                                """
                                UPDATE device SET revision = revision
                                WHERE product_key = :productKey AND device_key = :deviceKey
                                RETURNING status
                                """)
                        .bind("productKey", device.productKey())
                        .bind("deviceKey", device.deviceKey())
                        .map((row, context) -> Rows.status(row.getInt("status")))
                        .findOne();
        if (status.isEmpty()) {
            barred.put(device, CertificateRefusal.DEVICE_UNKNOWN);
        } else if (status.get() == DeviceStatus.DISABLED) {
            barred.put(device, CertificateRefusal.DEVICE_DISABLED);
        }
    }

    private void lockKeysAndRenewed(Collection<Candidate> candidates, Set<CertificateId> held) {
        Set<Sha256> keys = new HashSet<>();
        TreeSet<CertificateId> before = new TreeSet<>();
        for (Candidate each : candidates) {
            keys.add(each.reservation().publicKey());
            each.reservation().renews().ifPresent(before::add);
            each.reservation().request().replaces().ifPresent(before::add);
        }
        CertificateRows.findAll(handle, before)
                .values()
                .forEach(each -> keys.add(each.reservation().publicKey()));
        Locks.keys(handle, keys);
        TreeSet<CertificateId> all = new TreeSet<>(before);
        all.addAll(held);
        Locks.certificates(handle, all);
        renewed.putAll(CertificateRows.findAll(handle, before));
    }

    private Optional<CertificateRefusal> admit(Candidate candidate) {
        Reservation reservation = candidate.reservation();
        Optional<CertificateRefusal> ofDevice = reservation.device().map(barred::get);
        if (ofDevice.isPresent()) {
            return ofDevice;
        }
        Found found = look(candidate);
        if (found.isThere()) {
            return isSame(candidate)
                    ? Optional.empty()
                    : Optional.of(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        }
        Optional<CertificateRefusal> refusal = refusal(candidate, found).or(() -> known(candidate));
        if (refusal.isPresent()) {
            return refusal;
        }
        if (!CertificateRows.insert(handle, reservation, candidate.fingerprint())) {
            return Optional.of(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        }
        if (candidate.fingerprint().isPresent()) {
            counts.issued(
                    candidate.id().issuer(), reservation.validity().notAfter().toEpochMilli());
        }
        return Optional.empty();
    }

    private boolean isSame(Candidate candidate) {
        return CertificateRows.find(handle, candidate.id()).filter(candidate::isSame).isPresent();
    }

    private Optional<CertificateRefusal> refusal(Candidate candidate, Found found) {
        Reservation reservation = candidate.reservation();
        if (found.isAdopted()) {
            return Optional.of(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        }
        if (isRequested(reservation)) {
            return Optional.of(CertificateRefusal.ALREADY_REQUESTED);
        }
        if (!isRenewable(reservation)) {
            return Optional.of(CertificateRefusal.NOT_RENEWABLE);
        }
        if (reservation.device().isPresent() && found.live() >= candidate.liveMax()) {
            return Optional.of(CertificateRefusal.TOO_MANY);
        }
        if (found.isKeyOfAnother()) {
            return Optional.of(CertificateRefusal.KEY_OF_ANOTHER);
        }
        return found.isCompromised()
                ? Optional.of(CertificateRefusal.KEY_COMPROMISED)
                : Optional.empty();
    }

    /**
     * What there is, by one question: each costs more than what it looks for.
     *
     * @param isThere whether the name is taken
     * @param isAdopted whether the revocation of a certificate of that name is all that is known
     * @param live how many certificates the owner has that are good, at most as many as he may have
     * @param isKeyOfAnother whether the key is in a certificate of another owner
     * @param isCompromised whether others know the key
     */
    private record Found(
            boolean isThere,
            boolean isAdopted,
            int live,
            boolean isKeyOfAnother,
            boolean isCompromised) {}

    private Found look(Candidate candidate) {
        Reservation reservation = candidate.reservation();
        return CertificateRows.bind(handle.createQuery(Queries.ADMISSION), candidate.id())
                .bind("owner", reservation.owner().toString())
                .bind("now", reservation.request().at().toEpochMilli())
                .bind("max", candidate.liveMax())
                .bind("publicKey", reservation.publicKey().bytes())
                .map(
                        (row, context) ->
                                new Found(
                                        row.getInt("there") == 1,
                                        row.getInt("adopted") == 1,
                                        row.getInt("live"),
                                        row.getInt("of_another") == 1,
                                        row.getInt("compromised") == 1))
                .one();
    }

    private boolean isRequested(Reservation reservation) {
        return reservation
                .request()
                .idempotencyKey()
                .flatMap(
                        key ->
                                findRequested(
                                        handle,
                                        reservation.owner(),
                                        reservation.publicKey(),
                                        key,
                                        reservation.request().at()))
                .isPresent();
    }

    /** What the same request brought in before that is good, or may become so. */
    static Optional<Certificate> findRequested(
            Handle handle, Owner owner, Sha256 publicKey, String idempotencyKey, Instant now) {
        return handle.createQuery(
                        """
                        SELECT %s FROM certificate
                        WHERE public_key = :publicKey AND owner = :owner
                          AND idempotency_key = :idempotencyKey
                          AND status <> 2 AND not_after >= :now
                        ORDER BY status DESC, issuer, serial
                        LIMIT 1
                        """
                                .formatted(CertificateRows.COLUMNS))
                .bind("publicKey", publicKey.bytes())
                .bind("owner", owner.toString())
                .bind("idempotencyKey", idempotencyKey)
                .bind("now", now.toEpochMilli())
                .map((row, context) -> CertificateRows.certificate(row))
                .findOne();
    }

    /** What proves who asks has to be good when that is, and so has what is replaced. */
    private boolean isRenewable(Reservation reservation) {
        Instant now = reservation.request().at();
        return Stream.of(reservation.renews(), reservation.request().replaces())
                .flatMap(Optional::stream)
                .allMatch(id -> isGood(renewed.get(id), reservation.owner(), now));
    }

    private static boolean isGood(@Nullable Certificate before, Owner owner, Instant now) {
        return before != null
                && before.status() == CertificateStatus.VALID
                && before.owner().equals(owner)
                && !before.isExpired(now);
    }

    /** Of one certificate the key is one, so the lock of the key is enough. */
    private Optional<CertificateRefusal> known(Candidate candidate) {
        return candidate
                .fingerprint()
                .flatMap(
                        fingerprint ->
                                handle.createQuery(
                                                "SELECT 1 FROM certificate"
                                                        + " WHERE fingerprint = :fingerprint")
                                        .bind("fingerprint", fingerprint.bytes())
                                        .mapTo(Integer.class)
                                        .findOne())
                .map(found -> CertificateRefusal.CERTIFICATE_KNOWN);
    }
}
