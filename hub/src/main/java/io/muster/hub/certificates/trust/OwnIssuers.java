package io.muster.hub.certificates.trust;

import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The hub's own issuers of devices, of all generations, as others are trusted. */
public final class OwnIssuers {

    /** The registry itself is as old as it may be; there is nothing to add to that. */
    private static final FreshnessPolicy POLICY = new FreshnessPolicy(Duration.ZERO, false);

    private OwnIssuers() {}

    /**
     * These.
     *
     * @param all issuers and roots, by what the registry calls them
     * @param ofDevices those among them that issue for devices
     */
    public static List<TrustedAuthority> of(
            Map<String, X509Certificate> all, Set<X509Certificate> ofDevices) {
        List<TrustedAuthority> own = new ArrayList<>();
        all.forEach(
                (name, certificate) -> {
                    if (ofDevices.contains(certificate)) {
                        own.add(
                                new TrustedAuthority(
                                        name, chain(all, name), Binding.REQUIRED, POLICY));
                    }
                });
        return own;
    }

    private static List<Link> chain(Map<String, X509Certificate> all, String name) {
        List<Link> chain = new ArrayList<>();
        String next = name;
        while (chain.size() < all.size()) {
            X509Certificate certificate = Objects.requireNonNull(all.get(next));
            chain.add(new Link(certificate, next, Revocation.OWN));
            if (certificate
                    .getSubjectX500Principal()
                    .equals(certificate.getIssuerX500Principal())) {
                return chain;
            }
            next =
                    all.entrySet().stream()
                            .filter(
                                    each ->
                                            each.getValue()
                                                    .getSubjectX500Principal()
                                                    .equals(certificate.getIssuerX500Principal()))
                            .map(Map.Entry::getKey)
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    "the root of issuer " + name + " is missing"));
        }
        throw new IllegalStateException("issuer " + name + " has no root");
    }
}
