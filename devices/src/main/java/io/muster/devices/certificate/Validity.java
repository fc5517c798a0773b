package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * From when to when a certificate is good, both included (RFC 5280, 4.1.2.5).
 *
 * @param notBefore whole seconds
 * @param notAfter whole seconds; not before {@code notBefore}
 */
public record Validity(Instant notBefore, Instant notAfter) {

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if they are not whole seconds, or in the wrong order
     */
    public Validity {
        if (!isWhole(notBefore) || !isWhole(notAfter) || notAfter.isBefore(notBefore)) {
            throw new IllegalArgumentException(
                    "validity from %s to %s is not one of whole seconds"
                            .formatted(notBefore, notAfter));
        }
    }

    private static boolean isWhole(Instant time) {
        return time.equals(time.truncatedTo(ChronoUnit.SECONDS));
    }
}
