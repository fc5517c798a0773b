package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.NOW;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a registry of certificates should do, in memory. */
final class CertificateModel {

    final Map<CertificateId, Certificate> certificates = new TreeMap<>();
    final Set<Sha256> compromised = new HashSet<>();
    final Set<DeviceId> there = new HashSet<>();

    void clear() {
        certificates.clear();
        compromised.clear();
    }

    Optional<CertificateRefusal> reserve(Reservation wanted, int liveMax) {
        if (!there.contains(wanted.device().orElseThrow())) {
            return Optional.of(CertificateRefusal.DEVICE_UNKNOWN);
        }
        Certificate present = certificates.get(wanted.id());
        if (present != null) {
            return present.reservation().equals(wanted)
                            && present.status() == CertificateStatus.RESERVED
                    ? Optional.empty()
                    : Optional.of(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        }
        long live =
                count(
                        each ->
                                each.device().equals(wanted.device())
                                        && each.status() != CertificateStatus.REVOKED
                                        && !each.isExpired(NOW));
        if (live >= liveMax) {
            return Optional.of(CertificateRefusal.TOO_MANY);
        }
        if (count(each -> isOf(each, wanted.publicKey()) && !each.device().equals(wanted.device()))
                > 0) {
            return Optional.of(CertificateRefusal.KEY_OF_ANOTHER);
        }
        if (isCompromised(wanted.publicKey())) {
            return Optional.of(CertificateRefusal.KEY_COMPROMISED);
        }
        certificates.put(
                wanted.id(),
                new Certificate(
                        wanted,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        return Optional.empty();
    }

    static boolean isOf(Certificate certificate, Sha256 key) {
        return certificate.reservation().publicKey().equals(key);
    }

    boolean isCompromised(Sha256 key) {
        return compromised.contains(key);
    }

    /** If it is about keys, of all certificates that have them. */
    Set<CertificateId> revoke(Revocation revocation, Predicate<Certificate> these) {
        Set<Sha256> keys =
                certificates.values().stream()
                        .filter(these)
                        .map(each -> each.reservation().publicKey())
                        .collect(Collectors.toSet());
        Predicate<Certificate> which = these;
        if (revocation.isOfKey()) {
            compromised.addAll(keys);
            which = each -> keys.contains(each.reservation().publicKey());
        }
        return revokeOnly(revocation, which);
    }

    private Set<CertificateId> revokeOnly(Revocation revocation, Predicate<Certificate> which) {
        Set<CertificateId> changed = new HashSet<>();
        certificates.replaceAll(
                (id, each) -> {
                    Optional<Revocation> before = each.revocation();
                    if (!which.test(each)
                            || (before.isPresent() && !before.get().isAmendedBy(revocation))) {
                        return each;
                    }
                    changed.add(id);
                    return new Certificate(
                            each.reservation(),
                            each.issuance(),
                            Optional.of(
                                    before.map(first -> first.followedBy(revocation))
                                            .orElse(revocation)),
                            each.supersededBy(),
                            each.usedAt());
                });
        return changed;
    }

    static boolean endedBefore(Certificate certificate, Instant now) {
        return certificate
                .reservation()
                .validity()
                .notAfter()
                .isBefore(now.minus(Revocations.EXPIRY_MARGIN));
    }

    long count(Predicate<Certificate> which) {
        return certificates.values().stream().filter(which).count();
    }

    List<CertificateId> ids(Predicate<Certificate> which) {
        return certificates.values().stream().filter(which).map(Certificate::id).toList();
    }
}
