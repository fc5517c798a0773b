package io.muster.loadtest.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.payload.Payload;
import io.muster.loadtest.payload.Stamp;
import io.muster.loadtest.scenario.Connects;
import io.muster.loadtest.scenario.Demands;
import io.muster.loadtest.scenario.Messages;
import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Phases;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Rate;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** On the event loop of an embedded channel, which runs tasks when the test says so. */
class PublisherTest {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final RecordingConnection connection = new RecordingConnection();
    private final Measurement measurement = new Measurement(7);
    private long perDevice;

    private final class RecordingConnection implements MqttClient.Connection {

        private final List<Stamp> published = new ArrayList<>();
        private int flushes;
        private int room = Integer.MAX_VALUE;
        private int receiveMaximum = 65_535;

        @Override
        public EventExecutor executor() {
            return loop.eventLoop();
        }

        @Override
        public int receiveMaximum() {
            return receiveMaximum;
        }

        @Override
        public boolean sessionPresent() {
            return false;
        }

        @Override
        public CompletableFuture<Void> disconnect() {
            throw new UnsupportedOperationException("a publisher does not disconnect");
        }

        @Override
        public boolean writable() {
            return published.size() < room;
        }

        @Override
        public void publish(String topic, ByteBuf payload, int qos, boolean retain) {
            assertThat(topic).isEqualTo("topic");
            assertThat(payload.readableBytes()).isEqualTo(64);
            Stamp stamp = Stamp.read(payload);
            assertThat(stamp).isNotNull();
            published.add(stamp);
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public CompletableFuture<Void> subscribe(List<String> filters, int qos) {
            throw new UnsupportedOperationException("a publisher does not subscribe");
        }
    }

    private Publisher start(long rate, int window, int qos, int deliveries) {
        Scenario scenario =
                new Scenario(
                        "pubsub",
                        Population.of(Topology.P2P, 1, 1),
                        new Connects(Rate.FLAT_OUT, 100, 1, false),
                        new Pace(new Rate(rate, 0), window),
                        new Messages(64, null, qos, perDevice),
                        new Phases(0, 60, 1),
                        Demands.NONE);
        Publisher publisher =
                new Publisher(
                        scenario, measurement, 0, sequence -> "topic", Payload.ofSize(64), false);
        publisher.start(connection, deliveries);
        return publisher;
    }

    /** The load began so long ago. */
    private void startedBefore(long nanos) {
        long start = System.nanoTime() - nanos;
        measurement.schedule(start, start, start + MINUTE);
    }

    private void turn() {
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();
    }

    @Test
    void keepsAWindowOfMessagesOutstandingWhenFlatOut() {
        startedBefore(0);
        Publisher publisher = start(0, 3, 0, 1);
        turn();
        assertThat(connection.published).hasSize(3);
        publisher.delivered(1);
        publisher.delivered(1);
        turn();
        assertThat(connection.published).hasSize(5);
        assertThat(connection.published.get(4).sequence()).isEqualTo(4);
    }

    @Test
    void fillsTheWindowWhenHalfOfItIsFree() {
        startedBefore(0);
        Publisher publisher = start(0, 4, 0, 1);
        turn();
        publisher.delivered(1);
        turn();
        assertThat(connection.published).hasSize(4);
        publisher.delivered(1);
        turn();
        assertThat(connection.published).hasSize(6);
    }

    @Test
    void flushesOnceForAllThatATurnTold() {
        startedBefore(0);
        Publisher publisher = start(0, 10, 0, 1);
        turn();
        for (int i = 0; i < 10; i++) {
            publisher.delivered(1);
        }
        turn();
        assertThat(connection.published).hasSize(20);
        assertThat(connection.flushes).isEqualTo(2);
    }

    @Test
    void waitsForAcknowledgementsAndDeliveriesAlike() {
        startedBefore(0);
        Publisher publisher = start(0, 1, 1, 2);
        turn();
        publisher.acknowledged();
        publisher.turnEnded();
        publisher.delivered(1);
        turn();
        assertThat(connection.published).hasSize(1);
        assertThat(publisher.settled()).isFalse();
        publisher.delivered(1);
        assertThat(publisher.settled()).isTrue();
        turn();
        assertThat(connection.published).hasSize(2);
        assertThat(publisher.promised()).isEqualTo(1);
    }

    @Test
    void obeysTheReceiveMaximumOfTheBroker() {
        startedBefore(0);
        connection.receiveMaximum = 2;
        start(0, 10, 1, 0);
        turn();
        assertThat(connection.published).hasSize(2);
    }

    @Test
    void writesOffWhatAStandstillLeavesOutstanding() {
        startedBefore(0);
        Publisher publisher = start(0, 2, 0, 1);
        turn();
        publisher.writeOffIfStalled();
        turn();
        assertThat(connection.published).hasSize(2);
        publisher.writeOffIfStalled();
        turn();
        assertThat(connection.published).hasSize(4);
    }

    @Test
    void sendsLateButStampsTheTimeAtWhichAMessageWasDue() {
        // At 10 a second, messages 0 to 5 were due in the last 550 ms, and none was sent.
        startedBefore(TimeUnit.MILLISECONDS.toNanos(550));
        start(10, 20, 0, 1);
        turn();
        assertThat(connection.published).hasSizeGreaterThanOrEqualTo(6);
        for (int i = 0; i < 6; i++) {
            assertThat(connection.published.get(i))
                    .isEqualTo(new Stamp(7, 0, i, measurement.startNanos() + i * 100_000_000L));
        }
    }

    @Test
    void catchesUpWhenThereIsRoomAgain() {
        startedBefore(TimeUnit.SECONDS.toNanos(1));
        connection.room = 4;
        Publisher publisher = start(10, 20, 0, 1);
        turn();
        assertThat(connection.published).hasSize(4);
        connection.room = Integer.MAX_VALUE;
        publisher.writable();
        turn();
        assertThat(connection.published).hasSizeGreaterThanOrEqualTo(10);
    }

    @Test
    void sendsNothingThatIsDueAfterTheEnd() {
        long start = System.nanoTime() - MINUTE;
        measurement.schedule(start, start, start + TimeUnit.SECONDS.toNanos(1));
        start(10, 20, 0, 1);
        turn();
        assertThat(connection.published).hasSize(10);
    }

    @Test
    void sendsNothingAfterItsConnectionWasLost() {
        startedBefore(0);
        Publisher publisher = start(0, 1, 0, 1);
        turn();
        publisher.lost("closed");
        publisher.delivered(1);
        turn();
        assertThat(connection.published).hasSize(1);
        assertThat(measurement.errors()).containsEntry("a device lost its connection: closed", 1L);
    }

    @Test
    void sendsNoMoreThanItHasTo() {
        startedBefore(0);
        perDevice = 2;
        Publisher publisher = start(0, 10, 0, 0);
        turn();
        assertThat(connection.published).hasSize(2);
        assertThat(publisher.complete()).isTrue();
    }
}
