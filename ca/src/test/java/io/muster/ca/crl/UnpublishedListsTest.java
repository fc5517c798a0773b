package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChainBrokenException;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of lists that cannot be published. */
class UnpublishedListsTest {

    private static final int PARTITIONS = 4;

    private final CrlStage stage;

    UnpublishedListsTest(@TempDir Path folder) throws AuditChainBrokenException {
        this.stage = new CrlStage(folder, PARTITIONS);
    }

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void oneThatCannotBeIssuedAgainIsToldAndTriedAgainAndTheOthersAreIssued() throws Exception {
        RevocationLists lists = stage.open();
        stage.clock.advance(Duration.ofHours(1));
        // Where a folder is, no file can be written.
        Path obstacle = obstacle(2, 2);

        RevocationLists.Reissued reissued = lists.reissueDue();

        assertThat(reissued.published()).hasSize(PARTITIONS - 1);
        assertThat(reissued.failed())
                .singleElement()
                .isInstanceOf(CrlUnpublishedException.class)
                .asString()
                .contains("partition 2");
        assertThat(lists.published(2).number()).isEqualTo(1);
        remove(obstacle);
        assertThat(lists.reissueDue().published())
                .singleElement()
                .matches(crl -> crl.number() == 3);
    }

    @Test
    void aRevocationThatCouldNotBePublishedIsByTheNextLookAndNotAnHourLater() throws Exception {
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        int partition = stage.partitions.of(serial);
        obstacle(partition, 2);
        obstacle(partition, 3);
        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(() -> lists.publish(serial));

        assertThat(lists.reissueDue().failed()).hasSize(1);

        assertThat(lists.reissueDue().published())
                .singleElement()
                .matches(crl -> crl.contains(serial));
        assertThat(lists.reissueDue().published()).isEmpty();
    }

    @Test
    void aPartitionThatCannotBePublishedKeepsNoOtherFromIt() throws Exception {
        RevocationLists lists = stage.open();
        List<SerialNumber> all = Stream.generate(stage::revoke).limit(40).toList();
        obstacle(0, 2);

        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(() -> lists.publish(all))
                .withMessageContaining("partition 0");

        assertThat(all)
                .allMatch(serial -> lists.contains(serial) != (stage.partitions.of(serial) == 0));
    }

    @Test
    void thoseWhoWaitedShareTheFailure() throws Exception {
        stage.open();
        SlowlyFailingKey key = new SlowlyFailingKey();
        stage.key = key;
        RevocationLists lists = stage.open();
        SerialNumber serial = stage.revoke();
        List<RuntimeException> told = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> told.add(failure(() -> lists.publish(serial)))));
        }
        threads.forEach(Thread::start);
        await().until(
                        () ->
                                threads.stream()
                                        .allMatch(one -> one.getState() == Thread.State.WAITING));

        key.fails.countDown();
        for (Thread thread : threads) {
            thread.join(10_000);
        }

        assertThat(told).hasSize(8).allMatch(one -> one instanceof CrlUnpublishedException);
        assertThat(key.used.get()).as("attempts").isLessThanOrEqualTo(2);
    }

    @Test
    void whatIsPublishedIsServedWhileTheKeyIsElsewhereAndTheNextWhenItIsBack() {
        stage.open();
        SerialNumber serial = stage.revoke();
        SigningKey there = stage.key;
        LostKey lost = new LostKey();
        stage.key = lost;

        RevocationLists lists = stage.open();

        assertThat(lists.published()).allMatch(crl -> crl.number() == 1);
        assertThat(lists.reissueDue().failed()).hasSize(1);
        lost.back = there;
        assertThat(lists.reissueDue().published())
                .singleElement()
                .matches(crl -> crl.contains(serial));
    }

    @Test
    void withoutItsKeyANewIssuerHasNothingToServe() {
        stage.key = new LostKey();

        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(stage::open)
                .withMessageContaining("the token is gone");
    }

    @Test
    void aKeyThatCannotBeUsedLeavesTheListBeforeInForce() {
        RevocationLists lists = stage.open();
        stage.key = new LostKey();
        RevocationLists without = stage.open();
        SerialNumber serial = stage.revoke();

        assertThatThrownBy(() -> without.publish(serial))
                .isInstanceOf(CrlUnpublishedException.class)
                .hasMessageContaining("the token is gone");
        assertThat(without.published(stage.partitions.of(serial)).number()).isEqualTo(1);
        assertThat(lists.publish(serial).contains(serial)).isTrue();
    }

    /** Where a folder is that is not empty, no draft can be written, nor deleted. */
    private Path obstacle(int partition, int number) throws IOException {
        Path obstacle = stage.folder.resolve(partition + "/crl." + number + ".tmp");
        Files.createDirectory(obstacle);
        return Files.createFile(obstacle.resolve("file"));
    }

    private static void remove(Path obstacle) throws IOException {
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
    }

    private static RuntimeException failure(Runnable act) {
        return catchThrowableOfType(RuntimeException.class, act::run);
    }

    /** A token that answers late, and then that it does not. */
    private static final class SlowlyFailingKey implements SigningKey {

        final CountDownLatch fails = new CountDownLatch(1);
        final AtomicInteger used = new AtomicInteger();

        @Override
        public PublicKey publicKey() {
            return CrlStage.ISSUER.publicKey();
        }

        @Override
        public ContentSigner signer() {
            used.incrementAndGet();
            try {
                fails.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new KeyUnusableException("the token does not answer", new IOException());
        }
    }

    /** A key in a token that somebody has pulled out. */
    private static final class LostKey implements SigningKey {

        @Override
        public PublicKey publicKey() {
            return CrlStage.ISSUER.publicKey();
        }

        volatile @Nullable SigningKey back;

        @Override
        public ContentSigner signer() {
            SigningKey key = back;
            if (key == null) {
                throw new KeyUnusableException("the token is gone", new IOException());
            }
            return key.signer();
        }
    }
}
