package io.muster.ca.ledger;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who has asked for a certificate.
 *
 * @param actor 1 to 200 characters in one line
 * @param time when, kept to the millisecond
 * @param key what tells requests of one owner for one key apart: who asks again with the same gets
 *     the same certificate; 1 to 200 characters in one line, or null if each is to get another
 */
public record IssuanceRequest(String actor, Instant time, @Nullable String key) {

    /**
     * Checks both texts.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public IssuanceRequest {
        Line.require("actor", actor);
        time = time.truncatedTo(ChronoUnit.MILLIS);
        if (key != null) {
            Line.require("request key", key);
        }
    }
}
