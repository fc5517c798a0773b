package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** By which indexes SQLite goes: none of it reads more than it answers. */
class CertificatePlanTest {

    private static final String NAMES = "sqlite_autoindex_certificate_1 ";
    private static final String DEVICES = "certificate_device (product_key=? AND ";
    private static final String STATUSES = "certificate_status (status=?";

    private static @Nullable RegistryDatabase database;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        database = TestDatabase.SQLITE.open(folder);
    }

    @AfterAll
    static void close() {
        Objects.requireNonNull(database).close();
    }

    static Stream<Arguments> searches() {
        CertificateSearch all = CertificateSearch.ALL;
        CertificateSearch valid = all.with(CertificateStatus.VALID);
        CertificateSearch product = CertificateSearch.of("pk1");
        CertificateSearch device = product.withDevice("dev1");
        return Stream.of(
                Arguments.of(all, NAMES + "((issuer,serial)>(?,?))"),
                Arguments.of(valid, STATUSES + " AND (not_after,issuer,serial)>(?,?,?))"),
                Arguments.of(
                        all.expiring(NOW, NOW),
                        STATUSES + " AND (not_after,issuer,serial)>(?,?,?) AND not_after<?)"),
                Arguments.of(product, DEVICES + "(device_key,not_after,issuer,serial)>(?,?,?,?))"),
                Arguments.of(
                        product.expiring(NOW, NOW),
                        DEVICES + "(device_key,not_after,issuer,serial)>(?,?,?,?))"),
                Arguments.of(
                        device, DEVICES + "device_key=? AND (not_after,issuer,serial)>(?,?,?))"),
                Arguments.of(
                        device.expiring(NOW, NOW),
                        DEVICES
                                + "device_key=? AND (not_after,issuer,serial)>(?,?,?) AND"
                                + " not_after<?)"));
    }

    @ParameterizedTest
    @MethodSource("searches")
    void anIndexLeadsFromThePositionOn(CertificateSearch search, String index) {
        CertificatePlan next = CertificatePlan.of(search, Optional.of(position()));
        CertificatePlan first = CertificatePlan.of(search, Optional.empty());

        assertThat(explain(next.sql(), next.arguments())).containsExactly(search(index));
        assertThat(explain(first.sql(), first.arguments()))
                .singleElement()
                .asString()
                .startsWith(search(index.substring(0, index.indexOf(' '))));
    }

    private static Certificate position() {
        return new Certificate(
                reservation(1, DEVICE),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static String search(String index) {
        return "SEARCH certificate USING INDEX " + index;
    }

    @Test
    void aSignInIsOneReadByAnIndex() {
        assertThat(explain(Queries.BY_FINGERPRINT, Map.of()))
                .containsExactly(search("certificate_fingerprint (fingerprint=?)"));
    }

    @Test
    void keysAndDevicesAreFoundByTheirIndexes() {
        assertThat(explain(Queries.BY_PUBLIC_KEY, Map.of()))
                .containsExactly(search("certificate_public_key (public_key=?)"));
        assertThat(explain(Queries.COMPROMISED, Map.of()))
                .containsExactly(search("certificate_public_key (public_key=?)"));
        assertThat(explain(Queries.LIVE, Map.of()))
                .containsExactly(search(DEVICES + "device_key=? AND not_after>?)"));
    }

    /** A million of them are read without looking for each. */
    @Test
    void theRevokedCertificatesOfAnIssuerAreReadFromTheirIndexAlone() {
        assertThat(explain(Queries.REVOKED, Map.of()))
                .containsExactly(
                        "SEARCH certificate USING COVERING INDEX certificate_revocation"
                                + " (issuer=? AND (revocation,serial)>(?,?))");
    }

    @Test
    void whatIsReservedIsFoundAmongTheOthers() {
        assertThat(
                        explain(
                                "UPDATE certificate SET status = 2 WHERE status <> 2 AND "
                                        + Queries.RESERVED,
                                Map.of()))
                .noneSatisfy(step -> assertThat(step).contains("SCAN certificate"))
                .anySatisfy(step -> assertThat(step).contains(STATUSES));
    }

    private static List<String> explain(String sql, Map<String, ?> arguments) {
        return Objects.requireNonNull(database)
                .read(
                        "explain",
                        handle -> {
                            var query =
                                    handle.createQuery("EXPLAIN QUERY PLAN " + sql)
                                            .bindMap(arguments);
                            Stream.of(
                                            "fingerprint",
                                            "publicKey",
                                            "productKey",
                                            "deviceKey",
                                            "issuer",
                                            "serial",
                                            "number",
                                            "now",
                                            "before",
                                            "limit")
                                    .filter(name -> sql.contains(":" + name))
                                    .filter(name -> !arguments.containsKey(name))
                                    .forEach(name -> query.bind(name, 10));
                            return query.map((row, context) -> row.getString("detail")).list();
                        });
    }
}
