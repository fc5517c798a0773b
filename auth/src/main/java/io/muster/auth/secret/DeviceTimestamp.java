package io.muster.auth.secret;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Reads the timestamps of devices where an operator wants them looked at. The SDKs send seconds or
 * milliseconds since 1970, some with a decimal fraction.
 */
final class DeviceTimestamp {

    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,15})(\\.[0-9]{1,20})?");

    /** As seconds this is the year 5138, as milliseconds March 1973. */
    private static final BigDecimal FIRST_MILLISECONDS = BigDecimal.valueOf(100_000_000_000L);

    private static final Instant EPOCH = Instant.EPOCH;

    private DeviceTimestamp() {}

    /** Whether {@code timestamp} is a time at most {@code skew} before or after {@code now}. */
    static boolean isWithin(String timestamp, Instant now, Duration skew) {
        OptionalLong micros = micros(timestamp);
        return micros.isPresent()
                && Duration.between(EPOCH.plus(micros.getAsLong(), ChronoUnit.MICROS), now)
                                .abs()
                                .compareTo(skew)
                        <= 0;
    }

    /** The microseconds from 1970 to {@code timestamp}; empty if it is not a number. */
    static OptionalLong micros(String timestamp) {
        if (!NUMBER.matcher(timestamp).matches()) {
            return OptionalLong.empty();
        }
        BigDecimal value = new BigDecimal(timestamp);
        boolean isMillis = value.compareTo(FIRST_MILLISECONDS) >= 0;
        return OptionalLong.of(value.movePointRight(isMillis ? 3 : 6).longValue());
    }
}
