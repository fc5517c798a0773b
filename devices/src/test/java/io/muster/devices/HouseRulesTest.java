package io.muster.devices;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may enter which room. */
class HouseRulesTest {

    private static final JavaClasses HOUSE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.muster.devices");

    @Test
    void dependsOnTheDatabaseStackAndCaffeineOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.devices..",
                        "java..",
                        "javax.crypto..",
                        "javax.sql..",
                        "com.github.benmanes.caffeine.cache..",
                        "org.jdbi.v3.core..",
                        "com.zaxxer.hikari..",
                        "org.flywaydb.core..",
                        "org.sqlite..",
                        "org.slf4j..",
                        "org.jspecify.annotations..")
                .check(HOUSE);
    }

    @Test
    void keepsValuesBelowTheRegistryAndTheRegistryBelowTheDirectory() {
        noClasses()
                .that()
                .resideInAnyPackage("io.muster.devices", "io.muster.devices.application")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.muster.devices.registry..", "io.muster.devices.directory..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideInAPackage("io.muster.devices.product..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.devices",
                        "io.muster.devices.registry..",
                        "io.muster.devices.directory..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideInAPackage("io.muster.devices.registry..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.muster.devices.directory..")
                .check(HOUSE);
        slices().matching("io.muster.(devices..)").should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void keepsSqlInTheRegistryAndCachesInTheDirectory() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.muster.devices.registry..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..", "javax.sql..", "org.jdbi..", "com.zaxxer..", "org.flywaydb..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.muster.devices.registry.sqlite")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.sqlite..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.muster.devices.directory..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.github.benmanes.caffeine..")
                .check(HOUSE);
    }
}
