package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ELSEWHERE;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateListTest {

    private static final int CERTIFICATES = 36;
    private static final List<DeviceId> DEVICES = List.of(DEVICE, OTHER, ELSEWHERE);

    private static final Comparator<Certificate> BY_NAME =
            Comparator.comparing(each -> each.id().toString());
    private static final Comparator<Certificate> BY_END =
            Comparator.<Certificate, Instant>comparing(
                            each -> each.reservation().validity().notAfter())
                    .thenComparing(BY_NAME);
    private static final Comparator<Certificate> BY_DEVICE =
            Comparator.<Certificate, String>comparing(
                            each -> each.device().orElseThrow().deviceKey())
                    .thenComparing(BY_END);

    private static @Nullable CertificateFixture opened;

    private final List<Certificate> all = new ArrayList<>();
    private CertificateFixture registry;

    /** Without it JUnit does not tell {@link #open} the kind either. */
    CertificateListTest(TestDatabase kind) {}

    @BeforeParameterizedClassInvocation
    static void open(TestDatabase kind, @TempDir Path folder) throws IOException {
        opened = new CertificateFixture(kind, folder);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    /** Ends come in another order than serial numbers, and several at one time. */
    @BeforeEach
    void beginWithCertificates() {
        registry = Objects.requireNonNull(opened);
        registry.begin();
        Map<CertificateId, Reservation> reservations =
                IntStream.range(0, CERTIFICATES)
                        .mapToObj(
                                i ->
                                        until(
                                                reservation(1 + i, DEVICES.get(i % 3)),
                                                NOW.plusSeconds((i * 7) % 12)))
                        .collect(Collectors.toMap(Reservation::id, each -> each));
        assertThat(registry.certificates.reserve(reservations.values(), CERTIFICATES)).isEmpty();
        for (int i = 0; i < CERTIFICATES; i++) {
            if (i % 4 != 0) {
                registry.certificates.record(id(1 + i), CertificateFixture.der(id(1 + i)), NOW);
            }
            if (i % 5 == 0) {
                registry.revocations.revoke(id(1 + i), revocation(4));
            }
            all.add(registry.found(id(1 + i)));
        }
    }

    private void findsExactly(
            CertificateSearch search, Comparator<Certificate> order, Predicate<Certificate> which) {
        List<CertificateId> expected =
                all.stream().filter(which).sorted(order).map(Certificate::id).toList();
        for (int limit : new int[] {1, 5, 1000}) {
            assertThat(registry.all(search, limit)).as("by %d", limit).isEqualTo(expected);
        }
    }

    private static boolean isOf(Certificate certificate, String product) {
        return certificate.device().orElseThrow().productKey().equals(product);
    }

    @Test
    void allComeByTheirNames() {
        findsExactly(CertificateSearch.ALL, BY_NAME, each -> true);
    }

    @Test
    void thoseOfAProductComeByDeviceAndThoseOfADeviceByTheirEnd() {
        findsExactly(CertificateSearch.of("pk1"), BY_DEVICE, each -> isOf(each, "pk1"));
        findsExactly(
                CertificateSearch.of("pk1").withDevice("dev1"),
                BY_END,
                each -> each.device().equals(Optional.of(DEVICE)));
        findsExactly(CertificateSearch.of("pk3"), BY_END, each -> false);
    }

    @Test
    void thoseWithAStatusComeByTheirEnd() {
        for (CertificateStatus status : CertificateStatus.values()) {
            findsExactly(
                    CertificateSearch.ALL.with(status), BY_END, each -> each.status() == status);
            findsExactly(
                    CertificateSearch.of("pk1").with(status),
                    BY_DEVICE,
                    each -> isOf(each, "pk1") && each.status() == status);
            findsExactly(
                    CertificateSearch.of("pk1").withDevice("dev2").with(status),
                    BY_END,
                    each -> each.device().equals(Optional.of(OTHER)) && each.status() == status);
        }
    }

    @Test
    void thoseThatExpireSoonComeByTheirEnd() {
        Instant from = NOW.plusSeconds(3);
        Instant before = NOW.plusSeconds(8);
        Predicate<Certificate> expiring =
                each ->
                        each.status() == CertificateStatus.VALID
                                && !each.reservation().validity().notAfter().isBefore(from)
                                && each.reservation().validity().notAfter().isBefore(before);
        findsExactly(CertificateSearch.ALL.expiring(from, before), BY_END, expiring);
        findsExactly(
                CertificateSearch.of("pk2").expiring(from, before),
                BY_DEVICE,
                expiring.and(each -> isOf(each, "pk2")));
        findsExactly(
                CertificateSearch.of("pk2").withDevice("dev1").expiring(from, before),
                BY_END,
                expiring.and(each -> isOf(each, "pk2")));
    }

    /** The next page begins where this one ended, whatever became of its last certificate. */
    @Test
    void aCertificateThatIsRevokedBetweenTwoPagesLosesNoOther() {
        CertificateSearch valid = CertificateSearch.ALL.with(CertificateStatus.VALID);
        List<CertificateId> expected = registry.all(valid, 1000);
        CertificatePage first = registry.list.page(valid, Optional.empty(), 3);
        registry.revocations.revoke(first.next().orElseThrow(), revocation(4));

        CertificatePage second = registry.list.page(valid, first.next(), 1000);

        assertThat(first.next()).contains(expected.get(2));
        assertThat(second.certificates())
                .extracting(Certificate::id)
                .isEqualTo(expected.subList(3, expected.size()));
    }

    @Test
    void aPageBeginsNeitherBeforeThePositionNorBeforeTheTime() {
        CertificateSearch late =
                CertificateSearch.ALL.expiring(NOW.plusSeconds(5), NOW.plusSeconds(99));
        CertificateId early =
                registry.all(CertificateSearch.ALL.with(CertificateStatus.VALID), 1000).get(0);

        assertThat(registry.list.page(late, Optional.of(early), 1000))
                .isEqualTo(registry.list.page(late, Optional.empty(), 1000));
    }

    @Test
    void aSearchThatCannotBeAnsweredIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateSearch.ALL.withDevice("dev1"))
                .withMessageContaining("productKey");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new CertificateSearch(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(NOW),
                                        Optional.empty()))
                .withMessageContaining("status");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> registry.list.page(CertificateSearch.ALL, Optional.of(id(99)), 10))
                .withMessageContaining(id(99).toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.list.page(CertificateSearch.ALL, Optional.empty(), 0));
    }
}
