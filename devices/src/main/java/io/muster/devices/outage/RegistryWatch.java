package io.muster.devices.outage;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.RegistryDatabase;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the registry can be read and written; shared, never blocks whoever asks.
 *
 * <p>Outages begin and end by a probe, on a thread of its own: as soon as a statement has failed,
 * once a second while there is an outage, and every few seconds otherwise, so that one is noticed
 * also while nobody signs in. A statement that fails by itself, as one that takes too long, is
 * therefore no outage. Writing is probed only after a failure: that costs the disk a
 * synchronisation.
 *
 * <p>An outage is logged once when it begins and once when it is over. Damage is no outage: what it
 * does not touch goes on, and no probe can tell that it is over.
 */
public final class RegistryWatch implements AutoCloseable {

    /** What one may want of the registry. Who cannot read it cannot write it either. */
    public enum Operation {
        /** To look something up. */
        READ,
        /** To change something, durably. */
        WRITE
    }

    private static final Logger log = LoggerFactory.getLogger(RegistryWatch.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Of so many looks one reads also while all is well. */
    private static final int QUIET_LOOKS = 5;

    private final RegistryDatabase database;
    private final Duration grace;
    private final LongSupplier nanoClock;
    private final Consumer<Boolean> readable;
    private final Availability reading = new Availability();
    private final Availability writing = new Availability();
    private final Damage damage;
    private final ScheduledThreadPoolExecutor thread;

    /** Confined to the watching thread. */
    private long looks;

    private RegistryWatch(
            RegistryDatabase database,
            Duration grace,
            LongSupplier nanoClock,
            Consumer<Boolean> readable) {
        this.database = database;
        this.grace = grace;
        this.nanoClock = nanoClock;
        this.readable = readable;
        damage = new Damage(database, nanoClock);
        thread =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread named = new Thread(task, "registry-watch");
                            named.setDaemon(true);
                            return named;
                        });
    }

    /**
     * Begins to watch an open database.
     *
     * @param grace for how long of an outage what was read before it may be trusted; zero is not at
     *     all
     * @param nanoClock measures outages, in nanoseconds
     * @param readable told when an outage of reading begins (false) and ends (true), on the
     *     watching thread; must not block
     */
    public static RegistryWatch start(
            RegistryDatabase database,
            Duration grace,
            LongSupplier nanoClock,
            Consumer<Boolean> readable) {
        RegistryWatch watch = new RegistryWatch(database, grace, nanoClock, readable);
        database.onFailure(watch::failed);
        watch.damage.start();
        var unused =
                watch.thread.scheduleWithFixedDelay(
                        watch::look,
                        INTERVAL.toMillis(),
                        INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Whether no outage of this operation is known of. Cheap. */
    public boolean isAvailable(Operation operation) {
        return !of(operation).isOut();
    }

    /**
     * Whether an outage of reading has lasted longer than the grace: what is in memory must not be
     * trusted any more. Cheap.
     */
    public boolean isPastGrace() {
        return reading.isOut() && reading.outageNanos(nanoClock.getAsLong()) >= grace.toNanos();
    }

    /**
     * Whether something in the registry was found to be damaged since the start. Cheap; never false
     * again.
     */
    public boolean isDamaged() {
        return damage.isMet();
    }

    /** How long the operation has been unavailable, since the start, all outages together. */
    public Duration outages(Operation operation) {
        return Duration.ofNanos(of(operation).outagesNanos(nanoClock.getAsLong()));
    }

    /** How long the present outage of the operation lasts; zero if there is none. */
    public Duration outage(Operation operation) {
        return Duration.ofNanos(of(operation).outageNanos(nanoClock.getAsLong()));
    }

    private Availability of(Operation operation) {
        return operation == Operation.READ ? reading : writing;
    }

    private void failed(boolean isReading, RegistryUnavailableException failure) {
        damage.note(failure);
        suspect(isReading ? reading : writing);
    }

    /** A statement has failed: looks soon, once for however many. */
    private void suspect(Availability operation) {
        if (!operation.suspect()) {
            return;
        }
        try {
            thread.execute(this::look);
        } catch (RejectedExecutionException closed) {
            log.debug("registry is watched no more");
        }
    }

    private void look() {
        looks++;
        boolean wasWell = isWell();
        String failure;
        try {
            failure = probe();
        } catch (RuntimeException unexpected) {
            log.error("registry not watched, will be tried again", unexpected);
            return;
        }
        if (wasWell && !isWell()) {
            log.warn(
                    "registry outage began reading={} writing={} grace={}s cause=\"{}\"",
                    reading.word(),
                    writing.word(),
                    grace.toSeconds(),
                    failure);
        } else if (!wasWell && isWell()) {
            log.info("registry outage is over seconds={}", writing.lastSeconds());
        }
    }

    private boolean isWell() {
        return !reading.isOut() && !writing.isOut();
    }

    /** Probes what is due; why that failed, or an empty text. */
    private String probe() {
        if (!reading.isDue() && !writing.isDue() && looks % QUIET_LOOKS != 0) {
            return "";
        }
        boolean couldRead = !reading.isOut();
        String failure = failureOf(database::proveReadable);
        boolean canRead = failure.isEmpty();
        if (!canRead && thread.isShutdown()) {
            return failure; // it was interrupted
        }
        reading.found(canRead, nanoClock.getAsLong());
        if (couldRead != canRead) {
            readable.accept(canRead);
        }
        if (canRead && writing.isDue()) {
            failure = failureOf(database::proveWritable);
        }
        if (!canRead || writing.isDue()) {
            writing.found(failure.isEmpty(), nanoClock.getAsLong());
        }
        return failure;
    }

    private String failureOf(Runnable proof) {
        try {
            proof.run();
            return "";
        } catch (RegistryUnavailableException failed) {
            damage.note(failed);
            return inOneLine(failed);
        }
    }

    static String inOneLine(RegistryUnavailableException failed) {
        String why = failed.getMessage() + RegistryDatabase.why(failed);
        return why.replace('"', '\'').replace('\n', ' ');
    }

    /** Stops watching; what is known stays as it is. */
    @Override
    public void close() {
        database.onFailure((isReading, failure) -> {});
        damage.close();
        thread.shutdownNow();
    }
}
