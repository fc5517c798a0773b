package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who wants a certificate.
 *
 * @param actor 1 to 80 characters
 * @param at kept to the millisecond
 * @param idempotencyKey what tells that a request is the one before, sent again: 1 to 64 printable
 *     characters of ASCII without blanks
 */
public record IssuanceRequest(String actor, Instant at, Optional<String> idempotencyKey) {

    private static final Pattern KEY = Pattern.compile("[!-~]{1,64}");

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public IssuanceRequest {
        Actor.require(actor);
        at = at.truncatedTo(ChronoUnit.MILLIS);
        if (idempotencyKey.isPresent() && !KEY.matcher(idempotencyKey.get()).matches()) {
            throw new IllegalArgumentException(
                    "idempotency key is not 1 to 64 printable characters of ASCII without blanks");
        }
    }
}
