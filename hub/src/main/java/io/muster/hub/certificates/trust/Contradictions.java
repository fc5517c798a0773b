package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds what two say differently of the same authority, by its name and key: whose certificates are
 * judged by one rule, so there must be one.
 */
final class Contradictions {

    private Contradictions() {}

    /** A line for each, which says what to do; empty if there are none. */
    static List<String> of(Collection<TrustedAuthority> authorities) {
        Map<Signer, TrustedAuthority> seen = new HashMap<>();
        List<String> all = new ArrayList<>();
        for (TrustedAuthority authority : authorities) {
            TrustedAuthority other =
                    seen.putIfAbsent(
                            Signer.of(authority.certificate(), CrlScope.END_ENTITY), authority);
            if (other != null) {
                add(all, other, authority);
            }
        }
        return all;
    }

    private static void add(List<String> all, TrustedAuthority one, TrustedAuthority other) {
        String both =
                "%s and %s are the same authority '%s'"
                        .formatted(
                                one.name(),
                                other.name(),
                                one.certificate().getSubjectX500Principal());
        if (one.isOwn() || other.isOwn()) {
            if (one.isOwn() != other.isOwn()) {
                all.add(both + ", which is the hub's own: leave it out of the other authorities");
            }
            return;
        }
        if (one.binding() != other.binding()) {
            all.add(
                    "%s with binding = %s and binding = %s: say the same of both, or name it once"
                            .formatted(both, text(one), text(other)));
        }
        if (!one.freshness().equals(other.freshness())) {
            all.add(
                    "%s with %s and %s: say the same of both, or name it once"
                            .formatted(both, text(one.freshness()), text(other.freshness())));
        }
    }

    private static String text(TrustedAuthority authority) {
        return authority.binding().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(FreshnessPolicy policy) {
        return "grace = %d s, stale-crls = %s"
                .formatted(policy.grace().toSeconds(), policy.admitsStale() ? "accept" : "refuse");
    }
}
