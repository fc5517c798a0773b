package io.muster.hub.certificates.signin;

import static io.muster.hub.certificates.signin.EnrolledStage.KEPT;
import static io.muster.hub.certificates.signin.EnrolledStage.NEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.PublishedCrl;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.hub.certificates.signin.EnrolledStage.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a process leaves on the disk that is killed while it issues or revokes, between each two
 * steps of that: whoever starts on that finds all that was answered, and nothing that is half done.
 * One process does both, and stands still before each step; what is on the disk then is copied.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class KilledBetweenStepsTest {

    private static final Pattern LIST = Pattern.compile(".*/([^/]+/\\d+)/crl\\.(\\d+)");

    private static Path root = Path.of(".");

    /** What had been answered when the process came to a step. */
    private static final Map<Step, List<String>> ANSWERS = new EnumMap<>(Step.class);

    /** What is left of the certificate that was worked on. */
    private enum Left {
        /** It was never heard of. */
        NOTHING,
        /** It is good, and its device's. */
        GOOD,
        /** It is revoked, refused, and on a list. */
        REVOKED
    }

    /** What is next; all steps before it were done. */
    private enum Step {
        TO_RESERVE(Work.ISSUE, "hub.certificates.ledger.RegistryLedger.reserve", Left.NOTHING),
        TO_NOTE_THE_INTENT(Work.ISSUE, "ca.authority.AuthorityAudit.reserved", Left.REVOKED),
        TO_SIGN(Work.ISSUE, "ca.issuance.CertificateIssuer.issue", Left.REVOKED),
        TO_LOOK_AT_WHAT_IS_SIGNED(
                Work.ISSUE, "ca.issuance.CertificateIssuer.isSignedBy", Left.REVOKED),
        TO_AUDIT_THE_CERTIFICATE(Work.ISSUE, "ca.authority.AuthorityAudit.issued", Left.REVOKED),
        TO_RECORD(Work.ISSUE, "hub.certificates.ledger.RegistryLedger.record", Left.REVOKED),
        TO_HAND_OVER(Work.ISSUE, "hub.monitoring.CertificateMetrics.issued", Left.GOOD),
        TO_ANSWER_WHO_ASKED(Work.ISSUE, "hub.certificates.signin.EnrolledStage.tell", Left.GOOD),

        TO_REVOKE(
                Work.REVOKE,
                "devices.registry.certificates.CertificateRevocations.revoke",
                Left.GOOD),
        TO_SHUT_OUT(
                Work.REVOKE,
                "hub.certificates.signin.CertificateConnections.revoked",
                Left.REVOKED),
        TO_CLOSE_CONNECTIONS(
                Work.REVOKE, "hub.certificates.signin.CertificateConnections.expel", Left.REVOKED),
        TO_END_THE_SESSION(
                Work.REVOKE, "hub.certificates.signin.CertificateSessions.revoked", Left.REVOKED),
        TO_AUDIT_THE_REVOCATION(
                Work.REVOKE,
                "hub.certificates.revocation.RevocationConsequences.tell",
                Left.REVOKED),
        TO_TAKE_A_NUMBER(
                Work.REVOKE, "hub.certificates.ledger.RegistryCrls.nextNumber", Left.REVOKED),
        TO_SIGN_THE_LIST(Work.REVOKE, "ca.crl.CrlIssuer.issue", Left.REVOKED),
        TO_WRITE_THE_LIST(Work.REVOKE, "ca.crl.CrlFiles$Disk.write", Left.REVOKED),
        TO_FORCE_THE_LIST(Work.REVOKE, "ca.crl.CrlFiles$Disk.force", Left.REVOKED),
        TO_READ_THE_LIST_BACK(Work.REVOKE, "ca.crl.CrlReader.read", Left.REVOKED),
        TO_RENAME_THE_LIST(Work.REVOKE, "ca.crl.CrlFiles$Disk.move", Left.REVOKED),
        TO_FORCE_THE_NAME(Work.REVOKE, "ca.crl.CrlFiles$Disk.forceFolder", Left.REVOKED),
        TO_SERVE_THE_LIST(Work.REVOKE, "ca.crl.CrlFolder.tidy", Left.REVOKED),
        TO_AUDIT_THE_LIST(Work.REVOKE, "ca.crl.CrlPartition.record", Left.REVOKED),
        TO_ANSWER_WHO_REVOKED(
                Work.REVOKE, "hub.certificates.signin.EnrolledStage.tell", Left.REVOKED);

        private final Work work;

        /** Which method does that, below our packages. */
        private final String method;

        private final Left left;

        Step(Work work, String method, Left left) {
            this.work = work;
            this.method = method;
            this.left = left;
        }

        static EnumSet<Step> of(Work work) {
            EnumSet<Step> all = EnumSet.allOf(Step.class);
            all.removeIf(step -> step.work != work);
            return all;
        }

        String place() {
            return "io.muster." + method;
        }

        String type() {
            return place().substring(0, place().lastIndexOf('.'));
        }

        String methodName() {
            return method.substring(method.lastIndexOf('.') + 1);
        }

        Path folder() {
            return root.resolve(name());
        }
    }

    @BeforeAll
    static void goThroughAllSteps(@TempDir Path temporary) throws Exception {
        root = temporary;
        Path folder = Files.createDirectory(root.resolve("data"));
        Path errors = root.resolve("errors.txt");
        try (WatchedProgram program =
                WatchedProgram.start(EnrolledStage.class, errors, folder.toString())) {
            List<String> answers = new ArrayList<>(program.until("READY"));
            for (Work work : Work.values()) {
                EnumSet<Step> left = Step.of(work);
                left.forEach(step -> program.stopAt(step.type(), step.methodName()));
                program.tell(work.name());
                while (!left.isEmpty()) {
                    String where = program.awaitStop();
                    Optional<Step> step =
                            left.stream().filter(each -> where.equals(each.place())).findAny();
                    program.goOnAfter(() -> step.ifPresent(each -> copy(folder, each.folder())));
                    step.ifPresent(
                            each -> {
                                left.remove(each);
                                ANSWERS.put(each, List.copyOf(answers));
                            });
                }
                answers.addAll(program.until("DONE"));
            }
        }
        assertThat(errors).content().doesNotContain("Exception");
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(
                        each,
                        to.resolve(from.relativize(each)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAnsweredHoldsAndNothingIsHalfDone(Step step) throws Exception {
        Map<CertificateId, String> issued = new HashMap<>();
        Set<CertificateId> revoked = new HashSet<>();
        for (String answer : Objects.requireNonNull(ANSWERS.get(step))) {
            String[] words = answer.split(" ", -1);
            CertificateId id = CertificateId.parse(words[1]);
            if (words[0].equals("ISSUED")) {
                issued.put(id, words[2]);
            } else {
                revoked.add(id);
            }
        }
        assertThat(revoked).isNotEmpty();
        Map<String, Long> numbers = numbersOfFiles(step.folder());
        try (EnrolledStage stage = new EnrolledStage(step.folder())) {
            stage.authority().audit().verifySealed();
            requireLeft(stage, step);
            issued.forEach((id, print) -> requireBound(stage, stage.find(id), print));
            revoked.forEach(id -> requireRevoked(stage, stage.find(id)));
            requireNoNumberBack(numbers, stage);
            requireWork(stage, numbers);
        }
    }

    private static void requireLeft(EnrolledStage stage, Step step) {
        List<Certificate> found = stage.of(step.work == Work.ISSUE ? NEXT : KEPT);
        if (step.left == Left.NOTHING) {
            assertThat(found).isEmpty();
            return;
        }
        assertThat(found).hasSize(1);
        Certificate certificate = found.get(0);
        if (step.left == Left.GOOD) {
            assertThat(certificate.status()).isEqualTo(CertificateStatus.VALID);
            requireBound(
                    stage,
                    certificate,
                    certificate.issuance().orElseThrow().fingerprint().toString());
            assertThat(stage.judged(certificate.id()))
                    .isInstanceOf(CertificateVerdict.Accepted.class);
        } else {
            requireRevoked(stage, certificate);
        }
    }

    /** It is of the device that it was issued for, and its bytes say so. */
    private static void requireBound(EnrolledStage stage, Certificate certificate, String print) {
        assertThat(certificate.issuance().orElseThrow().fingerprint()).hasToString(print);
        assertThat(stage.bound(certificate)).isPresent().isEqualTo(certificate.device());
    }

    private static void requireRevoked(EnrolledStage stage, Certificate certificate) {
        CertificateId id = certificate.id();
        assertThat(certificate.status()).as("%s", id).isEqualTo(CertificateStatus.REVOKED);
        assertThat(stage.authority().lists().published(IssuerId.parse(id.issuer())))
                .as("%s is on a list", id)
                .anyMatch(list -> list.contains(SerialNumber.parse(id.serial())));
        if (certificate.issuance().isPresent()) {
            assertThat(stage.judged(id))
                    .isInstanceOfSatisfying(
                            CertificateVerdict.Refused.class,
                            refused -> assertThat(refused.cause()).isEqualTo(RefusalCause.REVOKED));
        }
    }

    /** The files of lists that have their names. */
    private static Map<String, Long> numbersOfFiles(Path folder) throws IOException {
        Map<String, Long> numbers = new HashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.map(file -> LIST.matcher(file.toString()))
                    .filter(Matcher::matches)
                    .forEach(
                            list ->
                                    numbers.merge(
                                            list.group(1), Long.valueOf(list.group(2)), Math::max));
        }
        assertThat(numbers).isNotEmpty();
        return numbers;
    }

    private static void requireNoNumberBack(Map<String, Long> before, EnrolledStage stage) {
        Map<String, Long> served = new HashMap<>();
        for (IssuerId issuer : stage.authority().issuers()) {
            for (PublishedCrl list : stage.authority().lists().published(issuer)) {
                served.put(issuer + "/" + list.partition(), list.number());
            }
        }
        assertThat(served).hasSameSizeAs(before);
        assertThat(before)
                .allSatisfy(
                        (list, number) ->
                                assertThat(served.get(list))
                                        .as(list)
                                        .isGreaterThanOrEqualTo(number));
    }

    /** Another one is issued and revoked, on a list with a number that none had before. */
    private static void requireWork(EnrolledStage stage, Map<String, Long> before) {
        CertificateId id = stage.enrol("another");
        assertThat(stage.judged(id)).isInstanceOf(CertificateVerdict.Accepted.class);
        long number = stage.revoke(id).crlNumber().orElseThrow();
        int partition =
                stage.authority().lists().published(IssuerId.parse(id.issuer())).stream()
                        .filter(list -> list.contains(SerialNumber.parse(id.serial())))
                        .findAny()
                        .orElseThrow()
                        .partition();
        assertThat(number).isGreaterThan(before.get(id.issuer() + "/" + partition));
        requireRevoked(stage, stage.find(id));
    }
}
