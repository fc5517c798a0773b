package io.muster.loadtest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario: connect, warm up, measure, drain, sum up. {@link #run} is called once and
 * blocks; {@link #stop} may be called on any thread and ends it early.
 */
final class LoadTest {

    /** Enough to keep a broker busy, few enough not to be a storm. */
    private static final int CONNECTS_IN_FLIGHT = 100;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Lets all publishers be told before the first message is due. */
    private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long DRAIN_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long DRAIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** The part of the patience for which duplicates of the last messages are waited for. */
    private static final int LINGER_DIVISOR = 10;

    private final Scenario scenario;
    private final DeviceFleet fleet;
    private final MqttClient client;
    private final @Nullable LinuxProcess broker;
    private final @Nullable LinuxProcess generator =
            LinuxProcess.supported() ? new LinuxProcess(ProcessHandle.current().pid()) : null;
    private final Consumer<String> progress;

    private final Measurement measurement = new Measurement(ThreadLocalRandom.current().nextLong());
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Publisher> publishers;
    private final List<Receiver> receivers;
    private final AtomicInteger failed = new AtomicInteger();
    private int attempted;
    private long nextProgressNanos;
    private long nextWriteOffNanos;
    private long sentBefore;
    private long receivedBefore;

    /**
     * Makes a run.
     *
     * @param broker null when its process is not looked at
     * @param progress takes a line each second
     */
    LoadTest(
            Scenario scenario,
            DeviceFleet fleet,
            MqttClient client,
            @Nullable LinuxProcess broker,
            Consumer<String> progress) {
        this.scenario = scenario;
        this.fleet = fleet;
        this.client = client;
        this.broker = broker;
        this.progress = progress;
        this.publishers = new ArrayList<>(scenario.publishers());
        for (int i = 0; i < scenario.publishers(); i++) {
            publishers.add(new Publisher(scenario, measurement, i, fleet.topic(i)));
        }
        this.receivers = new ArrayList<>(scenario.subscribers());
        for (int i = 0; i < scenario.subscribers(); i++) {
            receivers.add(new Receiver(scenario, measurement, i, publishers));
        }
    }

    /** A moment of the run: what was counted until then. */
    private record Snapshot(
            long nanos,
            long sent,
            long received,
            LinuxProcess.@Nullable Usage broker,
            LinuxProcess.@Nullable Usage generator) {}

    /** Ends the run early; it still sums up what there is. */
    void stop() {
        stopped.countDown();
    }

    /** Runs the scenario; closes no client. */
    LatencyReport run() throws InterruptedException {
        nextProgressNanos = System.nanoTime() + SECOND;
        boolean[] subscribed = connectSubscribers();
        List<MqttClient.@Nullable Connection> devices = connectDevices();

        long start = System.nanoTime() + HEAD_START_NANOS;
        long measureFrom = start + scenario.phases().warmupNanos();
        long end = measureFrom + scenario.phases().durationNanos();
        measurement.schedule(start, measureFrom, end);
        nextWriteOffNanos = start + scenario.phases().patienceNanos();
        int publishing = startPublishers(devices, subscribed);
        if (publishing == 0) {
            measurement.error("no device could publish");
            stop();
        }

        runUntil(measureFrom, "warm-up");
        Snapshot before = snapshot();
        runUntil(end, "measured");
        Snapshot after = snapshot();
        long behind = behind(after);
        publishers.forEach(Publisher::stop);
        drain();
        return report(before, after, behind);
    }

    private boolean[] connectSubscribers() throws InterruptedException {
        boolean[] subscribed = new boolean[receivers.size()];
        Connect connect =
                i ->
                        client.connect(
                                        fleet.subscriberSignIn(i, measurement.run()),
                                        receivers.get(i))
                                .thenCompose(
                                        connection ->
                                                connection.subscribe(
                                                        fleet.filters(scenario, i), scenario.qos()))
                                .thenRun(() -> subscribed[i] = true);
        // All have one account. Brokers hash its password slowly the first time and remember it, so
        // the first goes alone.
        connectAll(0, Math.min(1, receivers.size()), connect);
        connectAll(1, receivers.size(), connect);
        return subscribed;
    }

    private List<MqttClient.@Nullable Connection> connectDevices() throws InterruptedException {
        MqttClient.@Nullable Connection[] connections =
                new MqttClient.@Nullable Connection[scenario.devices()];
        MqttClient.Listener idle = new IdleDevice(measurement);
        connectAll(
                0,
                scenario.devices(),
                i ->
                        client.connect(
                                        fleet.deviceSignIn(i, measurement.run()),
                                        i < publishers.size() ? publishers.get(i) : idle)
                                .thenAccept(connection -> connections[i] = connection));
        return Arrays.asList(connections);
    }

    /** A device that is connected and publishes nothing. */
    private record IdleDevice(Measurement measurement) implements MqttClient.Listener {

        @Override
        public void lost(String reason) {
            measurement.disconnected("a device lost its connection: " + reason);
        }
    }

    /** Opens one connection by its index. */
    private interface Connect {
        CompletableFuture<Void> open(int index);
    }

    /** Opens many connections, a bounded number at a time, and waits for them. */
    private void connectAll(int from, int to, Connect connect) throws InterruptedException {
        Semaphore places = new Semaphore(CONNECTS_IN_FLIGHT);
        for (int i = from; i < to && running(); i++) {
            acquire(places, 1);
            attempted++;
            var unused =
                    connect.open(i)
                            .whenComplete(
                                    (done, cause) -> {
                                        connected(cause);
                                        places.release();
                                    });
        }
        // Each connection has a time limit of its own, so the places come back.
        acquire(places, CONNECTS_IN_FLIGHT);
    }

    private void acquire(Semaphore places, int count) throws InterruptedException {
        while (!places.tryAcquire(count, untilProgress(), TimeUnit.NANOSECONDS)) {
            tellProgress("connecting");
        }
    }

    private void connected(@Nullable Throwable failure) {
        if (failure == null) {
            measurement.connected();
            return;
        }
        failed.incrementAndGet();
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        measurement.error(
                cause instanceof TimeoutException
                        ? "no SUBACK within " + MqttClient.ANSWER_SECONDS_MAX + " s"
                        : String.valueOf(cause.getMessage()));
    }

    /** Starts those that somebody hears; with no subscribers at all, everybody. */
    private int startPublishers(
            List<MqttClient.@Nullable Connection> devices, boolean[] subscribed) {
        int[] heardBy = new int[publishers.size()];
        for (int s = 0; s < subscribed.length; s++) {
            int first = scenario.firstHeard(s);
            for (int p = first; subscribed[s] && p < first + scenario.heardCount(); p++) {
                heardBy[p]++;
            }
        }
        int started = 0;
        for (int p = 0; p < heardBy.length; p++) {
            MqttClient.Connection connection = devices.get(p);
            if (connection != null && (heardBy[p] > 0 || subscribed.length == 0)) {
                publishers.get(p).start(connection, heardBy[p]);
                started++;
            }
        }
        return started;
    }

    private boolean running() {
        return stopped.getCount() > 0;
    }

    private void runUntil(long nanos, String phase) throws InterruptedException {
        while (running() && nanos - System.nanoTime() > 0) {
            long wait = Math.min(nanos, Math.min(nextProgressNanos, nextWriteOffNanos));
            boolean ended =
                    stopped.await(Math.max(0, wait - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!ended && untilProgress() == 0) {
                tellProgress(phase);
            }
            if (!ended && nextWriteOffNanos - System.nanoTime() <= 0) {
                nextWriteOffNanos = System.nanoTime() + scenario.phases().patienceNanos();
                publishers.forEach(Publisher::writeOffIfStalled);
            }
        }
    }

    private long untilProgress() {
        return Math.max(0, nextProgressNanos - System.nanoTime());
    }

    private void tellProgress(String phase) {
        nextProgressNanos += SECOND;
        long sent = measurement.sentCount();
        long received = measurement.receivedCount();
        Histogram interval = measurement.takeInterval();
        progress.accept(
                String.format(
                        Locale.ROOT,
                        "%-10s  sent %d/s  received %d/s  connected %d  errors %d  p99 %.1f ms",
                        phase,
                        sent - sentBefore,
                        received - receivedBefore,
                        measurement.connectedCount(),
                        measurement.errorCount(),
                        interval.getValueAtPercentile(99) / 1e6));
        sentBefore = sent;
        receivedBefore = received;
    }

    private Snapshot snapshot() {
        return new Snapshot(
                System.nanoTime(),
                measurement.sentCount(),
                measurement.receivedCount(),
                usage(broker),
                usage(generator));
    }

    private LinuxProcess.@Nullable Usage usage(@Nullable LinuxProcess process) {
        if (process == null) {
            return null;
        }
        try {
            return process.usage();
        } catch (IOException e) {
            measurement.error("a process cannot be read: " + e.getMessage());
            return null;
        }
    }

    /** How many messages of the open loop should have been sent by now and were not. */
    private long behind(Snapshot now) {
        if (!scenario.pace().openLoop()) {
            return 0;
        }
        long elapsed = Math.min(now.nanos(), measurement.endNanos()) - measurement.startNanos();
        long behind = 0;
        for (int p = 0; p < publishers.size(); p++) {
            if (publishers.get(p).started()) {
                long due = scenario.dueBefore(p, Math.max(0, elapsed));
                behind += Math.max(0, due - publishers.get(p).sent());
            }
        }
        return behind;
    }

    /** Waits for what is under way, as long as anything still arrives. */
    private void drain() throws InterruptedException {
        long patience = scenario.phases().patienceNanos();
        long begin = System.nanoTime();
        long lastArrival = begin;
        long before = -1;
        while (!publishers.stream().allMatch(Publisher::settled)
                && System.nanoTime() - lastArrival < patience
                && System.nanoTime() - begin < DRAIN_NANOS_MAX) {
            TimeUnit.NANOSECONDS.sleep(DRAIN_STEP_NANOS);
            long now = publishers.stream().mapToLong(Publisher::progress).sum();
            if (now != before) {
                lastArrival = System.nanoTime();
                before = now;
            }
        }
        TimeUnit.NANOSECONDS.sleep(patience / LINGER_DIVISOR);
    }

    private LatencyReport report(Snapshot before, Snapshot after, long behind) {
        long lost = receivers.stream().mapToLong(Receiver::lost).sum();
        long unacknowledged =
                publishers.stream().mapToLong(p -> Math.max(0, p.sent() - p.promised())).sum();
        LatencyReport.Counts counts = measurement.counts(lost, unacknowledged);
        LatencyReport.Connections connections =
                new LatencyReport.Connections(
                        attempted, failed.get(), measurement.disconnectCount());
        long received = after.received() - before.received();
        LatencyReport.Processes processes =
                new LatencyReport.Processes(
                        LatencyReport.Consumption.between(
                                before.broker(), after.broker(), received),
                        LatencyReport.Consumption.between(
                                before.generator(), after.generator(), received));
        double seconds = (after.nanos() - before.nanos()) / (double) SECOND;
        return new LatencyReport(
                scenario,
                new LatencyReport.Window(seconds, after.sent() - before.sent(), received, behind),
                counts,
                connections,
                LatencyReport.Latency.of(measurement.latencyNanos(), scenario.pace().openLoop()),
                processes,
                measurement.errors(),
                LatencyReport.brokenPromises(scenario, counts, connections));
    }
}
