package io.muster.auth.x509;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All authorities that are trusted, at one time. After a change there is a new object, and nothing
 * that was found out with the old one is believed any more. Immutable but for what it remembers,
 * shared.
 */
public final class TrustedIssuers {

    /** So many certificates of clients are remembered, a kilobyte each. */
    private static final int REMEMBERED_MAX = 50_000;

    private final Map<IssuerKey, TrustedIssuer> issuers;

    /** Certificates that were right, by fingerprint. Whether they still are is asked each time. */
    private final Cache<String, ClientCertificate> remembered =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

    private TrustedIssuers(Map<IssuerKey, TrustedIssuer> issuers) {
        this.issuers = Map.copyOf(issuers);
    }

    /**
     * All of these.
     *
     * @throws IllegalArgumentException if two have the same name and key
     */
    public static TrustedIssuers of(Collection<TrustedIssuer> issuers) {
        Map<IssuerKey, TrustedIssuer> byKey = new HashMap<>();
        for (TrustedIssuer issuer : issuers) {
            if (byKey.put(issuer.key(), issuer) != null) {
                throw new IllegalArgumentException(
                        "there are two authorities '%s' with the same key"
                                .formatted(issuer.key().name()));
            }
        }
        return new TrustedIssuers(byKey);
    }

    /** All, in no order. */
    public Collection<TrustedIssuer> all() {
        return issuers.values();
    }

    /** Their certificates, which a server names to its clients. */
    List<X509Certificate> certificates() {
        return issuers.values().stream().map(TrustedIssuer::certificate).toList();
    }

    Optional<TrustedIssuer> find(IssuerKey key) {
        return Optional.ofNullable(issuers.get(key));
    }

    Optional<ClientCertificate> remembered(String fingerprint) {
        return Optional.ofNullable(remembered.getIfPresent(fingerprint));
    }

    void remember(ClientCertificate certificate) {
        remembered.put(certificate.fingerprint(), certificate);
    }
}
