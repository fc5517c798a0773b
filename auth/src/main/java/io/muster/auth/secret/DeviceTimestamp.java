package io.muster.auth.secret;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Reads the timestamps of devices where an operator wants them looked at. The SDKs send seconds or
 * milliseconds since 1970, some with a decimal fraction.
 */
final class DeviceTimestamp {

    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,15})(\\.[0-9]{1,20})?");

    /** As seconds this is the year 5138, as milliseconds March 1973. */
    private static final long FIRST_MILLISECONDS = 100_000_000_000L;

    private DeviceTimestamp() {}

    /** Whether {@code timestamp} is a time at most {@code skew} before or after {@code now}. */
    static boolean isWithin(String timestamp, Instant now, Duration skew) {
        var number = NUMBER.matcher(timestamp);
        if (!number.matches()) {
            return false;
        }
        long value = Long.parseLong(number.group(1));
        Instant time =
                value < FIRST_MILLISECONDS
                        ? Instant.ofEpochSecond(value)
                        : Instant.ofEpochMilli(value);
        return Duration.between(time, now).abs().compareTo(skew) <= 0;
    }
}
