package io.muster.loadtest;

import java.util.concurrent.TimeUnit;

/**
 * What is to be done: who publishes to whom, how much and for how long. An immutable value, valid
 * by construction.
 *
 * @param topology who publishes to whom
 * @param devices connections that sign in as devices
 * @param subscribers connections that subscribe; 0 only publishes
 * @param pace how fast
 * @param payloadBytes size of each payload
 * @param qos quality of service of publications and of subscriptions
 * @param phases for how long
 */
record Scenario(
        Topology topology,
        int devices,
        int subscribers,
        Pace pace,
        int payloadBytes,
        int qos,
        Phases phases) {

    /** More connections than a machine has ports for one destination make no sense. */
    private static final int DEVICES_MAX = 1_000_000;

    private static final int PAYLOAD_BYTES_MAX = 1_000_000;
    private static final int SECONDS_MAX = 86_400;

    /** Bounds the memory of the sequence checkers. */
    private static final long STREAMS_MAX = 50_000_000;

    /** Who publishes to whom. */
    enum Topology {
        /** Subscriber i listens to device i alone. */
        P2P,
        /** Every subscriber listens to all devices through a wildcard. */
        FANIN,
        /** Device 0 publishes to all subscribers, the others only stay connected. */
        FANOUT
    }

    /**
     * How fast.
     *
     * @param messagesPerSecond over all devices (open loop); 0 is flat out (closed loop)
     * @param window messages outstanding per device: in the closed loop those not yet acknowledged
     *     and delivered, in the open loop those of QoS 1 and 2 not yet acknowledged
     */
    record Pace(long messagesPerSecond, int window) {

        private static final long MESSAGES_PER_SECOND_MAX = 10_000_000;

        Pace {
            check("--rate", messagesPerSecond, 0, MESSAGES_PER_SECOND_MAX);
            check("--window", window, 1, 65_535);
        }

        /** Whether the time of each message is fixed in advance. */
        boolean openLoop() {
            return messagesPerSecond > 0;
        }
    }

    /**
     * For how long, in seconds.
     *
     * @param warmupSeconds load before the measured window
     * @param durationSeconds the measured window
     * @param patienceSeconds what is outstanding counts as lost when nothing arrived for so long
     */
    record Phases(double warmupSeconds, double durationSeconds, double patienceSeconds) {

        private static final double SHORTEST_SECONDS = 0.1;

        Phases {
            checkSeconds("--warmup", warmupSeconds, 0);
            checkSeconds("--duration", durationSeconds, SHORTEST_SECONDS);
            checkSeconds("--patience", patienceSeconds, SHORTEST_SECONDS);
        }

        long warmupNanos() {
            return nanos(warmupSeconds);
        }

        long durationNanos() {
            return nanos(durationSeconds);
        }

        long patienceNanos() {
            return nanos(patienceSeconds);
        }

        private static long nanos(double seconds) {
            return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        }

        private static void checkSeconds(String option, double value, double min) {
            // Written so that NaN is refused too.
            if (!(value >= min && value <= SECONDS_MAX)) {
                throw new IllegalArgumentException(
                        "%s must be from %s to %d seconds, not %s"
                                .formatted(option, min, SECONDS_MAX, value));
            }
        }
    }

    Scenario {
        check("--devices", devices, 1, DEVICES_MAX);
        check("--subscribers", subscribers, 0, DEVICES_MAX);
        check("--payload-size", payloadBytes, Publisher.Stamp.BYTES, PAYLOAD_BYTES_MAX);
        check("--qos", qos, 0, 2);
        if (topology == Topology.P2P && subscribers != 0 && subscribers != devices) {
            throw new IllegalArgumentException(
                    "--subscribers %d does not fit --topology p2p: it must be 0 or as many as --devices (%d)"
                            .formatted(subscribers, devices));
        }
        if (topology == Topology.FANIN && (long) devices * subscribers > STREAMS_MAX) {
            throw new IllegalArgumentException(
                    "--devices times --subscribers must be at most %d with --topology fanin"
                            .formatted(STREAMS_MAX));
        }
    }

    /** How many of the devices publish. */
    int publishers() {
        return topology == Topology.FANOUT ? 1 : devices;
    }

    /** The lowest publisher that a subscriber hears. */
    int firstHeard(int subscriber) {
        return topology == Topology.P2P ? subscriber : 0;
    }

    /** How many publishers, from {@link #firstHeard} on, a subscriber hears. */
    int heardCount() {
        return topology == Topology.FANIN ? devices : 1;
    }

    /**
     * When a message of the open loop is due. The publishers take turns, so the load is even over
     * each interval.
     *
     * @return nanoseconds from the start of the load
     */
    long dueNanos(int publisher, long sequence) {
        long turn = sequence * publishers() + publisher;
        long rate = pace.messagesPerSecond();
        return turn / rate * TimeUnit.SECONDS.toNanos(1)
                + turn % rate * TimeUnit.SECONDS.toNanos(1) / rate;
    }

    /**
     * How many messages of a publisher are due before a time, given in nanoseconds from the start.
     */
    long dueBefore(int publisher, long nanos) {
        long low = 0;
        long high =
                nanos / TimeUnit.SECONDS.toNanos(1) * pace.messagesPerSecond()
                        + pace.messagesPerSecond();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (dueNanos(publisher, middle) < nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s must be from %d to %d, not %d".formatted(option, min, max, value));
        }
    }
}
