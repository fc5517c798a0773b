package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Who wants a certificate.
 *
 * @param actor 1 to 200 characters
 * @param at kept to the millisecond
 * @param idempotencyKey what tells that a request is the one before, sent again: 1 to 200
 *     characters
 */
public record IssuanceRequest(String actor, Instant at, Optional<String> idempotencyKey) {

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public IssuanceRequest {
        Line.require("actor", actor);
        at = at.truncatedTo(ChronoUnit.MILLIS);
        idempotencyKey.ifPresent(key -> Line.require("idempotency key", key));
    }
}
