package io.muster.loadtest.scenario;

import java.util.List;

/**
 * Who takes part. An immutable value.
 *
 * @param topology who publishes to whom
 * @param devices connections that sign in as devices
 * @param subscribers connections that subscribe; 0 only publishes
 * @param filters of those that hear outsiders; empty where the topology says what they hear
 */
public record Population(Topology topology, int devices, int subscribers, List<String> filters) {

    /** More connections than a machine has ports for one destination make no sense. */
    private static final int CONNECTIONS_MAX = 1_000_000;

    /** Bounds the memory of the sequence checkers. */
    private static final long STREAMS_MAX = 50_000_000;

    /** Checks that the numbers fit the topology. */
    public Population {
        filters = List.copyOf(filters);
        Range.check("--devices", devices, topology == Topology.OUTSIDERS ? 0 : 1, CONNECTIONS_MAX);
        Range.check("--subscribers", subscribers, 0, CONNECTIONS_MAX);
        if (topology == Topology.P2P && subscribers != 0 && subscribers != devices) {
            throw new IllegalArgumentException(
                    "--subscribers %d does not fit --topology p2p: it must be 0 or as many as --devices (%d)"
                            .formatted(subscribers, devices));
        }
        if (hearAll(topology) && (long) devices * subscribers > STREAMS_MAX) {
            throw new IllegalArgumentException(
                    "--devices times --subscribers must be at most %d where each hears all"
                            .formatted(STREAMS_MAX));
        }
    }

    /** A population whose topology says what subscribers hear. */
    public static Population of(Topology topology, int devices, int subscribers) {
        return new Population(topology, devices, subscribers, List.of());
    }

    /** How many of the devices publish. */
    public int publishers() {
        return switch (topology) {
            case P2P, FANIN, SHARED -> devices;
            case FANOUT -> 1;
            case OUTSIDERS -> 0;
        };
    }

    /** The lowest publisher that a subscriber hears. */
    public int firstHeard(int subscriber) {
        return topology == Topology.P2P ? subscriber : 0;
    }

    /** How many publishers, from {@link #firstHeard} on, a subscriber hears. */
    public int heardCount() {
        return hearAll(topology) ? devices : Math.min(1, publishers());
    }

    /** How many subscribers get each message of a publisher, of so many that listen to it. */
    public int deliveries(int listening) {
        return topology == Topology.SHARED ? Math.min(1, listening) : listening;
    }

    private static boolean hearAll(Topology topology) {
        return topology == Topology.FANIN || topology == Topology.SHARED;
    }
}
