package io.muster.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The rule of ARCHITECTURE.md for this module: it measures the broker and those who sign in. */
class HouseRulesTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new DoNotIncludeTests())
                    .importPackages("io.muster.benchmarks");

    @Test
    void knowsTheBrokerSignInAndFewLibraries() {
        classes()
                .that(DescribedPredicate.describe("are ours", HouseRulesTest::isOurs))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.management..",
                        "io.muster.benchmarks..",
                        "io.muster.broker..",
                        "io.muster.auth.secret..",
                        "io.muster.auth.spi..",
                        "io.muster.auth.x509..",
                        "io.muster.devices",
                        "io.muster.devices.details",
                        "io.muster.devices.directory",
                        "io.muster.devices.product",
                        "io.muster.devices.registry..",
                        "com.github.benmanes.caffeine.cache",
                        "io.micrometer.core..",
                        "io.netty.bootstrap..",
                        "io.netty.buffer..",
                        "io.netty.channel..",
                        "io.netty.util..",
                        "org.jspecify.annotations..",
                        "org.openjdk.jmh..")
                .check(CLASSES);
        assertThat(CLASSES.contain(PointToPoint.class)).isTrue();
    }

    private static boolean isOurs(JavaClass type) {
        return !type.getPackageName().contains("jmh_generated");
    }
}
