package io.muster.auth.spi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What keeps this jar small enough for strangers to compile against. */
class HouseRulesTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.muster");

    @Test
    void needsNothingButTheJdk() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.muster.auth.spi", "java..", "org.jspecify.annotations")
                .check(CLASSES);
    }

    @Test
    void hasAtMostEightTypes() {
        assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass))
                .extracting(JavaClass::getSimpleName)
                .filteredOn(name -> !name.equals("package-info"))
                .hasSizeBetween(1, 8);
    }

    @Test
    void hasAtMostTwoHundredLinesOfCode() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        long lines = 0;
        for (Path source : sources) {
            lines += Files.readAllLines(source).stream().filter(HouseRulesTest::isCode).count();
        }
        assertThat(lines).isBetween(1L, 200L);
    }

    private static boolean isCode(String line) {
        String text = line.strip();
        return !text.isEmpty()
                && !text.startsWith("//")
                && !text.startsWith("/*")
                && !text.startsWith("*");
    }
}
