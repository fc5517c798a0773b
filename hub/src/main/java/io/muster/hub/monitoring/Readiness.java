package io.muster.hub.monitoring;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the hub can do its work now: its listeners accept, it is not being drained, and its
 * registry answers and can be written. Shared.
 *
 * <p>The registry is asked on a thread of its own, one question at a time and with a deadline, and
 * the answer holds for a second: however often and by however many the page is read, the database
 * feels at most one small query a second.
 */
public final class Readiness implements AutoCloseable {

    private static final Duration ANSWER_HOLDS = Duration.ofSeconds(1);
    private static final String STARTING = "starting";

    private final Runnable registryQuestion;
    private final Duration deadline;
    private final BooleanSupplier draining;
    private final BooleanSupplier writable;
    private final BooleanSupplier damaged;
    private final LongSupplier nanoClock;
    private final ExecutorService asker;

    private final Map<String, Supplier<Optional<String>>> watched = new ConcurrentSkipListMap<>();

    private volatile @Nullable String listenersProblem = STARTING;

    // Guarded by this.
    private @Nullable CompletableFuture<Void> question;
    private @Nullable String registryProblem = STARTING;
    private long answeredNanos;
    private boolean answered;

    /**
     * A hub that is starting.
     *
     * @param registryQuestion asks the registry something small; throws if it cannot be asked
     * @param deadline how long the answer may take
     * @param draining whether clients are being sent elsewhere
     * @param writable whether the registry can be written, as far as is known
     * @param damaged whether something in the registry is known to be damaged
     */
    public Readiness(
            Runnable registryQuestion,
            Duration deadline,
            BooleanSupplier draining,
            BooleanSupplier writable,
            BooleanSupplier damaged) {
        this(registryQuestion, deadline, draining, writable, damaged, System::nanoTime);
    }

    Readiness(
            Runnable registryQuestion,
            Duration deadline,
            BooleanSupplier draining,
            BooleanSupplier writable,
            BooleanSupplier damaged,
            LongSupplier nanoClock) {
        this.registryQuestion = registryQuestion;
        this.deadline = deadline;
        this.draining = draining;
        this.writable = writable;
        this.damaged = damaged;
        this.nanoClock = nanoClock;
        this.asker =
                Executors.newSingleThreadExecutor(
                        task -> {
                            Thread thread = new Thread(task, "muster-readiness");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /** All listeners accept connections. */
    public void listenersAccept() {
        listenersProblem = null;
    }

    /** The hub stops; it does not become ready again. */
    public void stopping() {
        listenersProblem = "stopping";
    }

    /**
     * What is not ready, and why; empty if all is. Blocks for the deadline at most.
     *
     * @return reasons by part: {@code listeners}, {@code registry}
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        String listeners = listenersProblem;
        if (listeners != null) {
            problems.put("listeners", listeners);
        } else if (draining.getAsBoolean()) {
            problems.put("listeners", "draining");
        }
        String registry = askRegistry();
        if (registry != null) {
            problems.put("registry", registry);
        } else if (!writable.getAsBoolean()) {
            problems.put("registry", "cannot be written");
        }
        return problems;
    }

    /**
     * Asks also whether something is wrong with a part that somebody must see to.
     *
     * @param part its name on the page
     * @param warning a sentence, or empty if all is well; must not block
     */
    public void watch(String part, Supplier<Optional<String>> warning) {
        watched.put(part, warning);
    }

    /**
     * What somebody must see to though the hub is ready; empty if nothing is wrong. To take a hub
     * out of service for that would keep out those who are not concerned.
     *
     * @return what is wrong by part: {@code registry}, {@code revocationLists}, {@code
     *     serverCertificates}
     */
    public Map<String, String> warnings() {
        Map<String, String> warnings = new LinkedHashMap<>();
        if (damaged.getAsBoolean()) {
            warnings.put("registry", "damaged");
        }
        watched.forEach(
                (part, warning) ->
                        warning.get().ifPresent(sentence -> warnings.put(part, sentence)));
        return warnings;
    }

    private synchronized @Nullable String askRegistry() {
        long now = nanoClock.getAsLong();
        if (!answered || now - answeredNanos >= ANSWER_HOLDS.toNanos()) {
            registryProblem = answer();
            answeredNanos = nanoClock.getAsLong();
            answered = true;
        }
        return registryProblem;
    }

    private @Nullable String answer() {
        // A question that is still open is not asked again.
        if (question == null || question.isDone()) {
            question = CompletableFuture.runAsync(registryQuestion, asker);
        }
        try {
            question.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return null;
        } catch (TimeoutException e) {
            return "no answer within " + deadline.toMillis() + " ms";
        } catch (ExecutionException e) {
            return "cannot be asked";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "stopping";
        }
    }

    @Override
    public void close() {
        asker.shutdownNow();
    }
}
