package io.muster.devices.registry.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What revocations do is tested where they are used: {@code CertificateRevocationsTest}. */
class RevocationsTest {

    @Test
    void theCertificatesOfDeletedDevicesAreFoundByTheirOwners(@TempDir Path folder)
            throws IOException {
        try (RegistryDatabase database = TestDatabase.SQLITE.open(folder)) {
            List<String> plan =
                    database.read(
                            "explain",
                            handle ->
                                    handle.createQuery(
                                                    "EXPLAIN QUERY PLAN SELECT serial"
                                                            + " FROM certificate WHERE status <> 2 AND "
                                                            + Revocations.OF_OWNERS)
                                            .bindList("owners", List.of("a", "b"))
                                            .bind("endingFrom", 1)
                                            .map((row, context) -> row.getString("detail"))
                                            .list());

            assertThat(plan)
                    .containsExactly(
                            "SEARCH certificate USING INDEX certificate_owner"
                                    + " (owner=? AND not_after>?)");
        }
    }
}
