package io.muster.hub.config.certificates;

import java.time.Duration;

/**
 * Which certificates devices get. It holds for all products, but where one says otherwise.
 * Immutable.
 *
 * @param liveMax how many certificates of a device may be good at once
 * @param validDays for how many days one is good if nobody says otherwise
 * @param validDaysMax for how many days one may be asked for
 * @param overlap how long a certificate stays good after another one was used in its place
 * @param earlyRenewal whether devices may renew one before the last third of its life
 * @param deviceRequestsPerHour how often a device may ask in an hour
 * @param requestsPerSecond how many may ask in a second, all together
 * @param deadline how long somebody waits for an answer
 */
public record EnrolmentConfig(
        int liveMax,
        int validDays,
        int validDaysMax,
        Duration overlap,
        boolean earlyRenewal,
        int deviceRequestsPerHour,
        int requestsPerSecond,
        Duration deadline) {

    /** What is in force unless something else is said. */
    public static final EnrolmentConfig DEFAULT =
            new EnrolmentConfig(
                    2, 365, 1095, Duration.ofHours(24), true, 60, 2_000, Duration.ofSeconds(8));

    /** The same with another {@link #liveMax}. */
    public EnrolmentConfig withLiveMax(int other) {
        return new EnrolmentConfig(
                other,
                validDays,
                validDaysMax,
                overlap,
                earlyRenewal,
                deviceRequestsPerHour,
                requestsPerSecond,
                deadline);
    }

    /** The same with another {@link #deviceRequestsPerHour}. */
    public EnrolmentConfig withDeviceRequestsPerHour(int other) {
        return new EnrolmentConfig(
                liveMax,
                validDays,
                validDaysMax,
                overlap,
                earlyRenewal,
                other,
                requestsPerSecond,
                deadline);
    }

    /** The same with another {@link #overlap}. */
    public EnrolmentConfig withOverlap(Duration other) {
        return new EnrolmentConfig(
                liveMax,
                validDays,
                validDaysMax,
                other,
                earlyRenewal,
                deviceRequestsPerHour,
                requestsPerSecond,
                deadline);
    }

    /** The same with another {@link #earlyRenewal}. */
    public EnrolmentConfig withEarlyRenewal(boolean other) {
        return new EnrolmentConfig(
                liveMax,
                validDays,
                validDaysMax,
                overlap,
                other,
                deviceRequestsPerHour,
                requestsPerSecond,
                deadline);
    }
}
