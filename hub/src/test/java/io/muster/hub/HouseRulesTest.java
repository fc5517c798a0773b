package io.muster.hub;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HouseRulesTest {

    private static final JavaClasses HUB =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.muster.hub");

    @Test
    void thereIsSomethingToCheck() {
        assertThat(HUB.size()).isGreaterThan(10);
    }

    @Test
    void noPackagesDependOnEachOtherInACircle() {
        slices().matching("io.muster.(hub..)").should().beFreeOfCycles().check(HUB);
    }

    /** Of the hub, and of all that it is made of. */
    @Test
    void noPackageHasMoreThanSixteenFiles() {
        Map<String, Long> files =
                new ClassFileImporter()
                                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                                .withImportOption(jar -> !jar.contains("-tests.jar"))
                                .importPackages("io.muster")
                                .stream()
                                .filter(JavaClass::isTopLevelClass)
                                .filter(type -> !type.getSimpleName().equals("package-info"))
                                .collect(groupingBy(JavaClass::getPackageName, counting()));

        assertThat(files)
                .containsKeys("io.muster.broker.net", "io.muster.devices.registry")
                .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(16L));
    }

    @Test
    void onlyTheManagementApiSpeaksHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.muster.hub.api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..")
                .check(HUB);
    }

    @Test
    void theManagementApiDoesNotKnowTheAssembly() {
        noClasses()
                .that()
                .resideInAnyPackage("io.muster.hub.api..", "io.muster.hub.monitoring")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.muster.hub", "io.muster.hub.cli..")
                .check(HUB);
    }

    @Test
    void theConfigurationKnowsNoOtherRoomOfTheHub() {
        classes()
                .that()
                .resideInAPackage("io.muster.hub.config")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.muster.hub",
                        "io.muster.hub.api..",
                        "io.muster.hub.cli..",
                        "io.muster.hub.monitoring")
                .check(HUB);
    }

    @Test
    void nothingInTheHubSpeaksToADatabaseOrANetworkChannelItself() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.jdbi..", "io.netty..")
                .check(HUB);
    }

    @Test
    void theCommandLineReachesARunningHubOnlyThroughItsDoors() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.muster.hub.cli..", "io.muster.hub.client", "io.muster.hub.demo")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.hub.api..",
                        "io.muster.hub.monitoring",
                        "io.muster.devices.registry..",
                        "io.muster.devices.directory")
                .check(HUB);
    }

    @Test
    void theClientsOfTheHubKnowNothingOfItsInside() {
        noClasses()
                .that()
                .resideInAnyPackage("io.muster.hub.client", "io.muster.hub.demo")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.hub",
                        "io.muster.hub.config",
                        "io.muster.hub.cli..",
                        "io.muster.broker..")
                .check(HUB);
    }
}
