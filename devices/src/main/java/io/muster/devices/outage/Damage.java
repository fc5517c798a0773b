package io.muster.devices.outage;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.RegistryDatabase;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether anybody has met a damaged place in the registry since the start; shared. It stays so:
 * that other places can be read proves nothing. SQLite's file is looked through once, in the
 * background, as a place that nobody asks for may be damaged for months otherwise, and the backups
 * with it.
 */
final class Damage implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Damage.class);

    private static final Duration LOG_INTERVAL = Duration.ofMinutes(10);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final long CANCEL_EVERY_MILLIS = 20;

    private final RegistryDatabase database;
    private final LongSupplier nanoClock;
    private final Thread check = new Thread(this::check, "registry-check");
    private volatile boolean met;

    // Guarded by this.
    private long loggedNanos;
    private boolean closed;
    private Optional<Runnable> checking = Optional.empty();

    Damage(RegistryDatabase database, LongSupplier nanoClock) {
        this.database = database;
        this.nanoClock = nanoClock;
        check.setDaemon(true);
    }

    /** Begins to look through the file. */
    void start() {
        check.start();
    }

    boolean isMet() {
        return met;
    }

    /** Takes note of a failure, if it is damage; logged once, and again if it is met much later. */
    void note(RegistryUnavailableException failure) {
        if (failure.isDamage() && isToBeLogged(nanoClock.getAsLong())) {
            log.error(
                    "registry is damaged: stop the hub and put a backup in its place, or recover"
                            + " what can be read, as docs/outages.md says; what is damaged is"
                            + " refused until then cause=\"{}\"",
                    RegistryWatch.inOneLine(failure));
        }
    }

    private synchronized boolean isToBeLogged(long nowNanos) {
        if (met && nowNanos - loggedNanos < LOG_INTERVAL.toNanos()) {
            return false;
        }
        met = true;
        loggedNanos = nowNanos;
        return true;
    }

    private void check() {
        if (isClosed()) {
            return;
        }
        long begin = System.nanoTime();
        try {
            if (database.check(this::checking)) {
                log.info(
                        "registry looked through, no damage found seconds={}",
                        (System.nanoTime() - begin) / 1_000_000_000);
            }
        } catch (RegistryUnavailableException failed) {
            if (!failed.isDamage() && !isClosed()) {
                log.warn("registry could not be looked through for damage", failed);
            }
        }
    }

    private synchronized void checking(Optional<Runnable> running) {
        checking = running;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Looks no further; blocks until nothing is looked at any more, but for 5 s at most. */
    @Override
    public void close() {
        long untilNanos = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        do {
            end();
        } while (!hasEnded() && System.nanoTime() - untilNanos < 0);
    }

    /** What is about to begin cannot be ended yet, so this is to be repeated. */
    private synchronized void end() {
        closed = true;
        checking.ifPresent(Runnable::run);
    }

    private boolean hasEnded() {
        try {
            check.join(CANCEL_EVERY_MILLIS);
            return !check.isAlive();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
