package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ELSEWHERE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.fingerprint;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.revocation.Revocations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Certificates are reserved, recorded, used and revoked, their devices deleted and created again,
 * in random orders, against a model in memory; every call may be repeated. After each call they
 * agree on its answer, and in the end on all that can be asked.
 */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificatesAgainstModelTest {

    private static final int SEEDS = 2;
    private static final int STEPS = 200;
    private static final int SERIALS = 40;
    private static final int KEYS = 24;
    private static final int LIVE_MAX = 8;
    private static final List<DeviceId> DEVICES = List.of(DEVICE, OTHER, ELSEWHERE);

    private final CertificateModel model = new CertificateModel();
    private final Random random = new Random();
    private long seed;
    private final CertificateFixture registry;

    CertificatesAgainstModelTest(TestDatabase kind, @TempDir Path folder) throws IOException {
        registry = new CertificateFixture(kind, folder);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void registryAndModelAgree() {
        for (seed = 1; seed <= SEEDS; seed++) {
            model.clear();
            model.there.addAll(DEVICES);
            random.setSeed(seed);
            registry.begin();
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            compareAll();
        }
    }

    private void step() {
        if (random.nextInt(4) == 0) {
            DEVICES.stream().filter(model.there::add).forEach(registry::create);
        }
        switch (random.nextInt(24)) {
            case 18, 19 -> revoke();
            case 20 -> use();
            case 21 -> revokeKey();
            case 22 -> revokeDevice();
            case 23 -> delete();
            default -> {
                if (random.nextBoolean()) {
                    reserve();
                } else {
                    record();
                }
            }
        }
    }

    private CertificateId anyId() {
        return id(1 + random.nextInt(SERIALS));
    }

    private DeviceId anyDevice() {
        return DEVICES.get(random.nextInt(DEVICES.size()));
    }

    private Revocation anyRevocation() {
        return CertificateFixture.revocation(random.nextInt(5));
    }

    private String on(String call) {
        return "seed %d: %s".formatted(seed, call);
    }

    /** Now and then with somebody else's key. */
    private Sha256 anyKey(DeviceId device) {
        DeviceId owner = random.nextInt(8) == 0 ? anyDevice() : device;
        return key(DEVICES.indexOf(owner) + DEVICES.size() * random.nextInt(KEYS / 3));
    }

    private static Sha256 key(int number) {
        return hash("key " + number);
    }

    private void reserve() {
        long serial = 1L + random.nextInt(SERIALS);
        DeviceId device = anyDevice();
        Reservation wanted =
                until(
                        withKey(CertificateFixture.reservation(serial, device), anyKey(device)),
                        NOW.plus(Duration.ofDays(random.nextInt(60) - 5)));

        assertThat(registry.certificates.reserve(wanted, LIVE_MAX))
                .as(on("reserve " + wanted))
                .isEqualTo(model.reserve(wanted, LIVE_MAX));
    }

    private void record() {
        CertificateId id = anyId();
        Certificate present = model.certificates.get(id);
        Instant at = NOW.plusSeconds(random.nextInt(100));
        if (present == null) {
            assertThat(catchThrowable(() -> registry.certificates.record(id, der(id), at)))
                    .isInstanceOf(NotFoundException.class);
            return;
        }
        boolean isGood = registry.certificates.record(id, der(id), at);

        assertThat(isGood)
                .as(on("record " + id))
                .isEqualTo(present.status() != CertificateStatus.REVOKED);
        model.certificates.put(
                id,
                new Certificate(
                        present.reservation(),
                        present.issuance()
                                .or(
                                        () ->
                                                Optional.of(
                                                        new Certificate.Issuance(
                                                                fingerprint(id), at))),
                        present.revocation(),
                        present.supersededBy(),
                        present.usedAt()));
    }

    private void use() {
        CertificateId id = anyId();
        Certificate present = model.certificates.get(id);
        boolean isFirst = present != null && present.usedAt().isEmpty();

        assertThat(registry.certificates.markUsed(List.of(id), NOW))
                .as(on("use " + id))
                .hasSize(isFirst ? 1 : 0);
        if (present != null && isFirst) {
            model.certificates.put(
                    id,
                    new Certificate(
                            present.reservation(),
                            present.issuance(),
                            present.revocation(),
                            present.supersededBy(),
                            Optional.of(NOW)));
        }
    }

    private void revoke() {
        CertificateId id = anyId();
        Revocation revocation = anyRevocation();
        if (!model.certificates.containsKey(id)) {
            assertThat(catchThrowable(() -> registry.revocations.revoke(id, revocation)))
                    .isInstanceOf(NotFoundException.class);
            return;
        }
        CertificateRevocations.Revoked told = registry.revocations.revoke(id, revocation);

        Set<CertificateId> changed = model.revoke(revocation, each -> each.id().equals(id));
        assertThat(told.certificate()).as(on("revoke " + id)).isEqualTo(model.certificates.get(id));
        assertThat(told.changed())
                .as(on("revoke " + id))
                .containsExactlyInAnyOrderElementsOf(changed);
    }

    private void revokeKey() {
        Sha256 key = key(random.nextInt(KEYS));
        Revocation revocation = anyRevocation();
        if (revocation.isOfKey()) {
            model.compromised.add(key);
        }

        assertThat(registry.revocations.revokeKey(key, revocation))
                .as(on("revoke key"))
                .containsExactlyInAnyOrderElementsOf(
                        model.revoke(revocation, each -> CertificateModel.isOf(each, key)));
    }

    private void revokeDevice() {
        DeviceId device = anyDevice();
        Revocation revocation = anyRevocation();
        Set<CertificateId> told = new HashSet<>();
        Optional<CertificateId> after = Optional.empty();
        do {
            CertificateRevocations.Step step =
                    registry.revocations.revokeSome(device, revocation, after, 3);
            told.addAll(step.revoked());
            after = step.next();
        } while (after.isPresent());

        assertThat(told)
                .as(on("revoke all of " + device))
                .isEqualTo(
                        model.revoke(
                                revocation,
                                each ->
                                        each.device().equals(Optional.of(device))
                                                && (revocation.isOfKey()
                                                        || !CertificateModel.endedBefore(
                                                                each, revocation.at()))));
    }

    private void delete() {
        DeviceId device = anyDevice();
        if (!model.there.remove(device)) {
            return;
        }
        if (random.nextBoolean()) {
            registry.delete(device);
            deletedInModel(device);
        } else {
            registry.devices.deleteDevices(device.productKey(), 10);
            DEVICES.stream()
                    .filter(each -> each.productKey().equals(device.productKey()))
                    .forEach(this::deletedInModel);
        }
    }

    private void deletedInModel(DeviceId device) {
        model.there.remove(device);
        Revocation byDeletion =
                new Revocation(NOW, Revocation.CESSATION_OF_OPERATION, Revocations.BY_DELETION);
        var unused =
                model.revoke(
                        byDeletion,
                        each ->
                                each.device().equals(Optional.of(device))
                                        && !CertificateModel.endedBefore(each, NOW));
    }

    // ------------------------------------------------------------------------------ in the end

    private void compareAll() {
        assertThat(registry.all(CertificateSearch.ALL, 7))
                .isEqualTo(List.copyOf(model.certificates.keySet()));
        model.certificates.forEach(
                (id, expected) -> {
                    assertThat(registry.found(id)).isEqualTo(expected);
                    assertThat(registry.certificates.findByFingerprint(fingerprint(id)))
                            .isEqualTo(
                                    Optional.of(expected)
                                            .filter(each -> each.issuance().isPresent()));
                });
        for (CertificateStatus status : CertificateStatus.values()) {
            assertThat(registry.all(CertificateSearch.ALL.with(status), 3))
                    .containsExactlyInAnyOrderElementsOf(
                            model.ids(each -> each.status() == status));
        }
        for (DeviceId device : DEVICES) {
            assertThat(registry.certificates.findLive(CertificateFixture.owner(device), NOW, 100))
                    .extracting(Certificate::id)
                    .containsExactlyInAnyOrderElementsOf(
                            model.ids(
                                    each ->
                                            each.device().equals(Optional.of(device))
                                                    && each.status() != CertificateStatus.REVOKED
                                                    && !each.isExpired(NOW)));
        }
        for (int i = 0; i < KEYS; i++) {
            assertThat(registry.certificates.isCompromised(key(i)))
                    .isEqualTo(model.isCompromised(key(i)));
        }
        compareRevoked();
        compareCounts();
    }

    private void compareRevoked() {
        Map<String, Integer> expected = new HashMap<>();
        model.certificates
                .values()
                .forEach(
                        each ->
                                each.revocation()
                                        .ifPresent(
                                                revocation ->
                                                        expected.put(
                                                                each.id().serial(),
                                                                revocation.reason())));
        List<RevokedCertificate> revoked = registry.revoked(ISSUER, Position.BEGIN, 4);
        assertThat(
                        revoked.stream()
                                .collect(
                                        Collectors.toMap(
                                                RevokedCertificate::serial,
                                                RevokedCertificate::reason)))
                .isEqualTo(expected);
        assertThat(revoked).extracting(each -> each.position().number()).isSorted();
    }

    private void compareCounts() {
        Duration soon = Duration.ofDays(30);
        Predicate<Certificate> valid =
                each -> each.status() == CertificateStatus.VALID && !each.isExpired(NOW);
        assertThat(registry.certificates.count(NOW, soon))
                .isEqualTo(
                        new CertificateCounts(
                                model.count(valid),
                                model.count(each -> each.status() == CertificateStatus.REVOKED),
                                model.count(
                                        valid.and(
                                                each ->
                                                        !each.reservation()
                                                                .validity()
                                                                .notAfter()
                                                                .isAfter(NOW.plus(soon))))));
    }
}
