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
    private static final String OWNERS = "certificate_owner (";
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
                Arguments.of(
                        product, OWNERS + "(owner,not_after,issuer,serial)>(?,?,?,?) AND owner<?)"),
                Arguments.of(
                        product.expiring(NOW, NOW),
                        OWNERS + "(owner,not_after,issuer,serial)>(?,?,?,?) AND owner<?)"),
                Arguments.of(device, OWNERS + "owner=? AND (not_after,issuer,serial)>(?,?,?))"),
                Arguments.of(
                        device.expiring(NOW, NOW),
                        OWNERS
                                + "owner=? AND (not_after,issuer,serial)>(?,?,?) AND"
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
    void keysOwnersAndRenewalsAreFoundByTheirIndexes() {
        assertThat(explain(Queries.BY_PUBLIC_KEY, Map.of()))
                .contains(search("certificate_public_key (public_key=?)"))
                .noneSatisfy(step -> assertThat(step).contains("SCAN"));
        assertThat(explain(Queries.COMPROMISED, Map.of()))
                .containsExactly(
                        "SEARCH compromised_key USING COVERING INDEX"
                                + " sqlite_autoindex_compromised_key_1 (public_key=?)");
        assertThat(explain(Queries.RENEWED_BY_KEY, Map.of()))
                .anyMatch(step -> step.startsWith(search("certificate_renews (renews=?")))
                .contains(search("certificate_public_key (public_key=?)"))
                .noneMatch(step -> step.contains("SCAN certificate"));
        assertThat(explain(Queries.LIVE, Map.of()))
                .containsExactly(search(OWNERS + "owner=? AND not_after>?)"));
        assertThat(explain(Queries.CERTIFIED.replace("<owners>", "'a', 'b'"), Map.of()))
                .contains(search(OWNERS + "owner=? AND not_after>?)"))
                .noneMatch(step -> step.contains("SCAN certificate"));
        assertThat(explain(Queries.ADMISSION.replace(":max", "2"), Map.of()))
                .contains(search("certificate_public_key (public_key=?)"))
                .anyMatch(step -> step.contains("certificate_owner (owner=? AND not_after>?)"))
                .noneMatch(step -> step.contains("SCAN certificate"))
                .noneMatch(step -> step.contains("SCAN adopted"));
        assertThat(explain(Queries.BY_SERIAL, Map.of()))
                .containsExactly(search(OWNERS + "owner=?)"));
        assertThat(explain(Queries.REPLACED, Map.of()))
                .containsExactly(
                        search(
                                "certificate_replaced (status=? AND replaced_at>? AND replaced_at<?)"));
    }

    /** A million of them are read without looking for each; only two pages are put in order. */
    @Test
    void theRevokedCertificatesOfAnIssuerAreReadFromTheirIndexesAlone() {
        assertThat(explain(Queries.REVOKED, Map.of()))
                .filteredOn(step -> step.contains("SEARCH"))
                .containsExactly(
                        "SEARCH certificate USING COVERING INDEX certificate_revocation"
                                + " (issuer=? AND (revocation,serial)>(?,?))",
                        "SEARCH adopted_revocation USING COVERING INDEX adopted_revocation_order"
                                + " (issuer=? AND (revocation,serial)>(?,?))");
        assertThat(explain(Queries.REVOKED, Map.of()))
                .noneSatisfy(step -> assertThat(step).contains("SCAN certificate"))
                .noneSatisfy(step -> assertThat(step).contains("SCAN adopted_revocation"));
    }

    @Test
    void certificatesThatAreNamedAreFoundByTheirNames() {
        assertThat(
                        explain(
                                "SELECT status FROM certificate"
                                        + " WHERE (issuer, serial) IN (VALUES (1, 2), (3, 4))",
                                Map.of()))
                .noneSatisfy(step -> assertThat(step).contains("SCAN certificate"))
                .contains(search(NAMES + "(issuer=? AND serial=?)"));
    }

    @Test
    void thoseOfAnIssuerAreFoundByTheirNamesInOrder() {
        assertThat(explain(Queries.OF_ISSUER, Map.of()))
                .containsExactly(search(NAMES + "(issuer=? AND serial>?)"));
        assertThat(explain(Queries.GOOD_AMONG.replace("<serials>", "'a', 'b'"), Map.of()))
                .containsExactly(search(NAMES + "(issuer=? AND serial=?)"));
    }

    @Test
    void whatIsReservedIsFoundAmongTheOthers() {
        assertThat(explain(Queries.RESERVED, Map.of()))
                .singleElement()
                .asString()
                .contains(STATUSES);
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
                                            "owner",
                                            "since",
                                            "issuer",
                                            "serial",
                                            "number",
                                            "now",
                                            "before",
                                            "after",
                                            "limit")
                                    .filter(name -> sql.contains(":" + name))
                                    .filter(name -> !arguments.containsKey(name))
                                    .forEach(name -> query.bind(name, 10));
                            return query.map((row, context) -> row.getString("detail")).list();
                        });
    }
}
