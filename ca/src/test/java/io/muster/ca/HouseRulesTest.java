package io.muster.ca;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls of this module. */
class HouseRulesTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.muster");

    @Test
    void knowsNoOtherModuleAndNoLibraryButOne() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.muster.ca..",
                        "org.bouncycastle..",
                        "java..",
                        "javax.crypto..",
                        "javax.security..",
                        "org.jspecify.annotations",
                        "org.slf4j")
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("io.muster.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
