package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChainBrokenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationListsTest {

    private static final int PARTITIONS = 4;

    private final Path folder;
    private final CrlStage stage;

    RevocationListsTest(@TempDir Path folder) throws AuditChainBrokenException {
        this.folder = folder;
        this.stage = new CrlStage(folder, PARTITIONS);
    }

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void aNewIssuerHasAnEmptyListForEachPartition() {
        RevocationLists lists = stage.open();

        assertThat(lists.published())
                .hasSize(PARTITIONS)
                .allMatch(crl -> crl.number() == 1 && crl.entries() == 0);
        assertThat(stage.folder.resolve("3/crl.1")).isRegularFile();
    }

    @Test
    void whatIsRevokedIsOnTheListOfItsPartitionAlone() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();

        PublishedCrl crl = lists.publish(serial);

        assertThat(crl.contains(serial)).isTrue();
        assertThat(crl.number()).isEqualTo(2);
        assertThat(crl.partition()).isEqualTo(stage.partitions.of(serial));
        assertThat(lists.contains(serial)).isTrue();
        assertThat(lists.published()).filteredOn(one -> one.number() == 1).hasSize(PARTITIONS - 1);
    }

    @Test
    void allPartitionsTogetherHoldWhatIsRevokedAndNotExpired() {
        RevocationLists lists = stage.open();
        Set<SerialNumber> live = ConcurrentHashMap.newKeySet();
        List<SerialNumber> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            boolean expires = i % 3 == 0;
            SerialNumber serial = stage.revoke(Duration.ofHours(expires ? 2 : 100));
            all.add(serial);
            if (!expires) {
                live.add(serial);
            }
        }
        assertThat(lists.publish(all)).hasSize(PARTITIONS);
        assertThat(onLists(lists)).hasSameElementsAs(all);

        stage.clock.advance(Duration.ofHours(3));
        lists.reissueDue();
        stage.clock.advance(Duration.ofHours(3));
        lists.reissueDue();

        assertThat(onLists(lists)).isEqualTo(live);
        assertThat(all)
                .allMatch(
                        serial ->
                                lists.published(stage.partitions.of(serial)).contains(serial)
                                        == live.contains(serial));
    }

    @Test
    void whatExpiredLeavesAfterOneListOfAfterItsExpiry() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke(Duration.ofMinutes(90));
        lists.publish(serial);

        stage.clock.advance(Duration.ofHours(1));
        lists.reissueDue();
        assertThat(lists.contains(serial)).as("before its expiry").isTrue();
        stage.clock.advance(Duration.ofHours(1));
        lists.reissueDue();
        assertThat(lists.contains(serial)).as("on one after it").isTrue();
        stage.clock.advance(Duration.ofHours(1));
        lists.reissueDue();
        assertThat(lists.contains(serial)).as("and no longer").isFalse();
        assertThat(lists.forgotten()).isEmpty();
    }

    @Test
    void whatExpiredWhileNothingWasIssuedIsOnOneListNevertheless() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke(Duration.ofMinutes(90));

        stage.clock.advance(Duration.ofHours(5));
        lists.reissueDue();
        assertThat(lists.contains(serial)).isTrue();
    }

    @Test
    void aClockThatWasWrongMakesNothingGoodAgain() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke(Duration.ofDays(30));
        lists.publish(serial);
        stage.clock.advance(Duration.ofDays(100));
        lists.reissueDue();
        stage.clock.advance(Duration.ofDays(1));
        lists.reissueDue();

        stage.clock.advance(Duration.ofDays(-101));
        assertThat(lists.reissueDue().published()).as("dated in the future").hasSize(PARTITIONS);

        assertThat(lists.contains(serial)).isTrue();
    }

    @Test
    void numbersGrowWhileManyRevokeAndManyShareAList() throws Exception {
        CrlStage stage = new CrlStage(folder.resolve("one"), 1, this.stage.audit);
        RevocationLists lists = stage.open();
        int threads = 8;
        int each = 12;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<List<Long>>> all = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<SerialNumber> mine = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                mine.add(new SerialNumber(1L + (long) thread * each + i));
            }
            all.add(pool.submit(() -> revokeOneByOne(stage, lists, mine, start)));
        }
        start.countDown();
        for (Future<List<Long>> one : all) {
            assertThat(one.get()).isSorted().doesNotHaveDuplicates();
        }
        pool.shutdown();

        assertThat(lists.published(0).entries()).isEqualTo(threads * each);
        assertThat(lists.published(0).number())
                .isEqualTo(stage.ledger.last(0))
                .as("lists for %d revocations", threads * each)
                .isLessThan((long) threads * each);
    }

    private static List<Long> revokeOneByOne(
            CrlStage stage, RevocationLists lists, List<SerialNumber> serials, CountDownLatch start)
            throws InterruptedException {
        start.await();
        List<Long> numbers = new ArrayList<>();
        for (SerialNumber serial : serials) {
            stage.ledger.revoke(
                    serial,
                    stage.clock.instant(),
                    RevocationReason.UNSPECIFIED,
                    stage.clock.instant().plus(Duration.ofDays(1)));
            PublishedCrl crl = lists.publish(serial);
            assertThat(crl.contains(serial)).isTrue();
            numbers.add(crl.number());
        }
        return numbers;
    }

    @Test
    void anHourLaterAllAreIssuedAgainAndNotBefore() {
        RevocationLists lists = stage.open();
        assertThat(lists.nextDue()).isEqualTo(CrlStage.NOW.plus(Duration.ofHours(1)));

        stage.clock.advance(Duration.ofMinutes(59));
        assertThat(lists.reissueDue().published()).isEmpty();
        stage.clock.advance(Duration.ofMinutes(1));
        assertThat(lists.reissueDue().published())
                .hasSize(PARTITIONS)
                .allMatch(crl -> crl.number() == 2);
        assertThat(lists.reissueDue().published()).isEmpty();
    }

    @Test
    void whoeverRevokesAgainFindsTheListThatTellsItAlready() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        PublishedCrl crl = lists.publish(serial);

        assertThat(lists.publish(serial)).isSameAs(crl);
        assertThat(lists.publish(List.of(serial))).containsExactly(crl);

        stage.ledger.revoke(
                serial,
                stage.clock.instant(),
                RevocationReason.SUPERSEDED,
                stage.clock.instant().plus(Duration.ofDays(365)));
        assertThat(lists.publish(serial).number()).as("for another reason").isEqualTo(3);
        stage.clock.advance(Duration.ofHours(1));
        assertThat(lists.publish(serial).number()).as("when it is due").isEqualTo(4);
    }

    @Test
    void aStartServesWhatWasPublishedBefore() {
        SerialNumber serial = stage.revoke();
        RevocationLists before = stage.open(CrlFiles.DISK);
        before.publish(serial);

        RevocationLists after = stage.open(CrlFiles.DISK);

        assertThat(after.published())
                .extracting(PublishedCrl::sha256)
                .isEqualTo(before.published().stream().map(PublishedCrl::sha256).toList());
    }

    @Test
    void aStartPublishesWhatACrashLeftUnpublished() {
        stage.open();
        SerialNumber serial = stage.revoke();

        RevocationLists after = stage.open();

        assertThat(after.contains(serial)).isTrue();
        assertThat(after.published()).filteredOn(crl -> crl.number() == 1).hasSize(PARTITIONS - 1);
    }

    @Test
    void aLedgerFromABackupDoesNotStartBelowThePublishedNumber() {
        RevocationLists lists = stage.open();
        TestLedger backup = stage.ledger.copy();
        SerialNumber serial = stage.revoke();
        lists.publish(serial);
        stage.ledger = backup;
        int partition = stage.partitions.of(serial);

        assertThatExceptionOfType(CrlRollbackException.class)
                .isThrownBy(stage::open)
                .withMessageContaining("partition " + partition)
                .withMessageContaining("number 2")
                .withMessageContaining("crl.2 is published");
        assertThat(stage.ledger.numbers).as("taken").isEqualTo(backup.numbers);
        assertThat(stage.folder.resolve(partition + "/crl.3")).doesNotExist();
    }

    @Test
    void aLostFolderIsNoNewIssuer() throws Exception {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        lists.publish(serial);
        Path home = stage.folder.resolve(Integer.toString(stage.partitions.of(serial)));
        for (String name : names(home)) {
            Files.delete(home.resolve(name));
        }

        assertThatExceptionOfType(CrlRollbackException.class)
                .isThrownBy(stage::open)
                .withMessageContaining(home.toString())
                .withMessageContaining("never an older copy");
        Files.delete(home);
        assertThatExceptionOfType(CrlRollbackException.class).isThrownBy(stage::open);
        assertThat(stage.ledger.last(stage.partitions.of(serial))).isEqualTo(2);

        RevocationLists anew = stage.startAnew();
        assertThat(anew.contains(serial)).isTrue();
        assertThat(anew.published(stage.partitions.of(serial)).number()).isEqualTo(3);
        assertThat(Files.readString(folder.resolve("audit/audit.000000000001.jsonl")))
                .contains("begin anew where published ones are lost");
        stage.open();
    }

    @Test
    void aLedgerPutBackUnderARunningIssuerStopsIt() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        lists.publish(serial);
        stage.ledger.numbers.clear();

        SerialNumber another = stage.revoke();
        assertThatExceptionOfType(CrlRollbackException.class)
                .isThrownBy(() -> lists.publish(another));
        assertThat(lists.published(stage.partitions.of(serial)).number()).isEqualTo(2);
    }

    @Test
    void aLedgerThatForgotARevocationCannotUndoIt() {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        lists.publish(serial);
        stage.ledger.revoked.clear();

        RevocationLists after = stage.open();

        assertThat(after.contains(serial)).isTrue();
        assertThat(after.forgotten())
                .containsExactly(
                        new CrlEntry(
                                serial, stage.clock.instant(), RevocationReason.KEY_COMPROMISE));
        SerialNumber other = stage.revoke();
        after.publish(List.of(serial, other));
        stage.clock.advance(Duration.ofDays(400));
        after.reissueDue();
        assertThat(after.contains(serial)).as("still, as nobody knows its expiry").isTrue();
        stage.ledger.revoke(serial, CrlStage.NOW, RevocationReason.KEY_COMPROMISE, CrlStage.NOW);
        assertThat(after.forgotten()).isEmpty();
    }

    @Test
    void aDamagedListIsPutAsideAndItsNumberNotUsedAgain() throws Exception {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        PublishedCrl crl = lists.publish(serial);
        Path home = stage.folder.resolve(Integer.toString(crl.partition()));
        Files.write(home.resolve("crl.2"), new byte[100]);

        RevocationLists after = stage.open();

        assertThat(after.published(crl.partition()).number()).isEqualTo(3);
        assertThat(after.contains(serial)).isTrue();
        assertThat(names(home)).containsExactlyInAnyOrder("crl.1", "crl.2.damaged", "crl.3");
        stage.ledger.numbers.put(crl.partition(), 1L);
        Files.delete(home.resolve("crl.3"));
        assertThatExceptionOfType(CrlRollbackException.class).isThrownBy(stage::open);
    }

    @Test
    void aListUnderAnothersNumberIsDamaged() throws Exception {
        stage.open();
        Files.move(stage.folder.resolve("0/crl.1"), stage.folder.resolve("0/crl.7"));
        stage.ledger.numbers.put(0, 7L);

        RevocationLists after = stage.open();

        assertThat(after.published(0).number()).isEqualTo(8);
        assertThat(names(stage.folder.resolve("0"))).contains("crl.7.damaged");
    }

    @Test
    void theNewestAndTheOneBeforeAreKept() throws Exception {
        RevocationLists lists = stage.open();
        for (int i = 0; i < 4; i++) {
            stage.clock.advance(Duration.ofHours(1));
            lists.reissueDue();
        }

        assertThat(names(stage.folder.resolve("0"))).containsExactlyInAnyOrder("crl.4", "crl.5");
    }

    @Test
    void eachListIsInTheAuditChain() throws Exception {
        RevocationLists lists = stage.open();
        PublishedCrl crl = lists.publish(stage.revoke());

        String chain = Files.readString(folder.resolve("audit/audit.000000000001.jsonl"));

        assertThat(chain.lines().filter(line -> line.contains("\"kind\":\"crl\"")))
                .hasSize(PARTITIONS + 1)
                .last()
                .asString()
                .contains(
                        "\"issuer\":\"CN=Devices G1\"",
                        "\"sha256\":\"%s\"".formatted(crl.sha256()),
                        "\"partition\":\"%d\"".formatted(crl.partition()),
                        "\"number\":\"2\",\"entries\":\"1\"");
    }

    @Test
    void aListTellsTheSameTimesWhereNumbersAndYearsAreWrittenOtherwise() {
        Locale before = Locale.getDefault();
        try {
            for (String other : List.of("fa-IR", "th-TH-u-ca-buddhist-nu-thai")) {
                Locale.setDefault(Locale.forLanguageTag(other));
                CrlStage there = new CrlStage(folder.resolve(other), 1, stage.audit);
                RevocationLists lists = there.open();

                PublishedCrl crl = lists.publish(there.revoke());

                assertThat(crl.thisUpdate()).isEqualTo(CrlStage.NOW.minusSeconds(60));
                assertThat(crl.nextUpdate()).isEqualTo(CrlStage.NOW.plus(Duration.ofDays(1)));
                assertThat(there.reader().entries(crl))
                        .extracting(CrlEntry::revokedAt)
                        .containsExactly(CrlStage.NOW);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void cachesKeepItForAnHourAndNeverPastItsEnd() {
        PublishedCrl crl = stage.open().published(0);

        assertThat(crl.cacheFor(CrlStage.NOW)).isEqualTo(Duration.ofHours(1));
        assertThat(crl.cacheFor(crl.nextUpdate().minusSeconds(5))).isEqualTo(Duration.ofSeconds(5));
        assertThat(crl.cacheFor(crl.nextUpdate().plusSeconds(5))).isZero();
    }

    private Set<SerialNumber> onLists(RevocationLists lists) {
        return lists.published().stream()
                .flatMap(crl -> stage.reader().entries(crl).stream())
                .map(CrlEntry::serial)
                .collect(Collectors.toSet());
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
