package io.muster.auth.x509;

import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** A root, one authority below it that issues for clients, and a fresh list of each. */
final class Hierarchy {

    final TestAuthority root;
    final TestAuthority issuing;
    final IssuerRevocations rootRevocations;
    final IssuerRevocations issuingRevocations;

    Hierarchy(TestAuthority root, TestAuthority issuing, Clock clock) {
        this.root = root;
        this.issuing = issuing;
        rootRevocations = revocations(root, CrlScope.AUTHORITY, clock);
        issuingRevocations = revocations(issuing, CrlScope.END_ENTITY, clock);
        list(rootRevocations, root.crl(1));
        list(issuingRevocations, issuing.crl(1));
    }

    static Hierarchy of(String name, Clock clock) {
        TestAuthority root = TestAuthority.root("CN=%s Root,O=Test".formatted(name));
        return new Hierarchy(root, root.authority("CN=%s Issuing,O=Test".formatted(name)), clock);
    }

    private static IssuerRevocations revocations(
            TestAuthority authority, CrlScope scope, Clock clock) {
        return IssuerRevocations.of(authority.certificate(), clock)
                .withPartitions(List.of(Optional.empty()), scope, false);
    }

    static void list(IssuerRevocations revocations, TestCrl list) {
        try {
            revocations.partition(Optional.empty()).orElseThrow().accept(list.der());
        } catch (CrlRefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    TrustedIssuer trusted(Clock clock) throws CertificateRefusedException {
        return TrustedIssuer.of(
                List.of(issuing.certificate(), root.certificate()),
                issuingRevocations,
                (issuer, subject) -> rootRevocations,
                clock.instant());
    }
}
