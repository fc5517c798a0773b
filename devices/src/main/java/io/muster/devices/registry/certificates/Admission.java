package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.registry.revocation.ExpiryCounts;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Which certificates may come into the registry, within the transaction that brings them; confined
 * to a thread.
 *
 * <p>First it locks the rows of their devices, and then the stripes of their keys, each in one
 * order for all. So what it finds of a device or of a key stays so until the transaction ends.
 */
final class Admission {

    /** Those of one owner, by the arguments of {@link #bindOwner}. */
    static final String OF_OWNER =
            "COALESCE(product_key, '') = :productKey AND COALESCE(device_key, '') = :deviceKey";

    private static final int STRIPES = 64;

    private final Handle handle;
    private final int liveMax;
    private final Set<DeviceId> unknown = new HashSet<>();
    private final ExpiryCounts counts = new ExpiryCounts();

    /** What comes in. */
    record Candidate(Reservation reservation, Optional<Sha256> fingerprint) {

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
            return found.device().equals(reservation.device())
                    && found.status() == CertificateStatus.VALID
                    && found.issuance().map(Certificate.Issuance::fingerprint).equals(fingerprint);
        }
    }

    /**
     * In a transaction.
     *
     * @param liveMax how many certificates a device may have that are good
     */
    Admission(Handle handle, int liveMax) {
        this.handle = handle;
        this.liveMax = liveMax;
    }

    /** Brings those in that may come; tells of the others why they may not. */
    Map<CertificateId, CertificateRefusal> admit(Collection<Candidate> candidates) {
        lockDevices(candidates);
        lockKeys(candidates);
        Map<CertificateId, CertificateRefusal> refused = new LinkedHashMap<>();
        candidates.forEach(
                each -> admit(each).ifPresent(refusal -> refused.put(each.id(), refusal)));
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

    private void lock(DeviceId device) {
        try {
            Revisions.require(handle, device, OptionalLong.empty());
        } catch (NotFoundException gone) {
            unknown.add(device);
        }
    }

    private void lockKeys(Collection<Candidate> candidates) {
        Set<Integer> stripes = new TreeSet<>();
        candidates.forEach(each -> stripes.add(stripe(each.reservation().publicKey())));
        stripes.forEach(stripe -> lockStripe(handle, stripe));
    }

    /** Nobody takes a certificate of this key before the transaction ends. */
    static void lockKey(Handle handle, Sha256 publicKey) {
        lockStripe(handle, stripe(publicKey));
    }

    private static void lockStripe(Handle handle, int stripe) {
        handle.createUpdate(
                        "UPDATE certificate_key_lock SET stripe = stripe WHERE stripe = :stripe")
                .bind("stripe", stripe)
                .execute();
    }

    private static int stripe(Sha256 publicKey) {
        return Integer.parseInt(publicKey.hex().substring(0, 2), 16) % STRIPES;
    }

    private Optional<CertificateRefusal> admit(Candidate candidate) {
        Reservation reservation = candidate.reservation();
        if (reservation.device().filter(unknown::contains).isPresent()) {
            return Optional.of(CertificateRefusal.DEVICE_UNKNOWN);
        }
        Optional<Certificate> there = CertificateRows.find(handle, candidate.id());
        if (there.isPresent()) {
            return candidate.isSame(there.get())
                    ? Optional.empty()
                    : Optional.of(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        }
        Optional<CertificateRefusal> refusal =
                isRequested(reservation)
                        ? Optional.of(CertificateRefusal.ALREADY_REQUESTED)
                        : hasEnough(reservation)
                                ? Optional.of(CertificateRefusal.TOO_MANY)
                                : keyRefusal(reservation).or(() -> known(candidate));
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

    private boolean isRequested(Reservation reservation) {
        return reservation.request().idempotencyKey().isPresent()
                && findRequested(handle, reservation).isPresent();
    }

    /** What the same request brought in before, if it is good. */
    static Optional<Certificate> findRequested(Handle handle, Reservation again) {
        return bindOwner(
                        handle.createQuery(
                                """
                                SELECT %s FROM certificate
                                WHERE public_key = :publicKey AND %s
                                  AND idempotency_key = :idempotencyKey
                                  AND not_after >= :now AND status <> 2
                                LIMIT 1
                                """
                                        .formatted(CertificateRows.COLUMNS, OF_OWNER)),
                        again.device())
                .bind("publicKey", again.publicKey().bytes())
                .bind("idempotencyKey", again.request().idempotencyKey().orElse(""))
                .bind("now", again.request().at().toEpochMilli())
                .map((row, context) -> CertificateRows.certificate(row))
                .findOne();
    }

    private static <S extends SqlStatement<S>> S bindOwner(S statement, Optional<DeviceId> device) {
        return statement
                .bind("productKey", device.map(DeviceId::productKey).orElse(""))
                .bind("deviceKey", device.map(DeviceId::deviceKey).orElse(""));
    }

    private boolean hasEnough(Reservation reservation) {
        if (reservation.device().isEmpty()) {
            return false;
        }
        int live =
                bindOwner(
                                handle.createQuery(
                                        """
                                        SELECT COUNT(*) FROM (
                                          SELECT 1 FROM certificate
                                          WHERE product_key = :productKey
                                            AND device_key = :deviceKey
                                            AND not_after >= :now AND status <> 2
                                          LIMIT :max) live
                                        """),
                                reservation.device())
                        .bind("now", reservation.request().at().toEpochMilli())
                        .bind("max", liveMax)
                        .mapTo(Integer.class)
                        .one();
        return live >= liveMax;
    }

    /** The key of an authority is nobody's who is none, though neither is a device's. */
    private Optional<CertificateRefusal> keyRefusal(Reservation reservation) {
        return bindOwner(
                        handle.createQuery(
                                """
                                SELECT
                                  MAX(CASE WHEN %s AND %s THEN 0 ELSE 1 END) AS of_another,
                                  MAX(CASE WHEN revocation_reason = 1 THEN 1 ELSE 0 END)
                                    AS compromised
                                FROM certificate WHERE public_key = :publicKey
                                """
                                        .formatted(
                                                OF_OWNER,
                                                reservation.kind().isOfAuthority()
                                                        ? "kind IN (2, 3)"
                                                        : "kind NOT IN (2, 3)")),
                        reservation.device())
                .bind("publicKey", reservation.publicKey().bytes())
                .map(
                        (row, context) ->
                                row.getInt("of_another") == 1
                                        ? Optional.of(CertificateRefusal.KEY_OF_ANOTHER)
                                        : row.getInt("compromised") == 1
                                                ? Optional.of(CertificateRefusal.KEY_COMPROMISED)
                                                : Optional.<CertificateRefusal>empty())
                .one();
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
