package io.muster.auth.x509;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All authorities that are trusted, at one time. After a change there is a new object, and nothing
 * that was found out with the old one is believed any more. Immutable but for what it remembers,
 * shared.
 */
public final class TrustedIssuers {

    /** So many certificates of clients are remembered, a kilobyte each. */
    private static final int REMEMBERED_MAX = 50_000;

    private final Map<IssuerKey, List<TrustedIssuer>> issuers;

    /** Certificates that were right, by fingerprint. Whether they still are is asked each time. */
    private final Cache<String, ClientCertificate> remembered =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

    private TrustedIssuers(Map<IssuerKey, List<TrustedIssuer>> issuers) {
        this.issuers = Map.copyOf(issuers);
    }

    /**
     * All of these. An authority that has several certificates, since it was certified again or by
     * others too, is trusted as long as one of them stands.
     *
     * @throws IllegalArgumentException if two with the same name and key do not share what they
     *     have revoked, so that one would let in whom the other revokes
     */
    public static TrustedIssuers of(Collection<TrustedIssuer> issuers) {
        Map<IssuerKey, List<TrustedIssuer>> byKey =
                issuers.stream().collect(Collectors.groupingBy(TrustedIssuer::key));
        byKey.forEach(TrustedIssuers::requireShared);
        return new TrustedIssuers(byKey);
    }

    private static void requireShared(IssuerKey key, List<TrustedIssuer> issuers) {
        IssuerRevocations first = issuers.get(0).revocations();
        if (issuers.stream().anyMatch(issuer -> issuer.revocations() != first)) {
            throw new IllegalArgumentException(
                    "the certificates of the authority '%s' with the same key do not share revocations"
                            .formatted(key.name()));
        }
    }

    /** All, in no order. */
    public Collection<TrustedIssuer> all() {
        return issuers.values().stream().flatMap(List::stream).toList();
    }

    /** Their certificates, which a server names to its clients. */
    List<X509Certificate> certificates() {
        return all().stream().map(TrustedIssuer::certificate).distinct().toList();
    }

    /** The issuer of this name and key, once for each certificate that it has. */
    List<TrustedIssuer> find(IssuerKey key) {
        return issuers.getOrDefault(key, List.of());
    }

    Optional<ClientCertificate> remembered(String fingerprint) {
        return Optional.ofNullable(remembered.getIfPresent(fingerprint));
    }

    void remember(ClientCertificate certificate) {
        remembered.put(certificate.fingerprint(), certificate);
    }
}
