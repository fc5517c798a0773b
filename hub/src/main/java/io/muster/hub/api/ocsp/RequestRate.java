package io.muster.hub.api.ocsp;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many requests in a second, counted anew in each. Shared. */
final class RequestRate {

    private final int perSecond;
    private final LongSupplier nanoTime;
    private long beganNanos;
    private int taken;

    RequestRate(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.beganNanos = nanoTime.getAsLong();
    }

    /** Whether there is one left. */
    synchronized boolean take() {
        long now = nanoTime.getAsLong();
        if (now - beganNanos >= TimeUnit.SECONDS.toNanos(1)) {
            beganNanos = now;
            taken = 0;
        }
        if (taken >= perSecond) {
            return false;
        }
        taken++;
        return true;
    }
}
