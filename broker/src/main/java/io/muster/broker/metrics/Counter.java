package io.muster.broker.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A count that one thread changes and any thread reads. It costs what a plain field costs: no lock,
 * no fence, no contention.
 */
public final class Counter {

    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("UnusedVariable") // through VALUE only
    private long value;

    /** Adds one. Owner's thread. */
    public void increment() {
        add(1);
    }

    /** Adds {@code amount}, which may be negative. Owner's thread. */
    public void add(long amount) {
        VALUE.setOpaque(this, (long) VALUE.getOpaque(this) + amount);
    }

    /** The count, at most a moment old. Any thread. */
    public long get() {
        return (long) VALUE.getOpaque(this);
    }
}
