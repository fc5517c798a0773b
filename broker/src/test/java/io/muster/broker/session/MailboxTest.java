package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class MailboxTest {

    private final SessionStage stage = new SessionStage();
    private final Queue<Runnable> wakeUps = new ArrayDeque<>();
    private final Mailbox mailbox = new Mailbox(wakeUps::add);

    private Batch batch(String... topics) {
        Batch batch = new Batch();
        for (String topic : topics) {
            batch.add(
                    stage.session,
                    SessionStage.message(topic, Qos.AT_MOST_ONCE),
                    stage.subscription(Qos.AT_MOST_ONCE, false),
                    false);
        }
        return batch;
    }

    private List<String> delivered() {
        return stage.output.sent().stream().map(line -> line.substring("qos0 ".length())).toList();
    }

    @Test
    void wakesItsOwnerOnceForAllThatWaits() {
        stage.connect(10);
        mailbox.post(batch("a", "b"));
        mailbox.post(batch("c"));
        assertThat(wakeUps).hasSize(1);
        assertThat(mailbox.depth()).isEqualTo(3);
        stage.loops.in(0, wakeUps.remove());
        assertThat(delivered()).containsExactly("a", "b", "c");
        assertThat(mailbox.depth()).isZero();
        mailbox.post(batch("d"));
        assertThat(wakeUps).as("wakes again").hasSize(1);
        stage.loops.in(0, wakeUps.remove());
        assertThat(delivered()).containsExactly("d");
    }

    @Test
    void letsTheLoopGoOnAfterManyBatches() {
        stage.connect(10);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            expected.add("t" + i);
            mailbox.post(batch("t" + i));
        }
        stage.loops.in(0, wakeUps.remove());
        List<String> got = new ArrayList<>(delivered());
        assertThat(got).hasSizeLessThan(300);
        assertThat(mailbox.depth()).isEqualTo(300 - got.size());
        assertThat(wakeUps).hasSize(1);
        stage.loops.in(0, wakeUps.remove());
        got.addAll(delivered());
        assertThat(got).isEqualTo(expected);
        assertThat(wakeUps).isEmpty();
    }

    @Test
    void oneDeliveryThatFailsDoesNotTakeTheOthersWithIt() {
        stage.connect(10);
        stage.output.breakTopic("b");
        mailbox.post(batch("a", "b", "c"));
        mailbox.post(batch("d"));
        stage.loops.in(0, wakeUps.remove());
        assertThat(delivered()).containsExactly("a", "c", "d");
        assertThat(mailbox.depth()).isZero();
    }

    @Test
    void aBatchGrowsAsItMust() {
        stage.connect(10);
        String[] topics = IntStream.range(0, 1_000).mapToObj(i -> "t" + i).toArray(String[]::new);
        Batch batch = batch(topics);
        assertThat(batch.deliveries()).isEqualTo(1_000);
        stage.loops.in(0, batch::deliverAll);
        assertThat(delivered()).containsExactly(topics);
    }

    @Test
    void aBatchIsFilledAgainOnlyWhenItHasBeenEmptied() {
        stage.connect(10);
        Batch batch = batch("a", "b");
        assertThat(batch.takeIfEmptied()).isFalse();
        stage.loops.in(0, batch::deliverAll);
        assertThat(batch.takeIfEmptied()).isTrue();
        assertThat(batch.takeIfEmptied()).as("taken already").isFalse();
        assertThat(batch.deliveries()).isZero();
    }

    /** Several threads post while one drains: nothing is lost, doubled, or out of order. */
    @Test
    void losesNothingBetweenThreads() throws InterruptedException {
        int posters = 3;
        int batches = 20_000;
        stage.connect(10);
        ExecutorService owner = Executors.newSingleThreadExecutor();
        AtomicInteger drains = new AtomicInteger();
        Mailbox shared =
                new Mailbox(
                        drain ->
                                owner.execute(
                                        () -> {
                                            drains.incrementAndGet();
                                            drain.run();
                                        }));
        CountDownLatch posted = new CountDownLatch(posters);
        ExecutorService threads = Executors.newFixedThreadPool(posters);
        for (int poster = 0; poster < posters; poster++) {
            int name = poster;
            threads.execute(
                    () -> {
                        for (int i = 0; i < batches; i++) {
                            shared.post(batch(name + "/" + i));
                        }
                        posted.countDown();
                    });
        }
        assertThat(posted.await(30, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        awaitEmpty(shared);
        owner.shutdown();
        assertThat(owner.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        List<String> got = delivered();
        assertThat(got).hasSize(posters * batches);
        for (int poster = 0; poster < posters; poster++) {
            String prefix = poster + "/";
            List<String> own = got.stream().filter(topic -> topic.startsWith(prefix)).toList();
            assertThat(own)
                    .isEqualTo(IntStream.range(0, batches).mapToObj(i -> prefix + i).toList());
        }
        assertThat(drains.get()).isLessThanOrEqualTo(posters * batches);
        assertThat(Collections.frequency(got, "0/0")).isEqualTo(1);
    }

    private static void awaitEmpty(Mailbox shared) {
        Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> shared.depth() == 0);
    }
}
