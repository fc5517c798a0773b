package io.muster.broker.pace;

import java.util.function.BooleanSupplier;

/**
 * Looks whether something moves, and tells when it has not for some time. Confined to the loop of
 * its timer.
 */
public final class StallWatch {

    /** How often it looks in that time; a stall is noticed by so much of it late. */
    private static final int LOOKS = 4;

    private final Timer timer;
    private final long lookMillis;
    private final BooleanSupplier hasMoved;
    private final Runnable stalled;
    private Runnable cancel;
    private int looksInVain;

    /**
     * Begins to watch.
     *
     * @param stallMillis for how long nothing may move
     * @param hasMoved whether something has moved since it was last asked
     * @param stalled run once if nothing did; the watch is over then
     */
    public StallWatch(Timer timer, long stallMillis, BooleanSupplier hasMoved, Runnable stalled) {
        this.timer = timer;
        this.lookMillis = Math.max(1, stallMillis / LOOKS);
        this.hasMoved = hasMoved;
        this.stalled = stalled;
        this.cancel = timer.schedule(this::look, lookMillis);
    }

    private void look() {
        looksInVain = hasMoved.getAsBoolean() ? 0 : looksInVain + 1;
        if (looksInVain < LOOKS) {
            cancel = timer.schedule(this::look, lookMillis);
        } else {
            stalled.run();
        }
    }

    /** Watches no longer. */
    public void stop() {
        cancel.run();
    }
}
