package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.client.SignIn;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.ProcessMeter;
import io.muster.loadtest.measure.Progress;
import io.muster.loadtest.measure.Snapshot;
import io.muster.loadtest.report.Connections;
import io.muster.loadtest.report.Counts;
import io.muster.loadtest.report.Latency;
import io.muster.loadtest.report.Processes;
import io.muster.loadtest.report.Processes.Consumption;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.report.Report.Operation;
import io.muster.loadtest.report.Second;
import io.muster.loadtest.scenario.Scenario;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What every run has: connections, measurement, and the report at the end. Confined to the thread
 * that runs the test, except {@link #stop}.
 */
final class Rig {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Bench bench;
    private final Measurement measurement = new Measurement();
    private final StopSignal stop = new StopSignal();
    private final ProcessMeter meter;
    private final Connector connector;

    Rig(Bench bench) {
        this.bench = bench;
        this.meter = new ProcessMeter(bench.broker(), measurement);
        this.connector = new Connector(bench.scenario().connects(), measurement, stop);
    }

    Scenario scenario() {
        return bench.scenario();
    }

    Measurement measurement() {
        return measurement;
    }

    Connector connector() {
        return connector;
    }

    StopSignal stop() {
        return stop;
    }

    String topic(int device) {
        return bench.fleet().topic(device);
    }

    String key(int device) {
        return bench.fleet().key(device);
    }

    /** Begins to tell progress. */
    Progress progress() {
        boolean ofConnects = bench.scenario().population().publishers() == 0;
        return new Progress(
                measurement,
                meter,
                ofConnects && bench.scenario().population().subscribers() == 0
                        ? measurement.connects()
                        : measurement.messages(),
                bench.progress());
    }

    Snapshot snapshot() {
        return Snapshot.take(measurement, meter);
    }

    /** Connects all devices; null for those that failed. */
    MqttClient.@Nullable Connection[] connectDevices(IntFunction<MqttClient.Listener> listeners)
            throws InterruptedException {
        int devices = scenario().population().devices();
        MqttClient.@Nullable Connection[] connections =
                new MqttClient.@Nullable Connection[devices];
        connector.open(
                0,
                devices,
                new Connector.Member() {
                    @Override
                    public CompletableFuture<MqttClient.Connection> connect(int index) {
                        SignIn signIn = bench.fleet().deviceSignIn(index, measurement.run());
                        return bench.client()
                                .connect(signIn, listeners.apply(index))
                                .thenApply(made -> connections[index] = made);
                    }

                    @Override
                    public CompletableFuture<Void> prepare(
                            int index, MqttClient.Connection connection) {
                        return scenario().connects().subscribing()
                                ? connection.subscribe(
                                        List.of(topic(index)), scenario().messages().qos())
                                : CompletableFuture.completedFuture(null);
                    }
                });
        return connections;
    }

    /** Begins to connect a subscriber. */
    CompletableFuture<MqttClient.Connection> connectSubscriber(
            int index, boolean keepsSession, MqttClient.Listener listener) {
        SignIn signIn = bench.fleet().subscriberSignIn(index, measurement.run());
        return bench.client().connect(signIn.keepingSession(keepsSession), listener);
    }

    /** Subscribes a subscriber to what it shall hear. */
    CompletableFuture<Void> subscribe(
            int index, MqttClient.Connection connection, String filterEnd) {
        List<String> filters =
                bench.fleet().filters(scenario().population(), index, measurement.run()).stream()
                        .map(filter -> filter + filterEnd)
                        .toList();
        return connection.subscribe(filters, scenario().messages().qos());
    }

    /** Disconnects all that are there, and waits for that. */
    void disconnect(MqttClient.@Nullable Connection[] connections) {
        CompletableFuture<?>[] closed = new CompletableFuture<?>[connections.length];
        for (int i = 0; i < connections.length; i++) {
            MqttClient.Connection connection = connections[i];
            closed[i] =
                    connection == null
                            ? CompletableFuture.completedFuture(null)
                            : connection.disconnect().thenRun(measurement::closed);
        }
        CompletableFuture.allOf(closed)
                .orTimeout(MqttClient.ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                .exceptionally(
                        cause -> {
                            measurement.error("connections were not closed in time");
                            return null;
                        })
                .join();
    }

    /**
     * What came of it.
     *
     * @param operation what the run does
     * @param latencyMeaning of messages; not used where the operation is a connection
     */
    Report report(
            Operation operation,
            Snapshot before,
            Snapshot after,
            Progress progress,
            Sums sums,
            String latencyMeaning) {
        List<Second> seconds = progress.end();
        long operations =
                switch (operation) {
                    case DELIVERY -> after.received() - before.received();
                    case PUBLICATION -> after.sent() - before.sent();
                    case CONNECTION -> after.opened() - before.opened();
                };
        Report.Window window =
                new Report.Window(
                        (after.nanos() - before.nanos()) / NANOS_PER_SECOND,
                        operation,
                        operations,
                        after.sent() - before.sent(),
                        after.received() - before.received(),
                        sums.behind());
        Counts counts = measurement.counts(sums.lost(), sums.unacknowledged());
        Connections connections = connector.connections();
        Latency latency =
                operation == Operation.CONNECTION
                        ? connections.latency()
                        : Latency.of(measurement.messages().total(), latencyMeaning);
        return new Report(
                scenario(),
                window,
                counts,
                connections,
                latency,
                new Processes(
                        Consumption.between(
                                before.used().broker(), after.used().broker(), operations),
                        Consumption.between(
                                before.used().generator(), after.used().generator(), operations)),
                seconds,
                Report.Verdict.of(scenario(), counts, connections, latency, measurement.errors()));
    }

    /**
     * What only publishers and receivers know.
     *
     * @param lost deliveries that never came
     * @param unacknowledged messages
     * @param behind messages that were due and not sent
     */
    record Sums(long lost, long unacknowledged, long behind) {

        /** Of a run without messages. */
        static final Sums NONE = new Sums(0, 0, 0);
    }
}
