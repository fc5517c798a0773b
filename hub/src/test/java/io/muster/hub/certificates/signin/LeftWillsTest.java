package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.MovedClock;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.TestTrust;
import io.muster.hub.certificates.trust.Trust;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose will is published that was left by a client with a certificate. */
class LeftWillsTest {

    private static final Authority ACME = new Authority("acme");
    private static final String ISSUER =
            TrustedAuthority.externalIssuer(ACME.certificate().getSubjectX500Principal());
    private static final X509Certificate CERTIFICATE = forAnHour();
    private static final CertificateId ID = CertificateId.of(ISSUER, CERTIFICATE.getSerialNumber());

    private static X509Certificate forAnHour() {
        return ACME.issue(Wanted.of("CN=client").until(Instant.now().plus(Duration.ofHours(1))))
                .certificate();
    }

    private final MovedClock clock = new MovedClock();
    private final Trust trust =
            TestTrust.of(
                    clock,
                    new TrustedAuthority(
                            "acme",
                            List.of(new Link(ACME.certificate(), ISSUER, Revocation.UNCHECKED)),
                            Binding.NONE,
                            FreshnessPolicy.STRICT));
    private final CertificateSessions sessions =
            new CertificateSessions(
                    (ids, now) -> Map.of(), trust::isGood, Duration.ofSeconds(5), clock);
    private final AwaySessions away =
            new AwaySessions(new KnownCertificates(), sessions, trust::isGood, clock);
    private final CertificateConnections connections =
            new CertificateConnections(trust, sessions, away, new SimpleMeterRegistry(), clock);
    private final CertificateClients clients =
            new CertificateClients(
                    connections,
                    trust.check(),
                    new FirstUses((ids, at) -> {}, clock),
                    new DemandedCertificates(RevocationRaceTest.NO_DEVICES),
                    ClientObserver.NONE);

    @AfterEach
    void close() {
        away.close();
        sessions.close();
    }

    private boolean mayLeaveWill(Map<String, String> attributes, List<X509Certificate> chain) {
        return clients.mayLeaveWill(
                new ConnectedClient(
                        "demo/d1",
                        "d1",
                        new Identity("device:demo/d1", "demo/d1", NoTopics.INSTANCE, attributes),
                        new ConnectedClient.Origin(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
                                "mtls",
                                chain),
                        5,
                        60,
                        Instant.EPOCH));
    }

    private boolean mayLeaveWill() {
        return mayLeaveWill(
                Map.of(CertificateGate.CERTIFICATE, ID.toString()), List.of(CERTIFICATE));
    }

    @Test
    void whoseCertificateIsOverAndWasNeverRevoked() {
        assertThat(mayLeaveWill()).isTrue();
        clock.advance(Duration.ofHours(2));
        assertThat(mayLeaveWill()).isTrue();
        assertThat(mayLeaveWill(Map.of(), List.of())).as("who has none").isTrue();
    }

    /** The will waits longer than the certificate is good. */
    @Test
    void notWhoseCertificateWasRevokedBeforeItWasOver() {
        connections.endBy(new FakeClients());
        connections.revoked(List.of(ID)).toCompletableFuture().join();
        assertThat(mayLeaveWill()).isFalse();
        clock.advance(Duration.ofHours(2));
        assertThat(mayLeaveWill()).isFalse();
    }
}
