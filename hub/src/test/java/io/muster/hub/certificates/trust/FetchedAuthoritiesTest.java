package io.muster.hub.certificates.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.ListServer;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Authorities whose certificates are on a web server, which may answer anything. */
@Timeout(30)
class FetchedAuthoritiesTest {

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final Authority ROOT = new Authority("root");
    private static final Authority ACME = ROOT.authority("acme");
    private static final Authority NEXT = ROOT.authority("next");
    private static final Authority STRANGER = new Authority("stranger");

    private static final Authority BELOW = ACME.authority("below");

    private Path folder;
    private boolean isChecked;
    private ListServer server;
    private @Nullable WatchedTrust opened;

    @BeforeEach
    void start(@TempDir Path empty) throws IOException {
        folder = empty;
        server = new ListServer(pem(ACME, ROOT));
    }

    @AfterEach
    void stop() {
        close();
        server.close();
    }

    private void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    private static byte[] pem(Authority... authorities) {
        return Stream.of(authorities)
                .map(each -> TestPki.pem(each.certificate()))
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static Sha256 pin(Authority authority) {
        try {
            return Sha256.of(authority.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void watch() {
        watch(external("acme", ACME, NEXT, BELOW));
    }

    private External external(String name, Authority... pinned) {
        return new External(
                name,
                new CaSource(
                        server.address(),
                        Stream.of(pinned)
                                .map(FetchedAuthoritiesTest::pin)
                                .collect(Collectors.toSet()),
                        Set.of(pin(ROOT), pin(ACME))),
                isChecked,
                isChecked ? List.of(folder.resolve("acme.crl").toString()) : List.of(),
                false,
                isChecked ? List.of(folder.resolve("root.crl").toString()) : List.of(),
                FreshnessPolicy.STRICT,
                Binding.NONE);
    }

    private void watch(External... entries) {
        HubConfig.Tls none = HubConfig.Tls.NONE;
        HubConfig.Certificates config =
                HubConfig.Certificates.NONE
                        .with(new TrustConfig(List.of(entries), INTERVAL, Optional.empty()))
                        .with(
                                new HubConfig.Tls(
                                        TlsProvider.JDK,
                                        List.of(),
                                        Optional.empty(),
                                        none.handshakeTimeout(),
                                        none.handshakesMax(),
                                        LOOK));
        opened =
                WatchedTrust.open(
                        config,
                        new WatchedTrust.Sources(
                                List.of(),
                                (issuer, after, limit) -> List.of(),
                                Duration.ofHours(1),
                                folder.resolve("lists")),
                        new SimpleMeterRegistry(),
                        Clock.systemUTC());
        opened.start();
    }

    private boolean trusts(Authority authority) {
        X509Certificate client = authority.issue(Wanted.of("CN=client")).certificate();
        return Objects.requireNonNull(opened).trust().check().check(List.of(client))
                instanceof CertificateVerdict.Accepted;
    }

    private String alarm() {
        return Objects.requireNonNull(opened).alarm().orElse("");
    }

    @Test
    void oneThatIsPinnedIsTrustedAndFetchedOnceAndTheNextOneTooWhenItComes() {
        watch();
        assertThat(trusts(ACME)).isTrue();
        assertThat(alarm()).isEmpty();
        await().until(() -> server.unchanged() > 2);
        assertThat(server.sent()).isEqualTo(1);

        server.put(pem(NEXT, ROOT));
        await().until(() -> trusts(NEXT));
        assertThat(trusts(ACME)).isFalse();
    }

    @Test
    void whatIsNotPinnedChangesNothingAndIsTold() {
        watch();
        for (byte[] other :
                List.of(
                        pem(STRANGER),
                        pem(ROOT),
                        pem(ACME),
                        pem(ACME, ROOT, STRANGER),
                        "no certificate".getBytes(StandardCharsets.US_ASCII),
                        new byte[(1 << 20) + 1])) {
            int before = server.sent();
            server.put(other);
            await().until(() -> server.sent() > before);
            await().until(() -> alarm().contains("acme: certificate is not fetched: "));
            assertThat(trusts(ACME)).isTrue();
            assertThat(trusts(STRANGER)).isFalse();
            assertThat(trusts(ROOT)).as("it is above, and no issuer of clients").isFalse();
            server.put(pem(ACME, ROOT));
            await().until(() -> alarm().isEmpty());
        }
    }

    @Test
    void aRestartNeedsNoServerButNobodyWhoWritesIntoTheFolderIsBelieved() throws IOException {
        watch();
        close();
        server.close();
        watch();
        assertThat(trusts(ACME)).isTrue();
        assertThat(alarm()).contains("acme: certificate is not fetched: ");
        close();

        try (Stream<Path> kept = Files.list(folder.resolve("fetched-authorities"))) {
            Files.write(kept.findFirst().orElseThrow(), pem(STRANGER));
        }
        watch();
        assertThat(trusts(STRANGER)).isFalse();
        assertThat(trusts(ACME)).isFalse();
    }

    @Test
    void withoutItsCertificateItIsLeftOutUntilThatIsThere() {
        server.put(pem(STRANGER));
        watch();
        assertThat(trusts(ACME)).isFalse();
        assertThat(alarm())
                .contains("acme: certificate is not fetched: ", pin(STRANGER).hex(), "ca-sha256");
        server.put(pem(ACME, ROOT));
        await().until(() -> trusts(ACME));
        await().until(() -> alarm().isEmpty());
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("fetched-authorities"))) {
            return files.toList();
        }
    }

    @Test
    void whatBecomesOfTheFolderMeanwhileChangesNothingAndItIsMended() throws IOException {
        watch();
        Path file = kept().get(0);
        byte[] good = Files.readAllBytes(file);
        for (byte[] other : List.of(pem(STRANGER), new byte[0])) {
            Files.write(file, other);
            await().until(() -> Arrays.equals(Files.readAllBytes(file), good));
            assertThat(trusts(ACME)).isTrue();
        }
        Files.delete(file);
        await().during(LOOK.multipliedBy(5)).until(() -> trusts(ACME));
        await().until(() -> Files.exists(file));
        assertThat(alarm()).isEmpty();
    }

    /** Then the folder is all that a restart has. */
    @Test
    void whatIsKeptIsMendedAlsoWhileTheAddressDoesNotAnswerIt() throws IOException {
        watch();
        Path file = kept().get(0);
        byte[] good = Files.readAllBytes(file);
        server.put(pem(STRANGER));
        await().until(() -> alarm().contains("acme: certificate is not fetched: "));
        Files.delete(file);
        await().until(() -> Files.exists(file) && Arrays.equals(Files.readAllBytes(file), good));
        server.close();
        Files.write(file, pem(STRANGER));
        await().until(() -> Arrays.equals(Files.readAllBytes(file), good));
        close();

        watch();
        assertThat(trusts(ACME)).isTrue();
    }

    @Test
    void twoEntriesOfOneAddressThatNameTheSameCertificateKeepEachItsOwn() throws IOException {
        External both = external("both", ACME, NEXT);
        External old = external("old", ACME);
        watch(both, old);
        assertThat(trusts(ACME)).isTrue();
        server.put(pem(NEXT, ROOT));
        await().until(() -> trusts(NEXT));
        await().until(() -> alarm().contains("old: certificate is not fetched: "));
        assertThat(trusts(ACME)).as("by the other entry").isTrue();
        await().until(() -> kept(pem(NEXT, ROOT)) && kept(pem(ACME, ROOT)));
        close();

        server.close();
        watch(both, old);
        assertThat(trusts(ACME)).isTrue();
        assertThat(trusts(NEXT)).isTrue();
    }

    private boolean kept(byte[] octets) throws IOException {
        for (Path file : kept()) {
            if (Arrays.equals(Files.readAllBytes(file), octets)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void anEntryThatNamesOneCertificateMoreNeedsNoServerEither() {
        watch(external("acme", ACME));
        close();
        server.close();
        watch(external("acme", ACME, NEXT));
        assertThat(trusts(ACME)).isTrue();
    }

    /** Which of two came first by their names is a matter of chance. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnEntryHasLeftIsNotTakenByALaterOne(boolean isLeftBehind) throws IOException {
        watch(external("acme", ACME));
        Path old = kept().get(0);
        byte[] left = Files.readAllBytes(old);
        FileTime then = Files.getLastModifiedTime(old);
        close();
        server.put(pem(NEXT, ROOT));
        watch(external("acme", ACME, NEXT));
        await().until(() -> trusts(NEXT) && kept(pem(NEXT, ROOT)));
        assertThat(old).as("no entry is called so").doesNotExist();
        close();

        server.close();
        if (isLeftBehind) {
            Files.setLastModifiedTime(Files.write(old, left), then);
        }
        watch(external("acme", ACME, NEXT, BELOW));
        assertThat(trusts(NEXT)).isTrue();
        assertThat(trusts(ACME)).isFalse();
        assertThat(kept()).hasSize(1);
    }

    @Test
    void whatFormerEntriesHaveLeftStaysWhileOneHasNothing() throws IOException {
        watch(external("acme", ACME));
        Path left = kept().get(0);
        close();
        watch(external("acme", NEXT));
        assertThat(names()).isEmpty();
        assertThat(left).exists();
    }

    /**
     * What is pinned only may fit nothing: here there is one authority more, and no list for it.
     */
    @Test
    void whatIsPinnedAndCannotBeUsedReplacesNothingAndKeepsNoHubFromItsStart() throws IOException {
        isChecked = true;
        watch();
        Path file = kept().get(0);
        byte[] good = Files.readAllBytes(file);
        int before = server.sent();
        server.put(pem(BELOW, ACME, ROOT));
        await().until(() -> server.sent() > before + 2); // one that was refused is sent again
        assertThat(kept()).hasSize(1);
        assertThat(file).hasBinaryContent(good);
        close();

        watch();
        assertThat(names()).containsExactly("acme");
        close();

        Files.delete(file);
        watch();
        assertThat(names()).as("left out").isEmpty();
        assertThat(alarm()).contains("acme: certificate is not fetched: ", "authority-crls");
        server.put(pem(ACME, ROOT));
        await().until(() -> names().contains("acme"));
    }

    private List<String> names() {
        return Objects.requireNonNull(opened).trust().authorities().stream()
                .map(TrustedAuthority::name)
                .toList();
    }
}
