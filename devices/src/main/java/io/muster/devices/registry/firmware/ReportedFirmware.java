package io.muster.devices.registry.firmware;

import java.time.Instant;
import java.util.Optional;

/**
 * What a device last said of its firmware.
 *
 * @param running the version that it runs
 * @param progress how far its last upgrade is
 */
public record ReportedFirmware(Optional<Running> running, Optional<Progress> progress) {

    /** For a device that said nothing yet. */
    public static final ReportedFirmware NOTHING =
            new ReportedFirmware(Optional.empty(), Optional.empty());

    /**
     * The version that a device runs.
     *
     * @param at when the hub heard of it
     */
    public record Running(String version, Instant at) {}

    /**
     * How far an upgrade is.
     *
     * @param step 0 to 100; below 0 it failed: -1 for whatever reason, -2 download, -3 check, -4
     *     writing, -5 ignored
     * @param at when the hub heard of it
     */
    public record Progress(String step, String description, Instant at) {}
}
