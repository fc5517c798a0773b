package io.muster.hub.tls;

import java.security.GeneralSecurityException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whose certificates of clients are taken: a path to one of these authorities is enough. */
final class ClientAuthorities {

    private static final int NOT_AN_AUTHORITY = -1;

    private ClientAuthorities() {}

    /**
     * Trusts these authorities. Revocation is not looked at.
     *
     * @throws IllegalArgumentException if one of them is none
     */
    static X509ExtendedTrustManager trust(List<X509Certificate> authorities) {
        for (X509Certificate each : authorities) {
            if (each.getBasicConstraints() == NOT_AN_AUTHORITY) {
                throw new IllegalArgumentException(
                        "the certificate of %s in it is not of an authority"
                                .formatted(each.getSubjectX500Principal()));
            }
        }
        Set<TrustAnchor> anchors =
                authorities.stream()
                        .map(each -> new TrustAnchor(each, null))
                        .collect(Collectors.toSet());
        try {
            PKIXBuilderParameters parameters =
                    new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK validates paths", e);
        }
    }
}
