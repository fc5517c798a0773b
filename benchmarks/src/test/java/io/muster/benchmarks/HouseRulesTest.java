package io.muster.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The rule of ARCHITECTURE.md for this module: it measures the broker, and nothing else. */
class HouseRulesTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new DoNotIncludeTests())
                    .importPackages("io.muster.benchmarks");

    @Test
    void knowsTheBrokerAndFewLibraries() {
        classes()
                .that(DescribedPredicate.describe("are ours", HouseRulesTest::isOurs))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "io.muster.benchmarks..",
                        "io.muster.broker..",
                        "io.muster.auth.spi..",
                        "io.micrometer.core..",
                        "io.netty.buffer..",
                        "org.jspecify.annotations..",
                        "org.openjdk.jmh..")
                .check(CLASSES);
        assertThat(CLASSES.contain(PointToPoint.class)).isTrue();
    }

    private static boolean isOurs(JavaClass type) {
        return !type.getPackageName().contains("jmh_generated");
    }
}
