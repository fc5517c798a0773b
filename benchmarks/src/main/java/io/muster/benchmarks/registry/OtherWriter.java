package io.muster.benchmarks.registry;

import io.muster.devices.registry.RegistryDatabase;
import java.util.concurrent.locks.LockSupport;

/** Writes something small again and again, as a hub does beside an import, until it is closed. */
final class OtherWriter implements AutoCloseable {

    private static final int PAUSE_NANOS = 5_000_000;

    private final RegistryDatabase database;
    private volatile boolean closed;
    private volatile long longest;

    OtherWriter(RegistryDatabase database) {
        this.database = database;
        Thread thread = new Thread(this::write, "other-writer");
        thread.setDaemon(true);
        thread.start();
    }

    private void write() {
        while (!closed) {
            long begin = System.nanoTime();
            database.proveWritable();
            longest = Math.max(longest, System.nanoTime() - begin);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** How long one of its transactions took at most, with the waiting for its turn. */
    long longestNanos() {
        return longest;
    }

    @Override
    public void close() {
        closed = true;
    }
}
