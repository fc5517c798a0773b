package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.fleet.DeviceFleet;
import io.muster.loadtest.report.LinuxProcess;
import io.muster.loadtest.report.Second;
import io.muster.loadtest.scenario.Scenario;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a run is made of. An immutable value.
 *
 * @param scenario what to do
 * @param fleet who signs in
 * @param client makes the connections
 * @param broker null when its process is not looked at
 * @param progress hears of each second, on a thread of its own
 */
public record Bench(
        Scenario scenario,
        DeviceFleet fleet,
        MqttClient client,
        @Nullable LinuxProcess broker,
        Consumer<Second> progress) {}
