package io.muster.broker;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rule of ARCHITECTURE.md for this module: who may know whom. */
class HouseRulesTest {

    private static final String ROOT = "io.muster.broker";

    /** From the door to the cellar; each may know those after it. */
    private static final List<String> ROOMS =
            List.of(
                    "net",
                    "protocol",
                    "session",
                    "routing",
                    "topic",
                    "pace",
                    "spi",
                    "message",
                    "log");

    /** The rooms of the protocol, likewise, with the door before them. */
    private static final List<String> PROTOCOL_ROOMS =
            List.of(
                    "net",
                    "protocol.connect",
                    "protocol",
                    "protocol.decode",
                    "protocol.packet",
                    "protocol.compression");

    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

    static Stream<String> rooms() {
        return ROOMS.stream();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void importsRunDownwardsOnly(String room) {
        String[] above =
                Stream.concat(ROOMS.subList(0, ROOMS.indexOf(room)).stream(), Stream.of(""))
                        .map(each -> each.isEmpty() ? ROOT : ROOT + "." + each + "..")
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(above)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    static Stream<String> protocolRooms() {
        return PROTOCOL_ROOMS.stream();
    }

    /** Here each room is a package alone, without those below it. */
    @ParameterizedTest
    @MethodSource("protocolRooms")
    void importsRunDownwardsWithinTheProtocolToo(String room) {
        List<String> aboveIt = PROTOCOL_ROOMS.subList(0, PROTOCOL_ROOMS.indexOf(room));
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        Stream.concat(
                                        aboveIt.stream().map(each -> ROOT + "." + each),
                                        Stream.of(ROOT))
                                .toArray(String[]::new))
                .check(CLASSES);
        assertThat(CLASSES.containPackage(ROOT + "." + room)).isTrue();
    }

    @Test
    void hasNoPackageCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void countsWithoutKnowingWhatIsCounted() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT, ROOT + ".net..", ROOT + ".protocol..", ROOT + ".session..")
                .allowEmptyShould(true)
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + ".routing..",
                        ROOT + ".topic..",
                        ROOT + ".spi..",
                        ROOT + ".message..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".metrics..")
                .check(CLASSES);
    }

    /** The figures under {@code $SYS} are looked at from aside: no path leads through that room. */
    @Test
    void onlyTheAssemblyKnowsTheSystemTopics() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".sys..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".sys..")
                .check(CLASSES);
        classes()
                .that()
                .resideInAPackage(ROOT + ".sys..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                ROOT + ".sys..",
                                ROOT + ".metrics..",
                                ROOT + ".message..",
                                "org.slf4j..",
                                "org.jspecify..",
                                "java.."))
                .check(CLASSES);
    }

    @Test
    void keepsChannelsInNet() {
        noClasses()
                .that(
                        not(resideInAnyPackage(ROOT, ROOT + ".net.."))
                                .as("classes outside of net and the root"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel..")
                .check(CLASSES);
    }

    @Test
    void keepsNettyInNetAndProtocol() {
        noClasses()
                .that(
                        not(resideInAnyPackage(ROOT, ROOT + ".net..", ROOT + ".protocol.."))
                                .as("classes outside of net, protocol and the root"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.handler..")
                .check(CLASSES);
    }

    @Test
    void dependsOnNothingElse() {
        classes()
                .that(alwaysTrue())
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                        ROOT + "..",
                                        "io.muster.auth.spi..",
                                        "io.netty..",
                                        "io.micrometer..",
                                        "org.jctools..",
                                        "net.jpountz..",
                                        "org.slf4j..",
                                        "org.jspecify..")
                                .or(
                                        resideInAnyPackage(
                                                "java..",
                                                "javax.net.ssl..",
                                                "javax.security.auth.x500..")))
                .check(CLASSES);
    }

    /** It is full of native code, and the wrong call would load it. */
    @Test
    void asksTheLibraryOfLz4ForNothingNativeNorUnsafe() {
        noClasses()
                .that(not(resideInAPackage(ROOT + ".protocol.compression")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("net.jpountz..")
                .check(CLASSES);
        noClasses()
                .should(
                        callMethodWhere(
                                target(owner(resideInAPackage("net.jpountz..")))
                                        .and(target(nameMatching("(fastest|native|unsafe).*")))))
                .check(CLASSES);
    }

    /** The other queues of JCTools reach for Unsafe, of whose use Java 24 and later warn. */
    @Test
    void usesNoQueueThatNeedsUnsafe() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.jctools..")
                                .and(not(resideInAPackage("org.jctools.queues.atomic.."))))
                .check(CLASSES);
    }

    @Test
    void looksAtTheWholeModule() {
        assertThat(CLASSES).hasSizeGreaterThan(20);
        assertThat(CLASSES.contain(Broker.class)).isTrue();
        assertThat(CLASSES.contain(HouseRulesTest.class)).as("tests are not looked at").isFalse();
    }
}
