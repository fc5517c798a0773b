package io.muster.broker.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What all event loops have counted together. Immutable; each figure is at most a moment old, and
 * not all are of the same moment.
 *
 * @param received what came in
 * @param sent what went out
 * @param connects CONNECT packets received
 * @param dropped messages, or deliveries of them, that were dropped for any reason
 * @param expiredSessions sessions that expired without their client
 * @param clients signed-in clients, now
 * @param queued messages waiting in sessions, now
 */
public record Totals(
        Traffic received,
        Traffic sent,
        long connects,
        long dropped,
        long expiredSessions,
        long clients,
        long queued) {

    private static final int CONNECT = 1;

    /** The sums over {@code loops}. Any thread. */
    public static Totals of(List<LoopCounters> loops) {
        return new Totals(
                loops.stream().map(LoopCounters::received).reduce(Traffic.NONE, Traffic::plus),
                loops.stream().map(LoopCounters::sent).reduce(Traffic.NONE, Traffic::plus),
                sum(loops, loop -> loop.packetsReceived(CONNECT)),
                sum(loops, Totals::dropped),
                sum(loops, loop -> loop.expiredSessions().get()),
                sum(loops, loop -> loop.connections().get()),
                sum(loops, loop -> loop.queued().get()));
    }

    private static long dropped(LoopCounters loop) {
        return Arrays.stream(DropReason.values()).mapToLong(loop::droppedTotal).sum();
    }

    private static long sum(List<LoopCounters> loops, ToLongFunction<LoopCounters> count) {
        return loops.stream().mapToLong(count).sum();
    }
}
