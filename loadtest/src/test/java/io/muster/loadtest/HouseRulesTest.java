package io.muster.loadtest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The load tester speaks over the wire only: it imports nothing of ours. */
class HouseRulesTest {

    private final JavaClasses ours =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.muster.loadtest..");

    @Test
    void importsNothingOfOursAndFewLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "io.muster.loadtest..",
                        "io.netty..",
                        "org.HdrHistogram",
                        "picocli",
                        "javax.net.ssl",
                        "org.eclipse.paho.client.mqttv3..",
                        "com.fasterxml.jackson..",
                        "org.bouncycastle..",
                        "org.jspecify.annotations")
                .check(ours);
    }

    @Test
    void importsRunOneWay() {
        slices().matching("io.muster.loadtest.(*)..").should().beFreeOfCycles().check(ours);
    }

    /** The embedder needs the command, and says which hub it is. */
    @Test
    void opensOnlyItsCommand() {
        assertThat(ours)
                .filteredOn(type -> type.isTopLevelClass())
                .filteredOn(type -> type.getPackageName().equals("io.muster.loadtest"))
                .filteredOn(type -> type.getModifiers().toString().contains("PUBLIC"))
                .extracting(type -> type.getSimpleName())
                .containsExactlyInAnyOrder("LoadTestCommand");
    }
}
