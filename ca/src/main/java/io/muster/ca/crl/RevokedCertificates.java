package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Where it is kept for good which certificates of one issuer are revoked. Called by several threads
 * at once; may block.
 *
 * <p>What was durable before a call is in its answer. A certificate that is revoked stays so.
 */
public interface RevokedCertificates {

    /**
     * All of a partition that are revoked and expire at {@code since} or later, in any order.
     *
     * @param partition as {@link CrlPartitions#of} tells it
     */
    List<RevokedCertificate> expiringFrom(int partition, Instant since);

    /** Those among these that are known here as revoked, expired or not. */
    Set<SerialNumber> known(Collection<SerialNumber> serials);
}
