package io.muster.hub.certificates.ledger;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets writers that come together wait for the disk once. The first writes by itself; those who
 * come meanwhile wait, and one of them writes for all of them in one transaction. So nobody waits
 * for others to come, and no thread is needed. Shared by threads; blocks.
 *
 * <p>If the transaction of several fails by something of one of them, each is written by itself. If
 * the registry does not answer, all are told so.
 *
 * @param <T> what is written
 * @param <R> what is told of it
 */
final class GroupedWrites<T, R> {

    private final int most;
    private final Duration timeout;
    private final Batch<T, R> batch;

    private final ReentrantLock lock = new ReentrantLock();

    /** Who waits, in the order in which they came; with the lock. */
    private final Deque<Writer<T, R>> waiting = new ArrayDeque<>();

    /** Whether somebody writes, without the lock; with the lock. */
    private boolean isWriting;

    /** Writes several, all or none. */
    interface Batch<T, R> {

        /**
         * Writes them.
         *
         * @return of each what is told, in their order
         * @throws RegistryUnavailableException if the registry does not answer
         */
        List<R> write(List<T> some);
    }

    /** One who waits: what became of it is written and read with the lock. */
    private static final class Writer<T, R> {
        private final T item;

        /** It is written, or it is this one's turn to write. */
        private final Condition called;

        private @Nullable R result;
        private @Nullable RuntimeException failure;

        Writer(T item, Condition called) {
            this.item = item;
            this.called = called;
        }

        boolean isDone() {
            return result != null || failure != null;
        }

        void end() {
            if (!isDone()) {
                failure = new RegistryUnavailableException("registry did not say what it has done");
            }
        }

        R outcome() {
            if (result != null) {
                return result;
            }
            throw failure != null ? failure : new IllegalStateException("it was not written");
        }
    }

    /**
     * @param most so many in a transaction
     * @param timeout how long one waits for others who write
     */
    GroupedWrites(int most, Duration timeout, Batch<T, R> batch) {
        this.most = most;
        this.timeout = timeout;
        this.batch = batch;
    }

    /**
     * Writes it.
     *
     * @throws RegistryUnavailableException if the registry does not answer, or has not come to it
     *     in time: then nobody knows whether it is written
     */
    R write(T item) {
        Writer<T, R> mine = new Writer<>(item, lock.newCondition());
        lock.lock();
        try {
            waiting.add(mine);
            long left = timeout.toNanos();
            while (!mine.isDone() && (left > 0 || !isWriting)) {
                if (isWriting) {
                    left = mine.called.awaitNanos(left);
                } else {
                    writeSome();
                }
            }
            if (!mine.isDone()) {
                throw new RegistryUnavailableException(
                        "registry is busy with the certificates of others");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("interrupted before its turn", interrupted);
        } finally {
            waiting.remove(mine);
            callNext();
            lock.unlock();
        }
        return mine.outcome();
    }

    /** How many wait for others to write. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** For whoever waits longest, among them who calls this or those before him. */
    private void writeSome() {
        List<Writer<T, R>> some = new ArrayList<>();
        while (some.size() < most && !waiting.isEmpty()) {
            some.add(waiting.remove());
        }
        isWriting = true;
        lock.unlock();
        try {
            write(some);
        } finally {
            lock.lock();
            isWriting = false;
            some.forEach(each -> each.called.signal());
        }
    }

    /** One who waits writes next; nobody else is woken. Whoever goes calls him, so he is called. */
    private void callNext() {
        Writer<T, R> next = waiting.peek();
        if (!isWriting && next != null) {
            next.called.signal();
        }
    }

    private void write(List<Writer<T, R>> some) {
        try {
            writeTogether(some);
        } catch (RegistryUnavailableException unavailable) {
            some.forEach(each -> each.failure = unavailable);
        } catch (RuntimeException ofOne) {
            some.forEach(each -> writeAlone(each, some.size() == 1 ? ofOne : null));
        } finally {
            // Not even an error leaves somebody waiting for what nobody does.
            some.forEach(Writer::end);
        }
    }

    private void writeTogether(List<Writer<T, R>> some) {
        List<R> results = batch.write(some.stream().map(each -> each.item).toList());
        for (int i = 0; i < some.size(); i++) {
            some.get(i).result = results.get(i);
        }
    }

    private void writeAlone(Writer<T, R> writer, @Nullable RuntimeException known) {
        if (known != null) {
            writer.failure = known;
            return;
        }
        try {
            writeTogether(List.of(writer));
        } catch (RuntimeException failure) {
            writer.failure = failure;
        }
    }
}
