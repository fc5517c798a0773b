package io.muster.broker.sys;

import io.muster.broker.metrics.Totals;

/**
 * What the broker knows of itself at one moment. Immutable.
 *
 * @param totals what the event loops have counted
 * @param sockets connections accepted since the start
 * @param sessions sessions, connected or not
 * @param subscriptions subscriptions, shared ones among them
 * @param sharedSubscriptions those of them that are shared
 * @param retainedMessages retained messages, those under {@code $SYS} among them
 * @param retainedBytes the memory of the retained messages
 * @param heapBytes the heap in use
 */
public record Figures(
        Totals totals,
        long sockets,
        long sessions,
        long subscriptions,
        long sharedSubscriptions,
        long retainedMessages,
        long retainedBytes,
        long heapBytes) {}
