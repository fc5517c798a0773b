package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.certificate.CertificateBindings;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Enhanced authentication by somebody with a certificate, also once more on his connection. */
class CertificateGateTest {

    private static final Authority AUTHORITY = new Authority("gate");
    private static final X509Certificate CERTIFICATE =
            AUTHORITY.issue(Wanted.of("CN=gate")).certificate();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private WatchedTrust watched;
    private FirstUseBinding firstUse;
    private CertificateGate gate;

    /** Lets anybody in, in two steps. */
    private static final class TwoSteps implements EnhancedAuthenticator {

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            return CompletableFuture.completedFuture(accepted());
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            return Optional.of(
                    new Exchange() {
                        private boolean isSecond;

                        @Override
                        public CompletionStage<Step> next(Optional<byte[]> data) {
                            Step step =
                                    isSecond
                                            ? new Step.Finished(accepted(), Optional.empty())
                                            : new Step.Continue(new byte[0]);
                            isSecond = true;
                            return CompletableFuture.completedFuture(step);
                        }
                    });
        }

        private static AuthResult accepted() {
            return AuthResult.accept(
                    new Identity("application:a", "a", NoTopics.INSTANCE, Map.of()));
        }
    }

    /** Where nothing is bound. */
    private static final class Empty implements CertificateBindings.Registry {

        @Override
        public Optional<Certificate> find(Sha256 fingerprint) {
            return Optional.empty();
        }

        @Override
        public boolean isReadable() {
            return true;
        }

        @Override
        public boolean isPastGrace() {
            return false;
        }
    }

    @BeforeEach
    void open(@TempDir Path folder) {
        TrustConfig.External external =
                new TrustConfig.External(
                        "gate",
                        CaSource.of(
                                TestPki.write(folder.resolve("ca.pem"), AUTHORITY.certificate())),
                        false,
                        List.of(),
                        false,
                        List.of(),
                        FreshnessPolicy.STRICT,
                        Binding.NONE);
        watched =
                WatchedTrust.open(
                        HubConfig.Certificates.NONE.with(TrustConfig.NONE.with(List.of(external))),
                        new WatchedTrust.Sources(
                                List.of(),
                                (issuer, after, limit) -> List.of(),
                                Duration.ofHours(1),
                                folder.resolve("lists")),
                        meters,
                        Clock.systemUTC());
        firstUse =
                new FirstUseBinding(
                        (reservations, max) -> Map.of(),
                        2,
                        Duration.ofSeconds(5),
                        Clock.systemUTC());
        gate =
                new CertificateGate(
                        new TwoSteps(),
                        Set.of("mtls"),
                        watched.trust(),
                        new CertificateGate.Lookups(
                                new CertificateBindings(
                                        new Empty(),
                                        Runnable::run,
                                        Duration.ofSeconds(5),
                                        10,
                                        System::nanoTime),
                                firstUse,
                                new DemandedCertificates(RevocationRaceTest.NO_DEVICES)),
                        new CertificateMetrics(meters, "connect"));
    }

    @AfterEach
    void close() {
        gate.close();
        firstUse.close();
        watched.close();
    }

    private Exchange begin(X509Certificate... chain) {
        Credentials credentials =
                new Credentials(
                        "a",
                        Optional.empty(),
                        Optional.empty(),
                        List.of(chain),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
                        5,
                        "mtls");
        return gate.begin("METHOD", credentials).orElseThrow();
    }

    private static Step next(Exchange exchange) {
        return exchange.next(Optional.empty()).toCompletableFuture().join();
    }

    private void revoke() {
        watched.trust()
                .revoke(
                        List.of(
                                CertificateId.of(
                                        TrustedAuthority.externalIssuer(
                                                AUTHORITY.certificate().getSubjectX500Principal()),
                                        CERTIFICATE.getSerialNumber())));
    }

    private static AuthResult result(Step step) {
        assertThat(step).isInstanceOf(Step.Finished.class);
        return ((Step.Finished) step).result();
    }

    @Test
    void endsAsTheAuthenticatorSaysWithAGoodCertificate() {
        Exchange exchange = begin(CERTIFICATE);
        assertThat(next(exchange)).isInstanceOf(Step.Continue.class);
        assertThat(result(next(exchange))).isInstanceOf(AuthResult.Accept.class);
    }

    /** At its first step, as of one who signs in again on his connection; or on the way. */
    @Test
    void isRefusedOnceTheCertificateIsRevoked() {
        Exchange underWay = begin(CERTIFICATE);
        assertThat(next(underWay)).isInstanceOf(Step.Continue.class);
        revoke();
        assertThat(result(next(underWay))).isInstanceOf(AuthResult.Deny.class);
        assertThat(result(next(begin(CERTIFICATE)))).isInstanceOf(AuthResult.Deny.class);
    }

    @Test
    void isRefusedWithoutACertificateWhereEachClientShowsOne() {
        assertThat(result(next(begin()))).isInstanceOf(AuthResult.Deny.class);
    }
}
