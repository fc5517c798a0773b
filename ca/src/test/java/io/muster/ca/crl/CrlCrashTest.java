package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditChainBrokenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of the process, or of the power, between any two steps of publishing. */
class CrlCrashTest {

    private final Path folder;
    private final AuditChain audit;

    CrlCrashTest(@TempDir Path folder) throws AuditChainBrokenException {
        this.folder = folder;
        this.audit = AuditChain.open(folder.resolve("audit"), Clock.systemUTC());
    }

    @AfterEach
    void end() {
        audit.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beforeAnyStepOfPublishingLeavesAValidListAndForgetsNothing(boolean powerFails)
            throws Exception {
        int crashed = 0;
        boolean isComplete = false;
        while (!isComplete) {
            CrlStage stage = new CrlStage(folder.resolve("step-" + crashed), 1, audit);
            isComplete = !crashesWhilePublishing(stage, crashed, powerFails);
            crashed++;
        }
        // write, force, read, move, force the folder, list, delete
        assertThat(crashed).isGreaterThanOrEqualTo(7);
    }

    private boolean crashesWhilePublishing(CrlStage stage, int step, boolean powerFails)
            throws Exception {
        RevocationLists first = stage.open();
        SerialNumber before = stage.revoke();
        first.publish(before);
        int opening = stepsOfOpening(stage);
        CrashingFiles files = new CrashingFiles(opening + step, powerFails);
        RevocationLists crashing = stage.open(files);
        PublishedCrl served = crashing.published(0);
        SerialNumber serial = stage.revoke();

        boolean crashed = false;
        try {
            crashing.publish(serial);
        } catch (CrashingFiles.Crash e) {
            crashed = true;
            assertThat(crashing.published(0).number()).isGreaterThanOrEqualTo(served.number());
            assertThat(stage.folder.resolve("0/crl." + crashing.published(0).number()))
                    .as("what is served is on the disk")
                    .exists();
        }

        RevocationLists after = stage.open();
        assertThat(after.contains(before)).isTrue();
        assertThat(after.contains(serial)).isTrue();
        assertThat(after.published(0).number()).isGreaterThan(served.number());
        assertThat(after.forgotten()).isEmpty();
        assertOnlyWholeListsIn(stage);
        return crashed;
    }

    private static int stepsOfOpening(CrlStage stage) {
        CrashingFiles counting = new CrashingFiles(Integer.MAX_VALUE, false);
        stage.open(counting);
        return counting.steps();
    }

    private static void assertOnlyWholeListsIn(CrlStage stage)
            throws IOException, CrlDamagedException {
        List<Path> files;
        try (Stream<Path> all = Files.list(stage.folder.resolve("0"))) {
            files = all.toList();
        }
        for (Path file : files) {
            assertThat(file.getFileName()).asString().matches("crl\\.\\d+");
            assertThat(stage.reader().read(0, Files.readAllBytes(file)).number()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beforeAnyStepOfTheFirstStartLeavesOneThatStartsTheNextTime(boolean powerFails)
            throws Exception {
        int step = 0;
        boolean crashed = true;
        while (crashed) {
            CrlStage stage = new CrlStage(folder.resolve("step-" + step), 2, audit);
            crashed = crashesAtTheFirstStart(stage, step, powerFails);
            List<Long> numbers = new ArrayList<>();
            stage.open().published().forEach(crl -> numbers.add(crl.number()));
            assertThat(numbers).hasSize(2).allMatch(number -> number > 0);
            step++;
        }
        assertThat(step).isGreaterThan(10);
    }

    private static boolean crashesAtTheFirstStart(CrlStage stage, int step, boolean powerFails) {
        try {
            stage.open(new CrashingFiles(step, powerFails));
            return false;
        } catch (CrashingFiles.Crash e) {
            return true;
        }
    }

    /** What the publisher checks for: a list that is not the one that it signed. */
    @Test
    void aListThatIsNotReadBackAsItWasWrittenIsNotPublished() {
        CrlStage stage = new CrlStage(folder, 1, audit);
        LyingFiles files = new LyingFiles();
        RevocationLists lists = stage.open(files);
        SerialNumber serial = stage.revoke();
        files.lying = true;

        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(() -> lists.publish(serial));

        files.lying = false;
        assertThat(lists.published(0).number()).isEqualTo(1);
        assertThat(stage.folder.resolve("0")).isDirectoryContaining("glob:**/crl.1");
        assertThat(stage.folder.resolve("0")).isDirectoryNotContaining("glob:**/crl.2*");
        assertThat(lists.publish(serial).number()).isEqualTo(3);
    }

    @Test
    void aListThatTellsAnotherTimeOrReasonIsNotPublished() throws Exception {
        CrlStage stage = new CrlStage(folder, 1, audit);
        CrlFolder crls = new CrlFolder(stage.folder, CrlFiles.DISK, stage.reader());
        crls.create(1);
        SerialNumber serial = new SerialNumber(7);
        CrlEntry entry = new CrlEntry(serial, CrlStage.NOW, RevocationReason.KEY_COMPROMISE);
        byte[] encoded = stage.issuer().issue(0, 1, List.of(entry));

        for (CrlEntry other :
                List.of(
                        new CrlEntry(serial, CrlStage.NOW, RevocationReason.SUPERSEDED),
                        new CrlEntry(serial, CrlStage.NOW.plusSeconds(1), entry.reason()))) {
            assertThatExceptionOfType(CrlDamagedException.class)
                    .isThrownBy(() -> crls.publish(0, 1, encoded, List.of(other)));
        }
        assertThat(crls.publish(0, 1, encoded, List.of(entry)).contains(serial)).isTrue();
    }

    /** A disk that keeps something else than it was given. */
    private static final class LyingFiles implements CrlFiles {

        volatile boolean lying;

        @Override
        public void createFolder(Path folder) throws IOException {
            DISK.createFolder(folder);
        }

        @Override
        public List<String> list(Path folder) throws IOException {
            return DISK.list(folder);
        }

        @Override
        public byte[] read(Path file) throws IOException {
            byte[] content = DISK.read(file);
            if (lying) {
                content[content.length - 1] ^= 1;
            }
            return content;
        }

        @Override
        public void write(Path file, byte[] content) throws IOException {
            DISK.write(file, content);
        }

        @Override
        public void force(Path file) throws IOException {
            DISK.force(file);
        }

        @Override
        public void move(Path from, Path to) throws IOException {
            DISK.move(from, to);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            DISK.forceFolder(folder);
        }

        @Override
        public void delete(Path file) throws IOException {
            DISK.delete(file);
        }
    }
}
