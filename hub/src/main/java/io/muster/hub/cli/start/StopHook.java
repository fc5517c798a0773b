package io.muster.hub.cli.start;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the hub in order when the process is asked to end (SIGINT, SIGTERM). Runs on a thread of
 * its own; safe for use by several threads.
 *
 * <p>A JVM that a signal ends has the exit code 130 or 143. To have been stopped as asked is no
 * failure, so the hook ends the process itself, with 0.
 */
final class StopHook {

    private static final Logger log = LoggerFactory.getLogger(StopHook.class);
    private static final int START_WAIT_SECONDS = 30;
    private static final int STOPPED_AS_ASKED = 0;
    private static final int NOT_STOPPED_IN_ORDER = 1;

    private final CompletableFuture<AutoCloseable> started = new CompletableFuture<>();
    private final Thread thread = new Thread(this::stop, "stop");
    private final PrintWriter out;
    private final IntConsumer exit;

    /**
     * A hook that is not installed.
     *
     * @param exit ends the process at once with an exit code
     */
    StopHook(PrintWriter out, IntConsumer exit) {
        this.out = out;
        this.exit = exit;
    }

    void install() {
        Runtime.getRuntime().addShutdownHook(thread);
    }

    /** The hub runs; from now on it is stopped when the process is asked to end. */
    void started(AutoCloseable hub) {
        started.complete(hub);
    }

    /** There is no hub to stop, so the process ends as it would without this hook. */
    void failed(Throwable cause) {
        started.completeExceptionally(cause);
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) {
            log.debug("asked to stop while starting");
        }
    }

    /** Waits for a start under way, stops what was started, and ends the process. */
    void stop() {
        int exitCode = STOPPED_AS_ASKED;
        try {
            started.get(START_WAIT_SECONDS, TimeUnit.SECONDS).close();
            out.println("muster stopped");
        } catch (ExecutionException | TimeoutException e) {
            out.println("muster stopped before it was ready");
        } catch (Exception e) {
            log.error("stop failed", e);
            exitCode = NOT_STOPPED_IN_ORDER;
        }
        out.flush();
        exit.accept(exitCode);
    }
}
