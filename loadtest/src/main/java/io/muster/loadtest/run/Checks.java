package io.muster.loadtest.run;

/** Who knows what subscribers should have received. */
interface Checks {

    /** How many messages that the broker had taken responsibility for never came here. */
    long lost();
}
