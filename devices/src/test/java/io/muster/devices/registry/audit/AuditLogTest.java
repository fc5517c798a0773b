package io.muster.devices.registry.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditLogTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);

    @TempDir private Path folder = Path.of("");

    private static AuditEntry entry(int second, String actor, String act, String object) {
        return new AuditEntry(
                NOW.plusSeconds(second), actor, "192.0.2.1", act, object, Outcome.BEGUN, 0, "");
    }

    private static List<Long> ids(List<AuditRow> rows) {
        return rows.stream().map(AuditRow::id).toList();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void rowsAreNumberedWithoutGapsAndListedNewestFirst(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            AuditLog log = new AuditLog(database);
            AuditEntry first = entry(0, "token", "device.create", "device:pk/a");

            assertThat(log.write(List.of(first, entry(1, "token", "x", "y")), List.of()))
                    .isEqualTo(1);
            assertThat(log.write(List.of(entry(2, "token", "x", "y")), List.of())).isEqualTo(3);

            assertThat(ids(log.list(AuditFilter.ALL, Long.MAX_VALUE, 10)))
                    .containsExactly(3L, 2L, 1L);
            assertThat(ids(log.list(AuditFilter.ALL, 3, 1))).containsExactly(2L);
            assertThat(log.list(AuditFilter.ALL, 2, 10)).containsExactly(new AuditRow(1, first));
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aRowIsToldOnceHowItEndedAndNeverChangedAgain(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            AuditLog log = new AuditLog(database);
            AuditEntry begun = entry(0, "token", "device.create", "device:pk");
            long id = log.write(List.of(begun), List.of());
            AuditEntry done = begun.ended(Outcome.DONE, 201, "device:pk/a", "made");

            log.write(List.of(), List.of(new AuditRow(id, done)));
            log.write(
                    List.of(),
                    List.of(new AuditRow(id, begun.ended(Outcome.FAILED, 500, "other", "forged"))));

            assertThat(log.list(AuditFilter.ALL, Long.MAX_VALUE, 10))
                    .containsExactly(new AuditRow(id, done));
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aFilterShowsThatToWhichAllOfItApplies(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            AuditLog log = new AuditLog(database);
            log.write(
                    List.of(
                            entry(1, "account:anna", "device.create", "device:pk/a"),
                            entry(2, "account:bert", "device.disable", "device:pk/a"),
                            entry(3, "account:anna", "product.create", "product:pk"),
                            entry(4, "account:anna", "device.disable", "device:pk2/é")),
                    List.of());

            assertThat(found(log, "", "account:anna", "")).containsExactly(4L, 3L, 1L);
            assertThat(found(log, "device.*", "account:anna", "")).containsExactly(4L, 1L);
            assertThat(found(log, "device.disable", "", "device:pk/*")).containsExactly(2L);
            assertThat(found(log, "", "", "device:pk*")).containsExactly(4L, 2L, 1L);
            assertThat(found(log, "", "", "device:pk2/é")).containsExactly(4L);
            assertThat(found(log, "device", "", "")).isEmpty();
            AuditFilter time =
                    new AuditFilter(
                            Optional.of(NOW.plusSeconds(2)),
                            Optional.of(NOW.plusSeconds(4)),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty());
            assertThat(ids(log.list(time, Long.MAX_VALUE, 10))).containsExactly(3L, 2L);
        }
    }

    private static List<Long> found(AuditLog log, String act, String actor, String object) {
        AuditFilter filter =
                new AuditFilter(
                        Optional.empty(),
                        Optional.empty(),
                        given(actor),
                        given(object),
                        given(act));
        return ids(log.list(filter, Long.MAX_VALUE, 10));
    }

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(each -> !each.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void oldRowsAndThoseThatAreTooManyGoSomeAtATime(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            AuditLog log = new AuditLog(database);
            List<AuditEntry> entries = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                entries.add(entry(i, "token", "x", "y"));
            }
            log.write(entries, List.of());

            assertThat(log.deleteOld(NOW.plusSeconds(4), 100, 3)).isEqualTo(3);
            assertThat(log.deleteOld(NOW.plusSeconds(4), 100, 3)).isEqualTo(1);
            assertThat(log.deleteOld(NOW.plusSeconds(4), 100, 3)).isZero();
            assertThat(log.deleteOld(NOW, 2, 100)).isEqualTo(4);

            assertThat(ids(log.list(AuditFilter.ALL, Long.MAX_VALUE, 100)))
                    .containsExactly(10L, 9L);
            log.deleteOld(NOW.plusSeconds(100), 100, 100);
            assertThat(log.write(List.of(entry(20, "token", "x", "y")), List.of())).isEqualTo(11);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void manyThatWriteAtOnceGetNumbersOfTheirOwn(TestDatabase kind) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (RegistryDatabase database = kind.open(folder)) {
            AuditLog log = new AuditLog(database);
            List<Future<Long>> written = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                List<AuditEntry> two = List.of(entry(i, "t", "x", "y"), entry(i, "t", "x", "y"));
                written.add(threads.submit(() -> log.write(two, List.of())));
            }
            for (Future<Long> each : written) {
                each.get();
            }

            assertThat(ids(log.list(AuditFilter.ALL, Long.MAX_VALUE, 100)))
                    .isEqualTo(LongStream.rangeClosed(1, 40).mapToObj(i -> 41 - i).toList());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void textsOfStrangersAreCutAndCannotForgeLines() {
        AuditEntry entry =
                new AuditEntry(
                        NOW,
                        "a\nb\u0000\u202e",
                        "",
                        "act",
                        "😀".repeat(400),
                        Outcome.REFUSED,
                        0,
                        "x".repeat(501));

        assertThat(entry.actor()).isEqualTo("a?b??");
        assertThat(entry.object()).isEqualTo("😀".repeat(299) + "…");
        assertThat(entry.detail()).hasSize(500);
    }
}
