package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.DistributionPointName;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What a list must be to be taken. Immutable.
 *
 * @param issuer whose key signs it, and who may sign lists
 * @param distributionPoint of which partition it must be; empty for a list of all
 * @param scope of certificates that it must be about, or about all
 * @param completeListsSuffice takes lists of an issuer that publishes changes since the last one
 *     too, which are not read: who is only among those is not known to be revoked
 */
public record CrlExpectation(
        X509Certificate issuer,
        Optional<DistributionPointName> distributionPoint,
        CrlScope scope,
        boolean completeListsSuffice) {}
