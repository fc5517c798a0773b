package io.muster.hub.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditFilter;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.audit.Outcome;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.audit.AuditTrail.Stranger;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTrailTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Counting counting = new Counting();
    private String url = "";
    private RegistryDatabase database;
    private AuditLog log;
    private AuditTrail trail;

    private static final class Counting implements AuditListener {

        private final AtomicInteger written = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();
        private final AtomicInteger summarized = new AtomicInteger();

        @Override
        public void written(int rows) {
            written.addAndGet(rows);
        }

        @Override
        public void lost(int rows) {
            lost.addAndGet(rows);
        }

        @Override
        public void summarized() {
            summarized.incrementAndGet();
        }
    }

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        url = "jdbc:sqlite:" + folder.resolve("registry.db");
        database =
                RegistryDatabase.open(
                        new RegistrySettings(url, "", "", 2, Duration.ofMillis(500)),
                        SecretCipher.load(folder.resolve("key")));
        log = new AuditLog(database);
        trail = trail(AuditSettings.DEFAULT, Duration.ofSeconds(5));
    }

    private AuditTrail trail(AuditSettings settings, Duration deadline) {
        return new AuditTrail(log, settings, deadline, Clock.systemUTC(), nanos::get, counting);
    }

    @AfterEach
    void close() {
        trail.close();
        database.close();
    }

    private List<AuditEntry> rows() {
        return log.list(AuditFilter.ALL, Long.MAX_VALUE, 1000).stream()
                .map(AuditRow::entry)
                .toList();
    }

    @Test
    void aRowIsThereBeforeTheActAndTellsAfterwardsHowItEnded() {
        BegunAct row = trail.begin("token", "192.0.2.1", "device.create", "device:pk");

        assertThat(rows()).extracting(AuditEntry::outcome).containsExactly(Outcome.BEGUN);
        trail.end(row, Outcome.DONE, 201, "device:pk/a", "more");
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(rows())
                                        .containsExactly(
                                                row.entry()
                                                        .ended(
                                                                Outcome.DONE,
                                                                201,
                                                                "device:pk/a",
                                                                "more")));
    }

    @Test
    void whatWaitsIsWrittenBeforeTheTrailIsClosed() {
        BegunAct row = trail.begin("token", "", "x", "y");
        for (int i = 0; i < 50; i++) {
            trail.refused(Stranger.CLIENT, "client:" + i, "192.0.2.1", 0, "wrong");
        }
        trail.end(row, Outcome.DONE, 200, "y", "");
        trail.refused(Stranger.CLIENT, "client:1", "192.0.2.1", 0, "wrong");
        trail.refused(Stranger.CLIENT, "client:1", "192.0.2.1", 0, "wrong");
        trail.refused(Stranger.CLIENT, "client:1", "192.0.2.1", 0, "wrong");

        trail.close();

        assertThat(rows()).hasSize(1 + 50 + 2 + 1);
        assertThat(rows().get(0).detail()).isEqualTo("and 1 more");
        assertThat(rows()).extracting(AuditEntry::outcome).doesNotContain(Outcome.BEGUN);
    }

    @Test
    void aStormOfRefusalsIsTheRowsOfAMinuteAndOneThatCountsTheOthers() {
        for (int i = 0; i < 1_000_000; i++) {
            trail.refused(Stranger.CLIENT, "client:" + i, "192.0.2.1", 0, "wrong");
        }
        trail.refused(Stranger.OPERATOR, "account:anna", "192.0.2.2", 401, "wrong");
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());

        Awaitility.await().untilAsserted(() -> assertThat(rows()).hasSize(62));
        assertThat(rows().get(0).detail()).isEqualTo("and 999940 more");
        assertThat(rows()).extracting(AuditEntry::object).contains("account:anna");
        assertThat(counting.summarized.get()).isEqualTo(999_940);
        assertThat(counting.lost.get()).isZero();
    }

    @Test
    void whatOperatorsMayNotDoIsToldWhateverStrangersTry() {
        for (int i = 0; i < 1_000; i++) {
            trail.refused(Stranger.OPERATOR, "account:" + i, "192.0.2.1", 401, "wrong");
        }
        trail.forbidden("key:a", "192.0.2.2", "device.delete", "device:pk/a", "no");

        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(rows())
                                        .extracting(AuditEntry::act)
                                        .contains("device.delete"));
    }

    @Test
    void anActIsRefusedWhileTheLogCannotBeWrittenAndItsEndIsKept() throws SQLException {
        BegunAct before = trail.begin("token", "", "before", "y");
        try (Connection other = DriverManager.getConnection(url)) {
            other.createStatement().execute("BEGIN IMMEDIATE");
            trail.end(before, Outcome.DONE, 200, "y", "");
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> trail.begin("token", "", "meanwhile", "y"));
            other.createStatement().execute("ROLLBACK");
        }
        Awaitility.await()
                .ignoreExceptions()
                .untilAsserted(() -> trail.begin("token", "", "after", "y"));

        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(rows())
                                        .filteredOn(row -> row.act().equals("before"))
                                        .extracting(AuditEntry::outcome)
                                        .containsExactly(Outcome.DONE));
        assertThat(rows()).extracting(AuditEntry::act).doesNotContain("meanwhile");
    }

    @Test
    void aRowThatComesTooLateSaysThatNothingWasDone() throws SQLException {
        trail.close();
        trail = trail(AuditSettings.DEFAULT, Duration.ofMillis(100));
        try (Connection other = DriverManager.getConnection(url)) {
            other.createStatement().execute("BEGIN IMMEDIATE");
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> trail.begin("token", "", "x", "y"))
                    .withMessageContaining("in time");
            other.createStatement().execute("ROLLBACK");
        }

        trail.close();
        assertThat(rows()).extracting(AuditEntry::outcome).doesNotContain(Outcome.BEGUN);
    }

    @Test
    void oldRowsAreDeleted() {
        trail.close();
        trail = trail(new AuditSettings(Duration.ofDays(1), 10, 60), Duration.ofSeconds(5));
        for (int i = 0; i < 30; i++) {
            trail.begin("token", "", "x", "y" + i);
        }
        trail.close();
        trail = trail(new AuditSettings(Duration.ofDays(1), 10, 60), Duration.ofSeconds(5));

        Awaitility.await().untilAsserted(() -> assertThat(rows()).hasSize(10));
        assertThat(rows().get(0).object()).isEqualTo("y29");
    }
}
