package io.muster.hub.config.certificates;

import io.muster.auth.x509.revocation.FreshnessPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whose certificates let clients in, besides those of the hub's own authority.
 *
 * @param external other authorities
 * @param crlInterval how often servers with their lists are asked, at least
 * @param staleConnections how long connections stay after the list is stale that says that their
 *     certificates are good; empty for ever
 */
public record TrustConfig(
        List<External> external, Duration crlInterval, Optional<Duration> staleConnections) {

    /** No others. */
    public static final TrustConfig NONE =
            new TrustConfig(List.of(), Duration.ofHours(1), Optional.empty());

    /** Copies the list. */
    public TrustConfig {
        external = List.copyOf(external);
    }

    /** The same with these. */
    public TrustConfig with(List<External> others) {
        return new TrustConfig(others, crlInterval, staleConnections);
    }

    /**
     * Another authority.
     *
     * @param name for people, and for metrics
     * @param ca where its certificate is, and those above it up to the root, in PEM
     * @param isChecked whether lists say what is revoked; otherwise nobody does
     * @param crls where its list is: a file, or an address of http or https; several if it is
     *     partitioned
     * @param partitioned whether each of them is of the distribution point of its address
     * @param authorityCrls where the lists of those above it are, in their order
     * @param freshness what lists mean that are not fresh
     * @param binding whose device its certificates let in
     */
    public record External(
            String name,
            CaSource ca,
            boolean isChecked,
            List<String> crls,
            boolean partitioned,
            List<String> authorityCrls,
            FreshnessPolicy freshness,
            Binding binding) {

        /** Copies the lists. */
        public External {
            crls = List.copyOf(crls);
            authorityCrls = List.copyOf(authorityCrls);
        }
    }

    /** Whose device a certificate of an authority lets in. */
    public enum Binding {
        /**
         * The one that it is bound to in the registry; one that is bound to none lets nobody in.
         */
        REQUIRED,
        /**
         * The same; but one that is bound to none is bound to the device that is the first to sign
         * in with it, by its secret too.
         */
        FIRST_USE,
        /**
         * Whichever proves who it is by other means: the certificate only opens the way in. One
         * that is bound is that device's alone, all the same.
         */
        NONE
    }
}
