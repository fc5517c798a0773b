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
 * @param replaces the certificate of the same owner in whose place it will be used, if there is one
 */
public record IssuanceRequest(
        String actor,
        Instant at,
        Optional<String> idempotencyKey,
        Optional<CertificateId> replaces) {

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

    /** In the place of none. */
    public IssuanceRequest(String actor, Instant at, Optional<String> idempotencyKey) {
        this(actor, at, idempotencyKey, Optional.empty());
    }

    /** The same in the place of a certificate. */
    public IssuanceRequest replacing(CertificateId before) {
        return new IssuanceRequest(actor, at, idempotencyKey, Optional.of(before));
    }
}
