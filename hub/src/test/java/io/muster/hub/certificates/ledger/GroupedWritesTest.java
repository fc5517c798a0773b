package io.muster.hub.certificates.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GroupedWritesTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<List<Integer>> written = new CopyOnWriteArrayList<>();
    private final CountDownLatch disk = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private Duration patience = Duration.ofSeconds(20);

    @AfterEach
    void end() {
        disk.countDown();
        threads.shutdownNow();
    }

    /** Tells of each the double; the first waits for the disk. */
    private List<Integer> write(List<Integer> some) {
        written.add(List.copyOf(some));
        if (written.size() == 1) {
            begun.countDown();
            try {
                disk.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
        if (some.contains(-1)) {
            throw new IllegalArgumentException("-1 is not written");
        }
        if (some.contains(-2)) {
            throw new RegistryUnavailableException("no disk");
        }
        if (some.contains(-3)) {
            throw new AssertionError("no memory");
        }
        return some.stream().map(each -> 2 * each).toList();
    }

    private GroupedWrites<Integer, Integer> writes(int most) {
        return new GroupedWrites<>(most, patience, this::write);
    }

    /** The first, and then these while it waits for the disk. */
    private List<Future<Integer>> behindTheFirst(
            GroupedWrites<Integer, Integer> writes, Integer... others) throws Exception {
        List<Future<Integer>> all = new ArrayList<>();
        all.add(threads.submit(() -> writes.write(0)));
        begun.await();
        for (Integer other : others) {
            int before = writes.waiting();
            all.add(threads.submit(() -> writes.write(other)));
            await().until(() -> writes.waiting() > before || all.get(all.size() - 1).isDone());
        }
        return all;
    }

    @Test
    void thoseWhoComeWhileOneWritesAreWrittenTogether() throws Exception {
        List<Future<Integer>> all = behindTheFirst(writes(3), 1, 2, 3, 4);

        disk.countDown();

        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).get()).isEqualTo(2 * i);
        }
        assertThat(written).containsExactly(List.of(0), List.of(1, 2, 3), List.of(4));
    }

    @Test
    void whatCannotBeWrittenKeepsNoOtherFromIt() throws Exception {
        List<Future<Integer>> all = behindTheFirst(writes(10), 1, -1, 2);

        disk.countDown();

        assertThat(all.get(1).get()).isEqualTo(2);
        assertThat(all.get(3).get()).isEqualTo(4);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> all.get(2).get())
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ifTheRegistryDoesNotAnswerAllAreToldAndItIsNotAskedOfEach() throws Exception {
        List<Future<Integer>> all = behindTheFirst(writes(10), 1, -2, 2);

        disk.countDown();

        for (Future<Integer> each : all.subList(1, 4)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(each::get)
                    .withCauseInstanceOf(RegistryUnavailableException.class);
        }
        assertThat(written).hasSize(2);
    }

    @Test
    void anErrorLeavesNobodyWaiting() throws Exception {
        List<Future<Integer>> all = behindTheFirst(writes(10), -3, 1);

        disk.countDown();

        for (Future<Integer> each : all.subList(1, 3)) {
            assertThatExceptionOfType(ExecutionException.class).isThrownBy(each::get);
        }
        assertThat(writes(10).write(4)).isEqualTo(8);
    }

    @Test
    void whoseTurnDoesNotComeIsToldAndNotWritten() throws Exception {
        patience = Duration.ofSeconds(1);
        List<Future<Integer>> all = behindTheFirst(writes(10), 1);

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> all.get(1).get())
                .withCauseInstanceOf(RegistryUnavailableException.class);
        disk.countDown();

        assertThat(all.get(0).get()).isZero();
        assertThat(written).containsExactly(List.of(0));
    }
}
