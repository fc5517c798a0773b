package io.muster.broker.pace;

import java.util.function.BooleanSupplier;

/**
 * Looks whether something moves, and tells when it has not for some time, or when it is still
 * needed after a multiple of that: who moves a little now and then keeps others waiting too.
 * Confined to the loop of its timer.
 */
public final class StallWatch {

    /** How often it looks in that time; a stall is noticed by so much of it late. */
    private static final int LOOKS = 4;

    /** How many times that time the watch lasts, whatever moves. */
    private static final int STALLS_MAX = 10;

    private final Timer timer;
    private final long lookMillis;
    private final BooleanSupplier hasMoved;
    private final Runnable stalled;
    private Runnable cancel;
    private int looksInVain;
    private int looks;

    /**
     * Begins to watch.
     *
     * @param stallMillis for how long nothing may move; {@value #STALLS_MAX} times that is how long
     *     it may take until the watch is stopped
     * @param hasMoved whether something has moved since it was last asked
     * @param stalled run once if either is over; the watch is over then
     */
    public StallWatch(Timer timer, long stallMillis, BooleanSupplier hasMoved, Runnable stalled) {
        this.timer = timer;
        this.lookMillis = Math.max(1, stallMillis / LOOKS);
        this.hasMoved = hasMoved;
        this.stalled = stalled;
        this.cancel = timer.schedule(this::look, lookMillis);
    }

    private void look() {
        looks++;
        looksInVain = hasMoved.getAsBoolean() ? 0 : looksInVain + 1;
        if (looksInVain < LOOKS && looks < STALLS_MAX * LOOKS) {
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
