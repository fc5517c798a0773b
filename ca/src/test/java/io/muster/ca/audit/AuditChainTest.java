package io.muster.ca.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.ca.pki.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditChainTest {

    private static final TestClock CLOCK = new TestClock(Instant.parse("2026-11-30T12:00:00.5Z"));

    private final Path folder;

    AuditChainTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void eachRecordHoldsTheHashOfTheOneBefore() throws Exception {
        try (AuditChain chain = open()) {
            chain.append(
                    AuditEvent.of(AuditKind.REVOCATION)
                            .with(AuditField.REASON, "superseded")
                            .with(AuditField.SERIAL, "0000000000000abc"));
            AuditHead head = chain.append(AuditEvent.of(AuditKind.KEY));

            List<String> lines = Files.readAllLines(first());
            assertThat(lines)
                    .containsExactly(
                            "{\"n\":1,\"previous\":\"%s\",\"at\":\"2026-11-30T12:00:00.500Z\",\"kind\":\"chain\"}"
                                    .formatted("0".repeat(64)),
                            ("{\"n\":2,\"previous\":\"%s\",\"at\":\"2026-11-30T12:00:00.500Z\",\"kind\":\"revocation\","
                                            + "\"serial\":\"0000000000000abc\",\"reason\":\"superseded\"}")
                                    .formatted(sha256(lines.get(0))),
                            "{\"n\":3,\"previous\":\"%s\",\"at\":\"2026-11-30T12:00:00.500Z\",\"kind\":\"key\"}"
                                    .formatted(sha256(lines.get(1))));
            assertThat(head).isEqualTo(new AuditHead(3, sha256(lines.get(2))));
            assertThat(chain.head()).isEqualTo(head);
        }
    }

    @Test
    void itGoesOnWhereItEnded() throws Exception {
        AuditHead head = fill(5);

        try (AuditChain chain = open()) {
            assertThat(chain.head()).isEqualTo(head);
            assertThat(chain.append(AuditEvent.of(AuditKind.KEY)).sequence()).isEqualTo(7);
        }
        open().close();
    }

    @Test
    void severalEventsAreRecordedWithNothingBetweenThem() throws Exception {
        try (AuditChain chain = open()) {
            AuditHead head =
                    chain.append(
                            AuditEvent.of(AuditKind.REQUEST),
                            AuditEvent.of(AuditKind.DECISION),
                            AuditEvent.of(AuditKind.ISSUANCE));
            assertThat(head.sequence()).isEqualTo(4);
        }
        assertThat(Files.readString(first()).lines().map(AuditChainTest::kind))
                .containsExactly("chain", "request", "decision", "issuance");
    }

    @Test
    void valuesOfStrangersStayWithinTheirRecord() throws Exception {
        try (AuditChain chain = open()) {
            chain.append(
                    AuditEvent.of(AuditKind.REQUEST)
                            .with(
                                    AuditField.ACTOR,
                                    "a\"b\\c\n{\"n\":3}\u0000\ud83d\u00e4\ud83d\ude00")
                            .with(AuditField.DETAIL, "x".repeat(600)));
        }

        List<String> lines = Files.readAllLines(first());
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1))
                .contains(
                        "\"actor\":\"a\\\"b\\\\c\\u000a{\\\"n\\\":3}\\u0000\\ud83dä\\ud83d\\ude00\"",
                        "\"detail\":\"" + "x".repeat(511) + "…\"");
        open().close();
    }

    @Test
    void pemIsRefusedAsItMayBeAPrivateKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                AuditEvent.of(AuditKind.KEY)
                                        .with(
                                                AuditField.DETAIL,
                                                "-----BEGIN PRIVATE KEY-----\nMC4CAQ"))
                .withMessageContaining("detail")
                .withMessageNotContaining("MC4CAQ");
    }

    @Test
    void thereIsNoFieldForASecret() {
        assertThat(AuditField.values())
                .extracting(AuditField::word)
                .noneMatch(word -> word.matches("(?i).*(secret|password|private|token|pin|pem).*"))
                .doesNotHaveDuplicates();
    }

    @Test
    void aChangedByteIsFoundWhereverItIs() throws Exception {
        fill(3);
        byte[] whole = Files.readAllBytes(first());

        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(first(), changed);
            assertBroken("audit.000000000001.jsonl", "record");
        }
        Files.write(first(), whole);
        open().close();
    }

    @Test
    void aChangedRecordIsNamedWithItsPlace() throws Exception {
        fill(3);
        List<String> lines = Files.readAllLines(first());
        int second = lines.get(0).length() + 1;
        int third = second + lines.get(1).length() + 1;
        replace("\"serial\":\"1\"", "\"serial\":\"9\"");

        assertBroken("record 2 at byte " + second + " was changed", "record 3 at byte " + third);
    }

    @Test
    void aChangeOfTheLastRecordIsFoundByTheHeadFile() throws Exception {
        fill(3);
        replace("\"serial\":\"3\"", "\"serial\":\"9\"");

        assertBroken("record 4 at byte", "not the one in the head file");
    }

    @Test
    void whateverIsCutOffIsMissed() throws Exception {
        fill(3);
        byte[] whole = Files.readAllBytes(first());

        for (int length = 0; length < whole.length; length++) {
            Files.write(first(), Arrays.copyOf(whole, length));
            assertBroken("record");
        }
        Files.delete(first());
        assertBroken("audit.000000000001.jsonl is missing", "4 records");
    }

    @Test
    void recordsThatAreMovedOrTakenOutAreMissed() throws Exception {
        fill(3);
        List<String> lines = Files.readAllLines(first());

        Files.write(first(), List.of(lines.get(0), lines.get(2), lines.get(1), lines.get(3)));
        assertBroken("record 3 stands at byte", "where record 2 should");
        Files.write(first(), List.of(lines.get(0), lines.get(1), lines.get(3)));
        assertBroken("record 4 stands at byte", "where record 3 should");
        Files.write(first(), List.of(lines.get(1), lines.get(2), lines.get(3)));
        assertBroken("record 1 at byte 0 is damaged");
        Files.write(first(), List.of(lines.get(0), lines.get(1), lines.get(1), lines.get(2)));
        assertBroken("record 2 stands at byte", "where record 3 should");
    }

    @Test
    void aHeadFileThatIsGoneOrDamagedIsMissed() throws Exception {
        fill(1);
        Path head = folder.resolve("audit.head");
        String text = Files.readString(head);

        Files.delete(head);
        assertBroken("audit.head is missing or damaged");
        Files.writeString(head, "nothing");
        assertBroken("audit.head is missing or damaged");
        Files.writeString(head, text.replace(text.charAt(30), text.charAt(30) == 'a' ? 'b' : 'a'));
        assertBroken("record");
    }

    @Test
    void aRecordCutShortByACrashIsTakenAwayForAllToSee() throws Exception {
        AuditHead head = fill(2);
        byte[] whole = Files.readAllBytes(first());
        byte[] next = AuditRecord.encode(head, CLOCK.instant(), event(3));

        for (int length : new int[] {1, 7, 80, 120, next.length - 2, next.length - 1}) {
            Files.deleteIfExists(folder.resolve("torn.000000000004.bytes"));
            String headText = Files.readString(folder.resolve("audit.head"));
            Files.write(first(), join(whole, Arrays.copyOf(next, length)));

            open().close();

            assertThat(Files.readAllBytes(folder.resolve("torn.000000000004.bytes")))
                    .isEqualTo(Arrays.copyOf(next, length));
            assertThat(Files.readAllLines(first()))
                    .hasSize(4)
                    .last()
                    .asString()
                    .contains("\"kind\":\"repair\"", "\"bytes\":\"" + length + '"');
            open().close();
            Files.writeString(folder.resolve("audit.head"), headText);
        }
    }

    /** As some file systems leave it when the power fails. */
    @Test
    void zeroesAtTheEndAreNoTampering() throws Exception {
        fill(2);
        Files.write(first(), join(Files.readAllBytes(first()), new byte[5000]));

        open().close();

        assertThat(Files.readString(first())).contains("\"kind\":\"repair\"", "\"bytes\":\"5000\"");
    }

    @Test
    void aRecordThatIsWholeButWasNotAcknowledgedStays() throws Exception {
        AuditHead head = fill(2);
        byte[] next = AuditRecord.encode(head, CLOCK.instant(), event(3));
        Files.write(first(), join(Files.readAllBytes(first()), next));

        try (AuditChain chain = open()) {
            assertThat(chain.head().sequence()).isEqualTo(4);
        }
        assertThat(Files.readString(first())).doesNotContain("repair");
    }

    /** No crash cuts a record short and writes another behind it. */
    @Test
    void aFaultWithAWholeRecordBehindItIsNoCrash() throws Exception {
        AuditHead head = fill(2);
        byte[] whole = Files.readAllBytes(first());
        byte[] next = AuditRecord.encode(head, CLOCK.instant(), event(3));
        byte[] after =
                AuditRecord.encode(new AuditHead(4, "0".repeat(64)), CLOCK.instant(), event(4));

        for (byte[] fault : List.of(next, Arrays.copyOf(next, 80), new byte[] {'x', '\n'})) {
            Files.write(first(), join(whole, join(fault, after)));
            assertBroken("record");
            assertThat(Files.size(first())).isEqualTo(whole.length + fault.length + after.length);
        }
    }

    @Test
    void itIsFoundAgainWhereNumbersAreWrittenWithOtherDigits() throws Exception {
        Locale before = Locale.getDefault(Locale.Category.FORMAT);
        Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR"));
        try {
            assertThat("%d".formatted(1)).isNotEqualTo("1");
            AuditHead head = fill(3);
            byte[] next = AuditRecord.encode(head, CLOCK.instant(), event(4));
            Files.write(first(), join(Files.readAllBytes(first()), Arrays.copyOf(next, 80)));

            try (AuditChain chain = open()) {
                assertThat(chain.head().sequence()).isEqualTo(5);
            }
            assertThat(Files.readAllLines(first())).hasSize(5);
            assertThat(folder.resolve("torn.000000000005.bytes")).exists();
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    @Test
    void onlyItsOwnerReadsIt() throws Exception {
        fill(1);

        for (String file : List.of("audit.000000000001.jsonl", "audit.head")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve(file)))
                    .containsExactlyInAnyOrder(
                            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        }
    }

    @Test
    void aCrashAtTheVeryBeginningIsNoTampering() throws Exception {
        fill(0);
        byte[] whole = Files.readAllBytes(first());
        AuditHeadFile heads = new AuditHeadFile(folder.resolve("audit.head").toFile());
        heads.write(AuditHead.NONE);
        heads.close();
        String none = Files.readString(folder.resolve("audit.head"));

        for (int length : new int[] {0, 1, 80, whole.length - 1, whole.length}) {
            Files.write(first(), Arrays.copyOf(whole, length));
            Files.writeString(folder.resolve("audit.head"), none);
            open().close();
            assertThat(Files.readAllLines(first())).hasSize(1);
        }
    }

    @Test
    void whatIsNotedIsThereAfterTheNextAppendedOrTheEnd() throws Exception {
        try (AuditChain chain = open()) {
            chain.note(event(1));
            assertThat(Files.readString(folder.resolve("audit.head")))
                    .startsWith("0".repeat(18) + 1);
            chain.append(event(2));
            assertThat(Files.readString(folder.resolve("audit.head")))
                    .startsWith("0".repeat(18) + 3);
            chain.note(event(3));
        }
        try (AuditChain chain = open()) {
            assertThat(chain.head().sequence()).isEqualTo(4);
        }
    }

    @Test
    void oneProcessHoldsItAtATime() throws Exception {
        try (AuditChain chain = open()) {
            assertThatExceptionOfType(AuditUnwritableException.class)
                    .isThrownBy(this::open)
                    .withMessageContaining("is held by another process");
            chain.append(event(1));
        }
        open().close();
    }

    @Test
    void aClosedOneTakesNothing() throws Exception {
        AuditChain chain = open();
        chain.close();
        chain.close();

        assertThatIllegalStateException().isThrownBy(() -> chain.append(event(1)));
    }

    @Test
    void manyWritersMakeOneChainAndNoInterruptionEndsIt() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (AuditChain chain = open()) {
            List<Callable<Long>> writers = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                boolean isInterrupted = thread == 3;
                writers.add(
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                if (isInterrupted) {
                                    Thread.currentThread().interrupt();
                                }
                                chain.append(event(i));
                            }
                            Thread.interrupted();
                            return chain.head().sequence();
                        });
            }
            for (Future<Long> written : pool.invokeAll(writers)) {
                assertThat(written.get()).isPositive();
            }
            assertThat(chain.head().sequence()).isEqualTo(1 + threads * 50);
        } finally {
            pool.shutdown();
        }
        open().close();
    }

    @Test
    void aBrokenChainIsPutAsideAndTheNextTellsOfIt() throws Exception {
        fill(2);
        replace("\"serial\":\"1\"", "\"serial\":\"9\"");
        AuditChainBrokenException broken =
                catchThrowableOfType(AuditChainBrokenException.class, this::open);

        try (AuditChain chain = AuditChain.startAnew(folder, CLOCK, broken)) {
            assertThat(chain.head().sequence()).isEqualTo(1);
        }

        assertThat(Files.readString(first()))
                .contains("\"kind\":\"chain\"", "broken.", "record 2 at byte")
                .contains("was changed");
        try (Stream<Path> aside = Files.list(folder)) {
            assertThat(aside.filter(Files::isDirectory))
                    .singleElement()
                    .satisfies(
                            place ->
                                    assertThat(place.resolve("audit.000000000001.jsonl"))
                                            .content()
                                            .contains("\"serial\":\"9\""));
        }
        open().close();
    }

    private AuditChain open() throws AuditChainBrokenException {
        return AuditChain.open(folder, CLOCK);
    }

    private Path first() {
        return folder.resolve("audit.000000000001.jsonl");
    }

    private AuditHead fill(int events) throws AuditChainBrokenException {
        try (AuditChain chain = open()) {
            for (int i = 1; i <= events; i++) {
                chain.append(event(i));
            }
            return chain.head();
        }
    }

    static AuditEvent event(int serial) {
        return AuditEvent.of(AuditKind.ISSUANCE).with(AuditField.SERIAL, serial);
    }

    private void replace(String what, String by) throws IOException {
        Files.writeString(first(), Files.readString(first()).replace(what, by));
    }

    private void assertBroken(String... words) {
        assertThatExceptionOfType(AuditChainBrokenException.class)
                .isThrownBy(this::open)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    private static String kind(String line) {
        return line.replaceFirst(".*\"kind\":\"([a-z]+)\".*", "$1");
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static String sha256(String line) throws Exception {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
