package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import java.time.Instant;

/**
 * What a CRL says about one certificate (RFC 5280, 5.3).
 *
 * @param serial its number
 * @param revokedAt since when, to the second
 * @param reason why
 */
public record CrlEntry(SerialNumber serial, Instant revokedAt, RevocationReason reason) {}
