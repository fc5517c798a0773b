package io.muster.hub.certificates;

import io.muster.devices.certificate.CertificateId;
import java.util.Collection;
import java.util.Map;

/**
 * Publishes the revocation lists on which revoked certificates have to stand. Shared by threads; it
 * blocks, since it signs and writes files: not for event loops.
 */
public interface CrlPublication {

    /**
     * Makes sure that lists are published that contain these certificates, one list for all that
     * share one. Those that stand on a published list already cost nothing.
     *
     * @param revoked certificates that are durably revoked
     * @return the number of the list that contains each (RFC 5280, 5.2.3). One is missing if its
     *     list could not be published, which is tried again by whoever publishes lists on time; or
     *     if there is no list of its issuer
     */
    Map<CertificateId, Long> publish(Collection<CertificateId> revoked);

    /**
     * Whether there will be lists on which a certificate can stand: not of other authorities, nor
     * of an issuer that has expired or whose key is destroyed. Does not block.
     */
    boolean hasLists(CertificateId id);
}
