package io.muster.benchmarks.registry;

import java.lang.management.ManagementFactory;

/**
 * Time that passes, and what of it this thread had of the processor: with SQLite, which works on
 * the thread that asks, that says more on a machine that others use too.
 */
record Stopwatch(long beginNanos, long beginProcessorNanos) {

    static Stopwatch start() {
        return new Stopwatch(System.nanoTime(), processor());
    }

    private static long processor() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    long nanos() {
        return System.nanoTime() - beginNanos;
    }

    long processorNanos() {
        return processor() - beginProcessorNanos;
    }
}
