package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.Progress;
import io.muster.loadtest.measure.Snapshot;
import io.muster.loadtest.report.Latency;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.report.Report.Operation;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Messages that flow: connect, ramp and warm up, measure, drain, sum up. */
public final class TrafficRun implements Run {

    /** Lets all publishers be told before the first message is due. */
    private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Rig rig;
    private final Scenario scenario;
    private final Population population;
    private final Measurement measurement;
    private final Publishers publishers;
    private final List<MqttClient.Listener> receivers = new ArrayList<>();
    private final List<LongSupplier> losses = new ArrayList<>();
    private long nextWriteOffNanos;

    /** A run that has not begun. */
    public TrafficRun(Bench bench) {
        this.rig = new Rig(bench);
        this.scenario = bench.scenario();
        this.population = scenario.population();
        this.measurement = rig.measurement();
        this.publishers = new Publishers(scenario, measurement, this::publisher);
        addReceivers();
    }

    private Publisher publisher(int index) {
        String topic = rig.topic(index);
        return new Publisher(
                scenario,
                measurement,
                index,
                sequence -> topic,
                scenario.messages().payloadOf(rig.key(index)),
                false);
    }

    private void addReceivers() {
        if (population.topology() == Topology.SHARED) {
            SharedGroup group = new SharedGroup(measurement, publishers.all());
            losses.add(group::lost);
            for (int i = 0; i < population.subscribers(); i++) {
                receivers.add(group.member());
            }
            return;
        }
        for (int i = 0; i < population.subscribers(); i++) {
            if (population.topology() == Topology.OUTSIDERS) {
                OutsideReceiver receiver = new OutsideReceiver(measurement);
                receivers.add(receiver);
                losses.add(receiver::lost);
            } else {
                Receiver receiver =
                        new Receiver(population, measurement, i, publishers.all(), false);
                receivers.add(receiver);
                losses.add(receiver::lost);
            }
        }
    }

    @Override
    public void stop() {
        rig.stop().stop();
    }

    @Override
    public Report run() throws InterruptedException {
        Progress progress = rig.progress();
        boolean[] subscribed = connectSubscribers();
        MqttClient.@Nullable Connection[] devices = rig.connectDevices(publishers::listener);
        schedule();
        if (startPublishers(devices, subscribed) == 0 && population.publishers() > 0) {
            measurement.error("no device could publish");
            stop();
        }
        progress.phase("warm-up");
        runUntil(measurement.measureFromNanos());
        progress.phase("measured");
        Snapshot before = rig.snapshot();
        runUntil(measurement.endNanos());
        Snapshot after = rig.snapshot();
        progress.phase("draining");
        long behind = publishers.behind(after.nanos());
        publishers.stop();
        publishers.drain();
        return rig.report(
                population.subscribers() == 0 ? Operation.PUBLICATION : Operation.DELIVERY,
                before,
                after,
                progress,
                new Rig.Sums(
                        losses.stream().mapToLong(LongSupplier::getAsLong).sum(),
                        publishers.unacknowledged(),
                        behind),
                isOpenLoop() ? Latency.OPEN_LOOP : Latency.CLOSED_LOOP);
    }

    /** Outsiders stamp their messages as they like; it is taken for a due time. */
    private boolean isOpenLoop() {
        return scenario.pace().openLoop() || population.topology() == Topology.OUTSIDERS;
    }

    private void schedule() {
        long start = System.nanoTime() + HEAD_START_NANOS;
        long measureFrom =
                start + scenario.pace().rate().rampNanos() + scenario.phases().warmupNanos();
        measurement.schedule(start, measureFrom, measureFrom + scenario.phases().durationNanos());
        nextWriteOffNanos = start + scenario.phases().patienceNanos();
    }

    private boolean[] connectSubscribers() throws InterruptedException {
        boolean[] subscribed = new boolean[receivers.size()];
        Connector.Member subscriber =
                new Connector.Member() {
                    @Override
                    public CompletableFuture<MqttClient.Connection> connect(int index) {
                        return rig.connectSubscriber(index, false, receivers.get(index));
                    }

                    @Override
                    public CompletableFuture<Void> prepare(
                            int index, MqttClient.Connection connection) {
                        return rig.subscribe(index, connection, "")
                                .thenRun(() -> subscribed[index] = true);
                    }
                };
        // All have one account. Brokers hash its password slowly the first time and remember it, so
        // the first goes alone.
        int first = Math.min(1, receivers.size());
        rig.connector().open(0, first, subscriber);
        rig.connector().open(first, receivers.size(), subscriber);
        return subscribed;
    }

    /** Starts those that somebody hears; with no subscribers at all, everybody. */
    private int startPublishers(MqttClient.@Nullable Connection[] devices, boolean[] subscribed) {
        int[] heardBy = new int[publishers.all().size()];
        for (int s = 0; s < subscribed.length; s++) {
            int first = population.firstHeard(s);
            for (int p = first; subscribed[s] && p < first + population.heardCount(); p++) {
                heardBy[p]++;
            }
        }
        int started = 0;
        for (int p = 0; p < heardBy.length; p++) {
            MqttClient.Connection connection = devices[p];
            if (connection != null && (heardBy[p] > 0 || subscribed.length == 0)) {
                publishers.all().get(p).start(connection, population.deliveries(heardBy[p]));
                started++;
            }
        }
        return started;
    }

    private void runUntil(long nanos) throws InterruptedException {
        boolean running = rig.stop().running();
        while (running && nanos - System.nanoTime() > 0) {
            running = rig.stop().awaitUntil(Math.min(nanos, nextWriteOffNanos));
            if (running && nextWriteOffNanos - System.nanoTime() <= 0) {
                nextWriteOffNanos = System.nanoTime() + scenario.phases().patienceNanos();
                publishers.writeOffIfStalled();
            }
        }
    }
}
