package io.muster.broker.pace;

import java.util.function.BooleanSupplier;

/**
 * Looks whether something moves, and tells when it has not for some time, or when somebody has
 * waited for a multiple of that: who moves a little now and then keeps others waiting too. Confined
 * to the loop of its timer.
 */
public final class StallWatch {

    /** How often it looks in that time; a stall is noticed by so much of it late. */
    private static final int LOOKS = 4;

    /** How many times that time somebody may wait, whatever moves. */
    private static final int STALLS_MAX = 10;

    private final Timer timer;
    private final long lookMillis;
    private final BooleanSupplier hasMoved;
    private final BooleanSupplier isWaitedFor;
    private final Runnable stalled;
    private Runnable cancel;
    private int looksInVain;
    private int looksWaited;

    /**
     * Begins to watch.
     *
     * @param stallMillis for how long nothing may move; {@value #STALLS_MAX} times that is how long
     *     somebody may wait until the watch is stopped
     * @param hasMoved whether something has moved since it was last asked
     * @param isWaitedFor whether somebody has waited since it was last asked
     * @param stalled run once if either is over; the watch is over then
     */
    public StallWatch(
            Timer timer,
            long stallMillis,
            BooleanSupplier hasMoved,
            BooleanSupplier isWaitedFor,
            Runnable stalled) {
        this.timer = timer;
        this.lookMillis = Math.max(1, stallMillis / LOOKS);
        this.hasMoved = hasMoved;
        this.isWaitedFor = isWaitedFor;
        this.stalled = stalled;
        this.cancel = timer.schedule(this::look, lookMillis);
    }

    private void look() {
        looksWaited += isWaitedFor.getAsBoolean() ? 1 : 0;
        looksInVain = hasMoved.getAsBoolean() ? 0 : looksInVain + 1;
        if (looksInVain < LOOKS && looksWaited < STALLS_MAX * LOOKS) {
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
