package io.muster.loadtest.measure;

/**
 * A moment of the run: what was counted until then. An immutable value.
 *
 * @param nanos by {@link System#nanoTime}
 * @param sent messages
 * @param received messages
 * @param opened connections
 * @param used by the processes
 */
public record Snapshot(
        long nanos, long sent, long received, long opened, ProcessMeter.Reading used) {

    /** This moment. */
    public static Snapshot take(Measurement measurement, ProcessMeter meter) {
        return new Snapshot(
                System.nanoTime(),
                measurement.sentCount(),
                measurement.receivedCount(),
                measurement.openedCount(),
                meter.read());
    }
}
