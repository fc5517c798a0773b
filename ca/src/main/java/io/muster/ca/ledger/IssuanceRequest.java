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
 * @param replaces in whose place it will be used, as the ledger calls it, which may know other
 *     certificates than ours: the authority only passes it on. 1 to 200 characters in one line, or
 *     null if there is none
 */
public record IssuanceRequest(
        String actor, Instant time, @Nullable String key, @Nullable String replaces) {

    /**
     * Checks all texts.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public IssuanceRequest {
        Line.require("actor", actor);
        time = time.truncatedTo(ChronoUnit.MILLIS);
        if (key != null) {
            Line.require("request key", key);
        }
        if (replaces != null) {
            Line.require("certificate before", replaces);
        }
    }

    /** In the place of none. */
    public IssuanceRequest(String actor, Instant time, @Nullable String key) {
        this(actor, time, key, null);
    }
}
