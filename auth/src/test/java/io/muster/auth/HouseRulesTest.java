package io.muster.auth;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import io.muster.devices.application.ApplicationUpgrade;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import org.junit.jupiter.api.Test;

/** The walls of this module. */
class HouseRulesTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.muster.auth", "io.muster.devices");

    private static final Class<?>[] DEVICE_VALUES_AND_LOOKUPS = {
        Application.class,
        Application.Standing.class,
        ApplicationLookup.class,
        ApplicationUpgrade.class,
        Device.class,
        DeviceId.class,
        DeviceLookup.class,
        DeviceState.class,
        DeviceStatus.class,
        NotFoundException.class,
        Product.class,
        RegistryUnavailableException.class,
        RotatingSecret.class,
        RotatingSecret.Previous.class,
        Secret.class,
        Role.class,
        RoleRule.class,
        Effect.class,
        Use.class
    };

    @Test
    void importsOnlyTheSpiAndFewLibraries() {
        classes()
                .that()
                .resideInAPackage("io.muster.auth..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.auth..",
                        "io.muster.devices",
                        "io.muster.devices.application",
                        "io.muster.devices.certificate",
                        "io.muster.devices.product",
                        "io.muster.devices.roles",
                        "io.muster.devices.topics",
                        "com.github.benmanes.caffeine.cache",
                        "org.bouncycastle..",
                        "com.ongres.scram.common..",
                        "java..",
                        "javax.crypto..",
                        "javax.naming..",
                        "javax.net.ssl",
                        "javax.security.auth.x500",
                        "org.jspecify.annotations",
                        "org.slf4j")
                .check(CLASSES);
    }

    @Test
    void knowsTheRegistryOnlyByItsValuesAndLookUps() {
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.muster.devices..")
                                .and(not(resideInAPackage("io.muster.devices.certificate")))
                                .and(not(resideInAPackage("io.muster.devices.product")))
                                .and(not(belongToAnyOf(DEVICE_VALUES_AND_LOOKUPS))))
                .check(CLASSES);
    }

    @Test
    void hashesPasswordsInOneRoomOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.muster.auth.application")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle..", "com.ongres.scram..")
                .check(CLASSES);
    }

    @Test
    void theKindsOfSignInDoNotKnowEachOtherAndTheChainKnowsNone() {
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth.secret")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.muster.auth.application", "io.muster.auth.x509..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth.application")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.muster.auth.secret", "io.muster.auth.x509..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth.x509..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.muster.auth.secret", "io.muster.auth.application")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.auth.secret",
                        "io.muster.auth.application",
                        "io.muster.auth.roles",
                        "io.muster.auth.x509..",
                        "io.muster.auth.guard")
                .check(CLASSES);
    }

    @Test
    void theGuardKnowsNoKindOfSignInAndNoDevices() {
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth.guard")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.auth.secret",
                        "io.muster.auth.application",
                        "io.muster.auth.x509..",
                        "io.muster.devices..")
                .check(CLASSES);
    }

    /** What judges certificates is told everything: it looks nowhere, and asks nobody. */
    @Test
    void certificatesAreJudgedByTheJdkAloneAndWhoFetchesListsIsNotAsked() {
        classes()
                .that()
                .resideInAPackage("io.muster.auth.x509..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.auth.x509..",
                        "com.github.benmanes.caffeine.cache",
                        "java..",
                        "javax.net.ssl",
                        "javax.security.auth.x500",
                        "org.jspecify.annotations",
                        "org.slf4j")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.muster.auth.x509..")
                .and()
                .resideOutsideOfPackage("io.muster.auth.x509.source")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.auth.x509.source", "java.net.http", "java.nio.file..")
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("io.muster.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
