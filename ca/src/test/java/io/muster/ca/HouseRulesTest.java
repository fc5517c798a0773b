package io.muster.ca;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.muster.ca.key.SigningKey;
import java.util.Map;
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

    /** Whoever signs has looked at what is signed: there is no "sign these bytes". */
    @Test
    void onlyWhatMakesCertificatesListsAndAnswersAsAKeyToSign() {
        DescribedPredicate<JavaCall<?>> asksForASigner =
                describe(
                        "SigningKey.signer()",
                        call ->
                                call.getTarget().getName().equals("signer")
                                        && call.getTargetOwner().isAssignableTo(SigningKey.class));
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.muster.ca.issuance",
                        "io.muster.ca.crl",
                        "io.muster.ca.ocsp",
                        "io.muster.ca.key")
                .should()
                .callCodeUnitWhere(asksForASigner)
                .check(CLASSES);
    }

    @Test
    void noPackageHasMoreThanSixteenFiles() {
        Map<String, Long> files =
                CLASSES.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .collect(groupingBy(JavaClass::getPackageName, counting()));

        assertThat(files)
                .containsKeys("io.muster.ca.crl", "io.muster.ca.key")
                .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(16L));
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("io.muster.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
