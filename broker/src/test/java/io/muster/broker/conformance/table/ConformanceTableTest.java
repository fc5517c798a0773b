package io.muster.broker.conformance.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Writes the table to {@code target/conformance.md} and compares it with the one in {@code docs}.
 * Runs after all other tests, since it tells how they ended; if only some of them were asked for
 * with {@code -Dtest}, it does nothing.
 */
@Order(Integer.MAX_VALUE)
class ConformanceTableTest {

    private static final Path MODULE = Path.of(System.getProperty("basedir", ""));
    private static final Path DOCUMENT = MODULE.resolve("../docs/conformance.md");

    private static final String HOW_TO_UPDATE =
            "docs/conformance.md is not what the tests and lists of statements make; write it anew"
                    + " with ./mvnw verify -pl broker -am -Dconformance.update";

    @Test
    void theTableInTheDocumentsIsUpToDate() throws IOException {
        List<NormativeTest> tests = NormativeTest.all();
        boolean someWereChosen = System.getProperty("test") != null;
        assumeTrue(
                !someWereChosen
                        || tests.stream().allMatch(test -> TestResults.of(test).isPresent()),
                "only some tests of the conformance kit ran");
        String table = new ConformanceTable(tests, TestResults::of).text();
        Path target = MODULE.resolve("target/conformance.md");
        Files.createDirectories(target.toAbsolutePath().getParent());
        Files.writeString(target, table);
        if (System.getProperty("conformance.update") != null) {
            Files.writeString(DOCUMENT, table);
        }
        assertThat(DOCUMENT).as(HOW_TO_UPDATE).exists();
        assertThat(Files.readString(DOCUMENT)).as(HOW_TO_UPDATE).isEqualTo(table);
    }
}
