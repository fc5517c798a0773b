package io.muster.devices.registry;

import io.muster.devices.RegistryUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One change after the other, so that memory hears of them in the order they were made in; shared.
 * Held from a change in the database until memory was told of it.
 */
public final class Turn {

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Duration patience;

    /** Whose turn has not come after {@code patience} is refused. */
    public Turn(Duration patience) {
        this.patience = patience;
    }

    /**
     * Runs {@code change} when it is its turn. Blocks until it is done.
     *
     * @throws RegistryUnavailableException if its turn does not come
     */
    public <T> T take(Supplier<T> change) {
        await();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    /** A change that may say that the database failed. */
    interface Throwing<T> {
        T make() throws SQLException;
    }

    /** As {@link #take}, within what tells of the failures of the database. */
    <T> T takeThrowing(Throwing<T> change) throws SQLException {
        await();
        try {
            return change.make();
        } finally {
            lock.unlock();
        }
    }

    private void await() {
        try {
            if (!lock.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryUnavailableException("registry is busy with other changes");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("interrupted before its turn", interrupted);
        }
    }

    /** As {@link #take}, without a result. */
    public void run(Runnable change) {
        take(
                () -> {
                    change.run();
                    return true;
                });
    }
}
