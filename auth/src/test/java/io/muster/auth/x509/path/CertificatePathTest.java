package io.muster.auth.x509.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.junit.jupiter.api.Test;

class CertificatePathTest {

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final TestAuthority root = TestAuthority.root("CN=Root");
    private final TestAuthority issuing = root.authority("CN=Issuing");
    private final X509Certificate client = issuing.client("CN=device").issue();

    @Test
    void aPathWhoseCertificatesAreAllListedAsGoodStands() throws Exception {
        CertificatePath path =
                CertificatePath.of(
                        root.certificate(),
                        List.of(issuing.certificate(), client),
                        (issuer, subject) -> {
                            boolean isRoot = issuer.equals(root.certificate());
                            return listed(
                                    isRoot ? root : issuing,
                                    isRoot ? CrlScope.AUTHORITY : CrlScope.END_ENTITY);
                        },
                        clock.instant());

        assertThat(path.requireStanding(clock.instant(), FreshnessPolicy.STRICT))
                .isEqualTo(Freshness.FRESH);

        clock.advance(Duration.ofHours(25));
        assertThat(path.requireStanding(clock.instant(), FreshnessPolicy.STRICT))
                .isEqualTo(Freshness.GRACE);

        clock.advance(Duration.ofDays(1));
        assertRefused(
                RefusalCause.REVOCATION_STALE,
                () -> path.requireStanding(clock.instant(), FreshnessPolicy.STRICT));
        clock.advance(Duration.ofDays(4000));
        assertRefused(
                RefusalCause.EXPIRED,
                () -> path.requireStanding(clock.instant(), FreshnessPolicy.STRICT));
    }

    private IssuerRevocations listed(TestAuthority authority, CrlScope scope) {
        IssuerRevocations revocations =
                IssuerRevocations.of(authority.certificate(), clock)
                        .withPartitions(List.of(Optional.empty()), scope, false);
        try {
            revocations.partition(Optional.empty()).orElseThrow().accept(authority.crl(1).der());
        } catch (CrlRefusedException e) {
            throw new IllegalStateException(e);
        }
        return revocations;
    }

    @Test
    void aRootOutOfItsTimeEndsNoPath() {
        TestAuthority old =
                TestAuthority.root("CN=Root", change -> change.lasting(Duration.ofSeconds(-1)));
        TestAuthority below = old.authority("CN=Issuing");

        assertRefused(
                RefusalCause.EXPIRED,
                () -> of(old, below.certificate(), below.client("CN=device").issue()));
    }

    @Test
    void aRootPermitsAPathAsLongAsItSays() throws Exception {
        TestAuthority narrow =
                TestAuthority.root(
                        "CN=Root",
                        change ->
                                change.with(
                                        Extension.basicConstraints, true, new BasicConstraints(0)));
        TestAuthority below = narrow.authority("CN=Issuing");

        assertRefused(
                RefusalCause.PATH_LENGTH,
                () -> of(narrow, below.certificate(), below.client("CN=device").issue()));
        assertThat(of(narrow, narrow.client("CN=device").issue())).isNotNull();
    }

    @Test
    void aRootWithACriticalExtensionThatNobodyKnowsIsNone() {
        TestAuthority strange =
                TestAuthority.root(
                        "CN=Root",
                        change ->
                                change.with(
                                        new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"),
                                        true,
                                        new DERUTF8String("x")));

        assertRefused(
                RefusalCause.CRITICAL_EXTENSION,
                () -> of(strange, strange.client("CN=device").issue()));
    }

    @Test
    void aPathThatIsLongerThanAnybodyNeedsIsRefusedWithoutALook() {
        assertRefused(
                RefusalCause.CHAIN_TOO_LONG,
                () -> of(root, Collections.nCopies(9, client).toArray(new X509Certificate[0])));
    }

    @Test
    void whoIssuedNothingIssuesNothingOnAPathEither() {
        assertRefused(RefusalCause.NOT_AN_AUTHORITY, () -> of(root, client, client));
    }

    private CertificatePath of(TestAuthority anchor, X509Certificate... below)
            throws CertificateRefusedException {
        return CertificatePath.of(
                anchor.certificate(),
                List.of(below),
                (issuer, subject) -> IssuerRevocations.of(issuer, clock),
                clock.instant());
    }

    private static void assertRefused(RefusalCause cause, ThrowingCallable attempt) {
        CertificateRefusedException refused =
                catchThrowableOfType(CertificateRefusedException.class, attempt);

        assertThat(refused).as("refused").isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(cause);
    }
}
