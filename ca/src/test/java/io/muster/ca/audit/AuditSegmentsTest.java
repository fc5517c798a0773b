package io.muster.ca.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.pki.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain in several files. */
class AuditSegmentsTest {

    private static final TestClock CLOCK = new TestClock(Instant.parse("2026-11-30T12:00:00.5Z"));
    private static final long SEGMENT_BYTES = 2000;

    private final Path folder;

    AuditSegmentsTest(@TempDir Path folder) throws AuditChainBrokenException {
        this.folder = folder;
        try (AuditChain chain = open()) {
            for (int i = 1; i <= 40; i++) {
                chain.append(AuditChainTest.event(i));
            }
        }
    }

    @Test
    void aFileThatIsLongEnoughIsSealedByTheNextOne() throws Exception {
        List<Path> files = files();

        assertThat(files).hasSizeGreaterThan(2);
        for (int i = 1; i < files.size(); i++) {
            assertThat(Files.size(files.get(i - 1))).isBetween(2000L, 2300L);
            assertThat(Files.readAllLines(files.get(i)).get(0))
                    .contains(
                            "\"kind\":\"segment\"",
                            "\"bytes\":\"" + Files.size(files.get(i - 1)) + '"',
                            "\"file\":\"" + files.get(i - 1).getFileName() + '"');
        }
        try (AuditChain chain = open()) {
            chain.verifySealed();
            assertThat(chain.head().sequence()).isEqualTo(40 + files.size());
        }
    }

    @Test
    void aChangedByteOfASealedFileIsFoundWhereverItIs() throws Exception {
        try (AuditChain chain = open()) {
            Path sealed = files().get(1);
            byte[] whole = Files.readAllBytes(sealed);
            for (int at = 0; at < whole.length; at += 3) {
                byte[] changed = whole.clone();
                changed[at] ^= 1;
                Files.write(sealed, changed);
                assertThatExceptionOfType(AuditChainBrokenException.class)
                        .isThrownBy(chain::verifySealed)
                        .withMessageContaining(String.valueOf(sealed));
            }
            Files.write(sealed, whole);
            chain.verifySealed();
        }
    }

    @Test
    void aStartNamesTheChangedRecordOfASealedFile() throws Exception {
        Path sealed = files().get(0);
        Files.writeString(
                sealed, Files.readString(sealed).replace("\"serial\":\"3\"", "\"serial\":\"9\""));

        assertBroken("record 4 at byte");
    }

    @Test
    void aSealedFileThatIsShorterOrGoneIsMissedAtTheStart() throws Exception {
        Path sealed = files().get(1);
        byte[] whole = Files.readAllBytes(sealed);

        Files.write(sealed, Arrays.copyOf(whole, whole.length - 1));
        assertBroken("had " + whole.length + " when it was sealed");
        Files.delete(sealed);
        assertBroken(sealed + " is missing");
        Files.write(sealed, whole);
        Files.delete(files().get(0));
        assertBroken("audit.000000000001.jsonl is missing");
    }

    @Test
    void theLastFileIsMissedWhenItIsGone() throws Exception {
        List<Path> files = files();
        Files.delete(files.get(files.size() - 1));

        assertBroken("records up to 4");
    }

    @Test
    void aFileThatACrashLeftWithoutAFirstRecordIsBegunAgain() throws Exception {
        AuditHead head;
        try (AuditChain chain = open()) {
            head = chain.head();
        }
        Path next = folder.resolve("audit.%012d.jsonl".formatted(head.sequence() + 1));
        for (String left : List.of("", "{\"n\":", "\0\0\0\0")) {
            Files.writeString(next, left);

            try (AuditChain chain = open()) {
                assertThat(chain.head()).isEqualTo(head);
                assertThat(next).doesNotExist();
            }
        }
    }

    @Test
    void aFileThatIsSealedButNotAcknowledgedGoesOn() throws Exception {
        List<Path> files = files();
        Path last = files.get(files.size() - 1);
        List<String> lines = Files.readAllLines(last);
        AuditHead before = AuditWalk.before(last).orElseThrow();
        try (AuditHeadFile heads = new AuditHeadFile(folder.resolve("audit.head").toFile())) {
            heads.write(before);
        }
        Files.write(last, List.of(lines.get(0)));

        try (AuditChain chain = open()) {
            assertThat(chain.head().sequence()).isEqualTo(before.sequence() + 1);
            chain.append(AuditChainTest.event(1));
            chain.verifySealed();
        }
    }

    private AuditChain open() throws AuditChainBrokenException {
        return AuditChain.open(folder, CLOCK, SEGMENT_BYTES);
    }

    private List<Path> files() throws IOException {
        return new AuditFolder(folder).files();
    }

    private void assertBroken(String word) {
        assertThatExceptionOfType(AuditChainBrokenException.class)
                .isThrownBy(this::open)
                .withMessageContaining(word);
    }
}
