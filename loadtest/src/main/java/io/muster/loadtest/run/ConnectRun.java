package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Progress;
import io.muster.loadtest.measure.Snapshot;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.report.Report.Operation;
import io.muster.loadtest.scenario.Scenario;
import org.jspecify.annotations.Nullable;

/**
 * Connections alone. In one round they are opened and held. In several, all are closed at once
 * after each, and come back at once.
 */
public final class ConnectRun implements Run {

    private final Rig rig;
    private final Scenario scenario;

    /** A run that has not begun. */
    public ConnectRun(Bench bench) {
        this.rig = new Rig(bench);
        this.scenario = bench.scenario();
    }

    @Override
    public void stop() {
        rig.stop().stop();
    }

    @Override
    public Report run() throws InterruptedException {
        Progress progress = rig.progress();
        MqttClient.Listener idle = new IdleDevice(rig.measurement());
        Snapshot before = rig.snapshot();
        int rounds = scenario.connects().rounds();
        MqttClient.@Nullable Connection[] connections = rig.connectDevices(i -> idle);
        for (int round = 2; round <= rounds && rig.stop().running(); round++) {
            progress.phase("round " + round);
            rig.disconnect(connections);
            connections = rig.connectDevices(i -> idle);
        }
        if (rounds > 1) {
            progress.phase("closing");
            rig.disconnect(connections);
        }
        Snapshot after = rig.snapshot();
        progress.phase("holding");
        if (rounds == 1) {
            boolean unused =
                    rig.stop().awaitUntil(System.nanoTime() + scenario.phases().durationNanos());
        }
        return rig.report(Operation.CONNECTION, before, after, progress, Rig.Sums.NONE, "");
    }
}
