package io.muster.loadtest.measure;

import io.muster.loadtest.report.LinuxProcess;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads what the broker and the load tester use. Shared between threads. */
public final class ProcessMeter {

    private final @Nullable LinuxProcess broker;
    private final @Nullable LinuxProcess generator =
            LinuxProcess.supported() ? new LinuxProcess(ProcessHandle.current().pid()) : null;
    private final Measurement measurement;

    /**
     * Makes a meter.
     *
     * @param broker null when its process is not looked at
     * @param measurement is told when a process cannot be read
     */
    public ProcessMeter(@Nullable LinuxProcess broker, Measurement measurement) {
        this.broker = broker;
        this.measurement = measurement;
    }

    /**
     * What was used until now.
     *
     * @param broker null when it is not looked at, or gone
     * @param generator null when the system does not tell
     */
    public record Reading(
            LinuxProcess.@Nullable Usage broker, LinuxProcess.@Nullable Usage generator) {}

    /** Reads both. */
    public Reading read() {
        return new Reading(usage(broker), usage(generator));
    }

    private LinuxProcess.@Nullable Usage usage(@Nullable LinuxProcess process) {
        if (process == null) {
            return null;
        }
        try {
            return process.usage();
        } catch (IOException e) {
            measurement.error("a process cannot be read: " + e.getMessage());
            return null;
        }
    }
}
