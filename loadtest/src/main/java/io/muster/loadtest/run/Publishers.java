package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.scenario.Scenario;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** All publishers of a run. Confined to the thread that runs the test. */
final class Publishers {

    private static final long DRAIN_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long DRAIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** The part of the patience for which duplicates of the last messages are waited for. */
    private static final int LINGER_DIVISOR = 10;

    private final Scenario scenario;
    private final Measurement measurement;
    private final List<Publisher> all;

    Publishers(Scenario scenario, Measurement measurement, IntFunction<Publisher> maker) {
        this.scenario = scenario;
        this.measurement = measurement;
        this.all = IntStream.range(0, scenario.population().publishers()).mapToObj(maker).toList();
    }

    List<Publisher> all() {
        return all;
    }

    /** Who hears what happens on the connection of a device; those that publish nothing too. */
    MqttClient.Listener listener(int device) {
        return device < all.size() ? all.get(device) : new IdleDevice(measurement);
    }

    void stop() {
        all.forEach(Publisher::stop);
    }

    void writeOffIfStalled() {
        all.forEach(Publisher::writeOffIfStalled);
    }

    /** Messages sent and never acknowledged. */
    long unacknowledged() {
        return all.stream().mapToLong(p -> Math.max(0, p.sent() - p.promised())).sum();
    }

    /** How many messages of the open loop should have been sent by a time and were not. */
    long behind(long nanos) {
        if (!scenario.pace().openLoop()) {
            return 0;
        }
        long elapsed = Math.min(nanos, measurement.endNanos()) - measurement.startNanos();
        long behind = 0;
        for (int p = 0; p < all.size(); p++) {
            if (all.get(p).started()) {
                long due = scenario.dueBefore(p, Math.max(0, elapsed));
                behind += Math.max(0, due - all.get(p).sent());
            }
        }
        return behind;
    }

    /** Waits until all have sent what they have to, as long as anything happens. */
    void awaitComplete(StopSignal stop) throws InterruptedException {
        await(stop, Long.MAX_VALUE, p -> p.complete() && p.promised() >= p.sent());
    }

    /** Waits until what was sent has arrived, as long as anything still arrives. */
    void awaitSettled(StopSignal stop) throws InterruptedException {
        await(stop, Long.MAX_VALUE, Publisher::settled);
    }

    /** Waits for what is under way when the load has ended. */
    void drain() throws InterruptedException {
        await(new StopSignal(), DRAIN_NANOS_MAX, Publisher::settled);
        long patience = scenario.phases().patienceNanos();
        TimeUnit.NANOSECONDS.sleep(patience / LINGER_DIVISOR);
    }

    private void await(StopSignal stop, long nanosMax, Condition condition)
            throws InterruptedException {
        long patience = scenario.phases().patienceNanos();
        long begin = System.nanoTime();
        long lastArrival = begin;
        long before = -1;
        while (!all.stream().filter(Publisher::started).allMatch(condition::holds)
                && System.nanoTime() - lastArrival < patience
                && System.nanoTime() - begin < nanosMax) {
            if (!stop.awaitUntil(System.nanoTime() + DRAIN_STEP_NANOS)) {
                return;
            }
            long now = all.stream().mapToLong(Publisher::progress).sum();
            if (now != before) {
                lastArrival = System.nanoTime();
                before = now;
            }
        }
    }

    /** What is waited for. */
    private interface Condition {
        boolean holds(Publisher publisher);
    }
}
