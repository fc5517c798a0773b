package io.muster.hub.config.certificates;

import java.time.Duration;

/**
 * The responder that says online whether certificates of the hub's own authority are good.
 *
 * @param enabled whether there is one
 * @param inCertificates whether its address stands in the certificates of issuers that are made
 *     from now on
 * @param answerLife for how long an answer is good: for so long a client may take what is revoked
 *     meanwhile for good
 * @param requestsPerSecond so many requests are answered in a second; who comes besides is told to
 *     try later
 */
public record OcspConfig(
        boolean enabled, boolean inCertificates, Duration answerLife, int requestsPerSecond) {

    /** No responder. */
    public static final OcspConfig NONE = new OcspConfig(false, false, Duration.ofHours(1), 1_000);
}
