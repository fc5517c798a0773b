package io.muster.loadtest.run;

import io.muster.loadtest.report.Report;

/** One run of a scenario. */
public interface Run {

    /** Runs the scenario; called once. Blocks, and closes no client. */
    Report run() throws InterruptedException;

    /** Ends the run early; it still sums up what there is. May be called on any thread. */
    void stop();
}
