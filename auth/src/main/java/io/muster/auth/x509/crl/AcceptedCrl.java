package io.muster.auth.x509.crl;

import java.math.BigInteger;
import java.time.Instant;

/**
 * What a list says that was taken. Immutable.
 *
 * @param number which grows with each list of an issuer and partition
 * @param thisUpdate when it was made
 * @param nextUpdate when there is another one, at the latest
 */
public record AcceptedCrl(
        BigInteger number, Instant thisUpdate, Instant nextUpdate, RevokedSerials revoked) {}
