package io.muster.hub.certificates.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.hub.certificates.ListServer;
import io.muster.hub.certificates.MovedClock;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of authorities, lists on a server and a registry that change while a hub runs. */
@Timeout(30)
class WatchedTrustTest {

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Authority ACME = new Authority("acme");
    private static final Authority OTHER = new Authority("other");
    private static final Issued OF_ACME = client(ACME);

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger failing = new AtomicInteger();
    private final AtomicInteger listed = new AtomicInteger();
    private final MovedClock clock = new MovedClock(Clock.systemUTC());
    private volatile boolean isAway;
    private Path folder;
    private Path file;
    private @Nullable WatchedTrust opened;

    private static Issued client(Authority issuer) {
        return issuer.issue(Wanted.of("CN=client").until(Instant.now().plus(Duration.ofDays(5))));
    }

    @BeforeEach
    void prepare(@TempDir Path empty) {
        folder = empty;
        file = TestPki.write(folder.resolve("ca.pem"), ACME.certificate());
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private WatchedTrust watched() {
        return Objects.requireNonNull(opened);
    }

    private HubConfig.Certificates config(
            List<External> external, Optional<Path> clientCaFile, Duration crlInterval) {
        HubConfig.Tls none = HubConfig.Tls.NONE;
        return HubConfig.Certificates.NONE
                .with(new TrustConfig(external, crlInterval, Optional.empty()))
                .with(
                        new HubConfig.Tls(
                                TlsProvider.JDK,
                                List.of(),
                                clientCaFile,
                                none.handshakeTimeout(),
                                none.handshakesMax(),
                                LOOK));
    }

    private External external(String name, Path caFile, List<String> crls) {
        return new External(
                name,
                CaSource.of(caFile),
                !crls.isEmpty(),
                crls,
                false,
                List.of(),
                FreshnessPolicy.STRICT,
                Binding.NONE);
    }

    private void watch(HubConfig.Certificates config) {
        open(config);
        watched().start();
    }

    private void open(HubConfig.Certificates config) {
        WatchedTrust watched =
                WatchedTrust.open(
                        config,
                        new WatchedTrust.Sources(
                                List.of(),
                                (issuer, after, limit) -> list(),
                                Duration.ofHours(1),
                                folder.resolve("lists")),
                        meters,
                        clock);
        opened = watched;
        watched.listener(
                new WatchedTrust.Listener() {
                    @Override
                    public void revoked(List<CertificateId> revoked) {}

                    @Override
                    public void listed(ListChange change) {
                        if (!change.isEmpty()) {
                            listed.incrementAndGet();
                        }
                    }

                    @Override
                    public void authoritiesEnded(Set<String> issuers) {}

                    @Override
                    public void trustChanged() {
                        changes.incrementAndGet();
                        if (failing.getAndDecrement() > 0) {
                            throw new IllegalStateException("of a test");
                        }
                    }
                });
    }

    private List<RevokedCertificate> list() {
        if (isAway) {
            throw new RegistryUnavailableException("away");
        }
        return List.of();
    }

    private void watchTheFile() {
        watch(
                config(
                        List.of(external("acme", file, List.of())),
                        Optional.empty(),
                        Duration.ofHours(1)));
    }

    private Optional<RefusalCause> refusal(Issued certificate) {
        return watched().trust().check().check(List.of(certificate.certificate()))
                        instanceof CertificateVerdict.Refused refused
                ? Optional.of(refused.cause())
                : Optional.empty();
    }

    private void awaitAlarm(String text) {
        await().until(() -> watched().alarm().orElse("").contains(text));
    }

    @Test
    void aFileThatCannotBeUsedLeavesAllAsItWasUntilItCan() throws IOException {
        watchTheFile();
        assertThat(refusal(OF_ACME)).isEmpty();

        // It parses, and may not issue.
        TestPki.write(
                file,
                OTHER.issue(Wanted.of("CN=no authority").authority(), TestPki.ec()),
                OTHER.certificate());
        awaitAlarm("files: cannot be used");
        assertThat(refusal(OF_ACME)).isEmpty();
        assertThat(refusal(client(ACME))).as("who was not there before").isEmpty();
        assertThat(changes).hasValue(0);

        TestPki.write(file, ACME.certificate());
        await().until(() -> watched().alarm().isEmpty());
        assertThat(changes).as("it is again what it was").hasValue(0);

        Files.delete(file);
        awaitAlarm("files: cannot be used");
        assertThat(refusal(OF_ACME)).isEmpty();

        TestPki.write(file, OTHER.certificate());
        await().until(() -> changes.get() == 1);
        assertThat(refusal(OF_ACME)).contains(RefusalCause.UNKNOWN_ISSUER);
        assertThat(refusal(client(OTHER))).isEmpty();
        assertThat(watched().alarm()).isEmpty();
    }

    @Test
    void aChangeIsToldAlsoWhileTheRegistryIsAwayAndUntilItIsHeard() {
        watchTheFile();
        isAway = true;
        failing.set(2);
        TestPki.write(file, OTHER.certificate());
        await().until(() -> changes.get() == 3);
        assertThat(refusal(OF_ACME)).contains(RefusalCause.UNKNOWN_ISSUER);
        await().during(LOOK.multipliedBy(5)).until(() -> changes.get() == 3);
        assertThat(refusal(client(OTHER)))
                .as("what it has revoked is not known yet")
                .contains(RefusalCause.UNKNOWN_ISSUER);
        awaitAlarm("registry: cannot be read");
        isAway = false;
        await().until(() -> refusal(client(OTHER)).isEmpty());
        assertThat(watched().alarm()).isEmpty();
    }

    @Test
    void oneThatHasExpiredKeepsNoOtherFromItsLists() throws IOException {
        Authority expired =
                new Authority(
                        "expired",
                        Instant.now().minus(Duration.ofDays(2)),
                        Instant.now().minus(Duration.ofDays(1)));
        try (ListServer server = new ListServer(ACME.crl(1, Duration.ofHours(1)))) {
            watch(
                    config(
                            List.of(external("acme", file, List.of(server.address()))),
                            Optional.of(
                                    TestPki.write(
                                            folder.resolve("old.pem"), expired.certificate())),
                            Duration.ofSeconds(1)));
            awaitAlarm("client-ca-file: not trusted: expired");
            await().until(() -> server.unchanged() >= 2);
            assertThat(server.sent()).as("the whole list").isEqualTo(1);
            assertThat(refusal(OF_ACME)).isEmpty();
            assertThat(changes).hasValue(0);

            // Nor does a change of another file.
            TestPki.write(folder.resolve("old.pem"), OTHER.certificate());
            await().until(() -> changes.get() == 1);
            int before = server.unchanged();
            await().until(() -> server.unchanged() > before);
            assertThat(server.sent()).isEqualTo(1);
        }
    }

    /** Clients come before looks begin. */
    @Test
    void aListThatComesInForceBeforeLooksBeginIsToldToo() throws IOException {
        try (ListServer server = new ListServer(ACME.crl(1, Duration.ofDays(1)))) {
            open(
                    config(
                            List.of(external("acme", file, List.of(server.address()))),
                            Optional.empty(),
                            Duration.ofSeconds(1)));
            assertThat(refusal(OF_ACME)).isEmpty();
            server.put(ACME.crl(2, Duration.ofDays(1), OF_ACME.certificate()));
            await().until(() -> listed.get() == 1);
            assertThat(refusal(OF_ACME)).contains(RefusalCause.REVOKED);
        }
    }

    /** A scrape that ran while it was registered anew would find it twice, and fail. */
    @Test
    void theFiguresOfAListAreNotRegisteredAnewWhenAuthoritiesChange() throws IOException {
        Path another = TestPki.write(folder.resolve("other.pem"), OTHER.certificate());
        try (ListServer server = new ListServer(ACME.crl(1, Duration.ofDays(1)))) {
            String list = server.address();
            watch(
                    config(
                            List.of(
                                    external("acme", file, List.of(list)),
                                    external("other", another, List.of())),
                            Optional.empty(),
                            Duration.ofSeconds(1)));
            Gauge entries = meters.get("muster.revocation.list.entries").gauge();
            Gauge age = meters.get("muster.revocation.list.age.seconds").gauge();
            TestPki.write(another, new Authority("third").certificate());
            await().until(() -> changes.get() == 1);
            assertThat(meters.get("muster.revocation.list.entries").gauge()).isSameAs(entries);
            assertThat(meters.get("muster.revocation.list.age.seconds").gauge()).isSameAs(age);
            server.put(ACME.crl(2, Duration.ofDays(1), OF_ACME.certificate()));
            await().until(() -> entries.value() == 1);
            assertThat(age.value()).isBetween(0.0, 86_400.0);
        }
    }

    @Test
    void oneWhoseTimeHasNotComeIsTrustedOnceItHas() {
        Authority next =
                new Authority(
                        "next",
                        Instant.now().plus(Duration.ofDays(1)),
                        Instant.now().plus(Duration.ofDays(9)));
        TestPki.write(file, next.certificate());
        watchTheFile();
        awaitAlarm("acme: not trusted: not_yet_valid");
        assertThat(refusal(client(next))).contains(RefusalCause.UNKNOWN_ISSUER);
        clock.advance(Duration.ofDays(2));
        await().until(() -> changes.get() == 1);
        assertThat(refusal(client(next))).isEmpty();
        assertThat(watched().alarm()).isEmpty();
    }

    @Test
    void aHubDoesNotStartWithOneAuthorityThatIsTrustedInTwoWays() {
        HubConfig.Certificates config =
                config(
                        List.of(
                                new External(
                                        "acme",
                                        CaSource.of(file),
                                        false,
                                        List.of(),
                                        false,
                                        List.of(),
                                        FreshnessPolicy.STRICT,
                                        Binding.FIRST_USE)),
                        Optional.of(file),
                        Duration.ofHours(1));
        assertThatThrownBy(() -> watch(config))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContainingAll(
                        "acme and client-ca-file are the same authority",
                        "binding = first-use and binding = none");
        assertThatThrownBy(() -> WatchedTrust.check(config, clock))
                .isInstanceOf(InvalidConfigException.class);
    }
}
