package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.report.Connections;
import io.muster.loadtest.report.Latency;
import io.muster.loadtest.scenario.Connects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens many connections, at a rate or as fast as it goes. Confined to the thread that runs the
 * test.
 *
 * <p>At a rate each connection has a time at which it is due. Its latency counts from then, also
 * when it had to wait because too many were under way.
 */
final class Connector {

    private static final String AT_RATE = "from the time each connection was due to its CONNACK";
    private static final String FLAT_OUT = "from the begin of each connection to its CONNACK";
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Connects connects;
    private final Measurement measurement;
    private final StopSignal stop;
    private long busyNanos;
    private long slowestNanos;

    Connector(Connects connects, Measurement measurement, StopSignal stop) {
        this.connects = connects;
        this.measurement = measurement;
        this.stop = stop;
    }

    /** What one of a crowd does. */
    interface Member {

        /** Begins to connect. */
        CompletableFuture<MqttClient.Connection> connect(int index);

        /** What it still has to do before it is there. */
        default CompletableFuture<Void> prepare(int index, MqttClient.Connection connection) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Opens the connections of a crowd from one index to another, and waits for them. */
    void open(int from, int to, Member member) throws InterruptedException {
        Semaphore places = new Semaphore(connects.atOnce());
        long start = System.nanoTime();
        for (int i = from; i < to; i++) {
            long due = start + (connects.rate().fixed() ? connects.rate().dueNanos(i - from) : 0);
            if (!stop.awaitUntil(due)) {
                break;
            }
            places.acquire();
            open(i, connects.rate().fixed() ? due : System.nanoTime(), member)
                    .whenComplete((done, cause) -> places.release());
        }
        // Each connection has a time limit of its own, so the places come back.
        places.acquire(connects.atOnce());
        if (to > from) {
            long took = System.nanoTime() - start;
            busyNanos += took;
            slowestNanos = Math.max(slowestNanos, took);
        }
    }

    private CompletableFuture<Void> open(int index, long dueNanos, Member member) {
        measurement.attempted();
        return member.connect(index)
                .thenCompose(
                        connection -> {
                            measurement.connected(System.nanoTime() - dueNanos);
                            return member.prepare(index, connection);
                        })
                .exceptionally(
                        failure -> {
                            measurement.failed(inWords(failure));
                            return null;
                        });
    }

    private static String inWords(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        return cause instanceof TimeoutException
                ? "no SUBACK within " + MqttClient.ANSWER_SECONDS_MAX + " s"
                : String.valueOf(cause.getMessage());
    }

    /** What happened to the connections so far. */
    Connections connections() {
        return new Connections(
                measurement.attemptedCount(),
                measurement.failedCount(),
                measurement.disconnectCount(),
                measurement.forgottenCount(),
                busyNanos == 0 ? 0 : measurement.openedCount() * NANOS_PER_SECOND / busyNanos,
                slowestNanos / NANOS_PER_SECOND,
                Latency.of(
                        measurement.connects().total(),
                        connects.rate().fixed() ? AT_RATE : FLAT_OUT));
    }
}
