package io.muster.devices.registry.change;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

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

    /** A change, and how it may fail. */
    @FunctionalInterface
    public interface Change<T, X extends Exception> {
        /** Makes it. */
        T make() throws X;
    }

    /**
     * Makes the change when it is its turn. Blocks until it is done.
     *
     * @throws RegistryUnavailableException if its turn does not come
     */
    public <T, X extends Exception> T take(Change<T, X> change) throws X {
        await();
        try {
            return change.make();
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody has his turn. */
    public boolean isTaken() {
        return lock.isLocked();
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

    /**
     * Makes the change if it is nobody else's turn, without waiting, and says whether it did; those
     * who wait for their turn may have to wait for it.
     */
    public boolean tryRun(Runnable change) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            change.run();
            return true;
        } finally {
            lock.unlock();
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
