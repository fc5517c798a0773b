package io.muster.hub.certificates.trust;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Who is trusted, in tests that have no hub. */
public final class TestTrust {

    private TestTrust() {}

    /** Trusts these, whose revocations nobody tells. */
    public static Trust of(Clock clock, TrustedAuthority... authorities) {
        Trust trust =
                new Trust(
                        new RegistryRevocations(
                                (issuer, after, limit) -> List.of(), Duration.ofHours(1), clock),
                        clock);
        trust.use(List.of(authorities));
        return trust;
    }
}
