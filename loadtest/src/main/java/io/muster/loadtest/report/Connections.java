package io.muster.loadtest.report;

/**
 * Connections of the whole run. An immutable value.
 *
 * @param attempted devices and subscribers, each as often as it connected
 * @param failed refused, not reachable, or refused to subscribe
 * @param lost ended by the broker during the run
 * @param forgotten sessions that should have been kept and were not there on return
 * @param perSecond opened connections, by the time that opening them took
 * @param slowestSeconds the longest time until all of a crowd that came together were there
 * @param latency from the time each was due, or begun, to its CONNACK
 */
public record Connections(
        long attempted,
        long failed,
        long lost,
        long forgotten,
        double perSecond,
        double slowestSeconds,
        Latency latency) {}
