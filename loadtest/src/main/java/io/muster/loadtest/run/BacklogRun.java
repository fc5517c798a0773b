package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.Progress;
import io.muster.loadtest.measure.Snapshot;
import io.muster.loadtest.payload.Payload;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.report.Report.Operation;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a broker keeps for subscribers that come later: in the queues of sessions whose
 * clients are away, or retained, each on a topic of its own. What is measured is how fast they come
 * once the subscribers are there. Nothing is left behind in the broker.
 */
public final class BacklogRun implements Run {

    private static final String OFFLINE =
            "from the return of a subscriber to each message that waited";
    private static final String RETAINED =
            "from the connect of a subscriber to each retained message";
    private static final String ALL_BELOW = "/#";

    private final Rig rig;
    private final Scenario scenario;
    private final Measurement measurement;
    private final boolean retained;
    private final Publishers publishers;
    private final List<Receiver> receivers = new ArrayList<>();
    private final MqttClient.@Nullable Connection[] subscribers;

    /**
     * A run that has not begun.
     *
     * @param retained whether messages wait as retained ones; otherwise in sessions
     */
    public BacklogRun(Bench bench, boolean retained) {
        this.rig = new Rig(bench);
        this.scenario = bench.scenario();
        this.measurement = rig.measurement();
        this.retained = retained;
        this.publishers = new Publishers(scenario, measurement, this::publisher);
        int count = scenario.population().subscribers();
        for (int i = 0; i < count; i++) {
            receivers.add(
                    new Receiver(
                            scenario.population(), measurement, i, publishers.all(), retained));
        }
        this.subscribers = new MqttClient.@Nullable Connection[count];
    }

    private Publisher publisher(int index) {
        return publisher(measurement, index, scenario.messages().payloadOf(rig.key(index)));
    }

    private Publisher publisher(Measurement counting, int index, Payload payload) {
        String topic = rig.topic(index);
        return new Publisher(
                scenario,
                counting,
                index,
                sequence -> retained ? topic + "/" + sequence : topic,
                payload,
                retained);
    }

    @Override
    public void stop() {
        rig.stop().stop();
    }

    @Override
    public Report run() throws InterruptedException {
        Progress progress = rig.progress();
        if (!retained) {
            openSessions();
        }
        progress.phase("publishing");
        publish(measurement, publishers);
        progress.phase("collecting");
        int heardBy = scenario.population().topology() == Topology.FANIN ? receivers.size() : 1;
        publishers.all().forEach(publisher -> publisher.expect(heardBy));
        Snapshot before = rig.snapshot();
        connectSubscribers();
        publishers.awaitSettled(rig.stop());
        Snapshot after = rig.snapshot();
        progress.phase("draining");
        publishers.drain();
        Rig.Sums sums =
                new Rig.Sums(
                        receivers.stream().mapToLong(Receiver::lost).sum(),
                        publishers.unacknowledged(),
                        0);
        progress.phase("cleaning up");
        cleanUp();
        return rig.report(
                Operation.DELIVERY, before, after, progress, sums, retained ? RETAINED : OFFLINE);
    }

    /** Makes sessions whose clients are away. */
    private void openSessions() throws InterruptedException {
        rig.connector()
                .open(
                        0,
                        receivers.size(),
                        new Connector.Member() {
                            @Override
                            public CompletableFuture<MqttClient.Connection> connect(int index) {
                                return rig.connectSubscriber(index, true, receivers.get(index));
                            }

                            @Override
                            public CompletableFuture<Void> prepare(
                                    int index, MqttClient.Connection connection) {
                                return rig.subscribe(index, connection, "")
                                        .thenCompose(done -> connection.disconnect())
                                        .thenRun(measurement::closed);
                            }
                        });
    }

    /** Connects the devices, lets each publish all it has to, and disconnects them. */
    private void publish(Measurement counting, Publishers publishing) throws InterruptedException {
        MqttClient.@Nullable Connection[] devices = rig.connectDevices(publishing::listener);
        long start = System.nanoTime();
        counting.schedule(start, start, start + TimeUnit.DAYS.toNanos(1));
        for (int i = 0; i < publishing.all().size(); i++) {
            MqttClient.Connection connection = devices[i];
            if (connection != null) {
                publishing.all().get(i).start(connection, 0);
            }
        }
        publishing.awaitComplete(rig.stop());
        publishing.stop();
        rig.disconnect(devices);
    }

    private void connectSubscribers() throws InterruptedException {
        rig.connector()
                .open(
                        0,
                        receivers.size(),
                        new Connector.Member() {
                            @Override
                            public CompletableFuture<MqttClient.Connection> connect(int index) {
                                Receiver receiver = receivers.get(index);
                                receiver.since(System.nanoTime());
                                return rig.connectSubscriber(index, !retained, receiver);
                            }

                            @Override
                            public CompletableFuture<Void> prepare(
                                    int index, MqttClient.Connection connection) {
                                subscribers[index] = connection;
                                if (retained) {
                                    return rig.subscribe(index, connection, ALL_BELOW);
                                }
                                if (!connection.sessionPresent()) {
                                    measurement.forgotten();
                                }
                                return CompletableFuture.completedFuture(null);
                            }
                        });
    }

    private void cleanUp() throws InterruptedException {
        rig.disconnect(subscribers);
        if (retained) {
            Measurement apart = new Measurement();
            publish(
                    apart,
                    new Publishers(
                            scenario,
                            apart,
                            i -> publisher(apart, i, stamp -> Unpooled.EMPTY_BUFFER)));
            return;
        }
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (int i = 0; i < receivers.size(); i++) {
            ended.add(
                    rig.connectSubscriber(i, false, receivers.get(i))
                            .thenCompose(MqttClient.Connection::disconnect)
                            .exceptionally(
                                    cause -> {
                                        measurement.error("a session was left in the broker");
                                        return null;
                                    }));
        }
        CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new)).join();
    }
}
