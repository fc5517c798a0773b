package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.websocket.WebSocketSettings;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub with an authority of its own, as clients and their tools find it. */
class HubAuthorityTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern ADDRESS = Pattern.compile("URI:(http://\\S+)");

    private static Path folder;
    private static RunningHub running;
    private static String base;

    @BeforeAll
    static void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        int port = freePort();
        base = "http://127.0.0.1:" + port;
        HubConfig config = RunningHub.config(folder.resolve("data"));
        config =
                RunningHub.withTls(
                        config,
                        config.tls(),
                        listener("tls", TlsMode.SERVER, false),
                        listener("mtls", TlsMode.MUTUAL, false),
                        listener("wss", TlsMode.SERVER, true));
        running =
                RunningHub.start(
                        RunningHub.with(
                                config,
                                config.certificates()
                                        .with(withAddress(AuthorityConfig.DEFAULT, base)),
                                new HubConfig.Management("127.0.0.1", port)));
        Files.writeString(folder.resolve("bundle.pem"), text("/ca/bundle"));
    }

    private static AuthorityConfig withAddress(AuthorityConfig config, String address) {
        return new AuthorityConfig(
                true,
                config.organization(),
                Optional.of(address),
                config.storage(),
                config.keys(),
                new AuthorityConfig.Lists(2, config.lists().times()),
                config.lives(),
                config.server());
    }

    private static ListenerConfig listener(String name, TlsMode mode, boolean webSocket) {
        return new ListenerConfig(
                name,
                "127.0.0.1",
                0,
                webSocket
                        ? Optional.of(new WebSocketSettings("/mqtt", Set.of()))
                        : Optional.empty(),
                Optional.empty(),
                Optional.of(mode));
    }

    /** It stands in certificates, so it cannot be chosen when the hub has started. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static HttpResponse<byte[]> fetch(String address, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request);
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String path) {
        return new String(fetch(base + path).body(), StandardCharsets.US_ASCII);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static int port(String listener) {
        return Objects.requireNonNull(running.hub().mqttAddresses().get(listener)).getPort();
    }

    private static List<X509Certificate> bundle() throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(Files.readAllBytes(folder.resolve("bundle.pem"))))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static Program.Run showServer(Program program, String listener, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "openssl",
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + port(listener),
                                "-CAfile",
                                "bundle.pem",
                                "-verify_return_error",
                                "-showcerts"));
        command.addAll(List.of(more));
        return program.run(command.toArray(String[]::new));
    }

    /** The server's certificates as it shows them, in files, and their names. */
    private static List<String> chain(Program program) throws IOException {
        String shown = showServer(program, "tls").output();
        List<String> names = new ArrayList<>();
        for (MatchResult each :
                Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
                        .matcher(shown)
                        .results()
                        .toList()) {
            String name = "shown" + names.size() + ".pem";
            Files.writeString(folder.resolve(name), each.group() + "\n");
            names.add(name);
        }
        assertThat(names).as(shown).hasSize(2);
        return names;
    }

    /** Fetches the lists that these certificates name, and writes them to one file. */
    private static String lists(Program program, List<String> certificates) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String certificate : certificates) {
            String text =
                    program.run(
                                    "openssl",
                                    "x509",
                                    "-in",
                                    certificate,
                                    "-noout",
                                    "-ext",
                                    "crlDistributionPoints")
                            .output();
            MatchResult address = ADDRESS.matcher(text).results().findFirst().orElseThrow();
            HttpResponse<byte[]> answer = fetch(address.group(1));
            assertThat(answer.statusCode()).as(address.group(1)).isEqualTo(200);
            Files.write(folder.resolve("list.der"), answer.body());
            all.append(program.run("openssl", "crl", "-inform", "DER", "-in", "list.der").output());
        }
        Files.writeString(folder.resolve("lists.pem"), all);
        return "lists.pem";
    }

    @Test
    void clientsTrustTheServerByTheBundleAlone() {
        Program program = new Program(folder, Requirement.OPENSSL);
        for (String name : List.of("localhost", InetName.ofThisHost())) {
            assertThat(showServer(program, "tls", "-verify_hostname", name).output())
                    .as(name)
                    .contains("Verify return code: 0 (ok)", "Verified peername: " + name);
        }
        for (String address : List.of("127.0.0.1", "::1")) {
            assertThat(showServer(program, "wss", "-verify_ip", address).output())
                    .as(address)
                    .contains("Verify return code: 0 (ok)");
        }
        assertThat(showServer(program, "tls", "-verify_hostname", "other.example").exitCode())
                .isNotZero();
    }

    @Test
    void opensslFindsNothingRevokedOnTheListsThatTheCertificatesName() throws IOException {
        Program program = new Program(folder, Requirement.OPENSSL);
        List<String> chain = chain(program);
        String lists = lists(program, chain);
        Program.Run run =
                program.run(
                        "openssl",
                        "verify",
                        "-x509_strict",
                        "-crl_check_all",
                        "-purpose",
                        "sslserver",
                        "-CAfile",
                        "bundle.pem",
                        "-CRLfile",
                        lists,
                        "-untrusted",
                        chain.get(1),
                        chain.get(0));
        assertThat(run.output()).contains(chain.get(0) + ": OK");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void curlTrustsTheServerByBundleAndLists() throws IOException {
        Program program = new Program(folder, Requirement.OPENSSL, Requirement.CURL);
        String lists = lists(program, chain(program));
        Program.Run run =
                program.run(
                        "curl",
                        "-sS",
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code} %{ssl_verify_result}",
                        "--cacert",
                        "bundle.pem",
                        "--crlfile",
                        lists,
                        "https://localhost:" + port("wss") + "/elsewhere");
        assertThat(run.output()).isEqualTo("404 0");
        // Without the lists of those who signed it, it says that it cannot tell.
        Files.writeString(folder.resolve("none.pem"), text("/enos/CA/crl/ECC"));
        assertThat(
                        program.run(
                                        "curl",
                                        "-sS",
                                        "--cacert",
                                        "bundle.pem",
                                        "--crlfile",
                                        "none.pem",
                                        "https://localhost:" + port("wss") + "/elsewhere")
                                .exitCode())
                .isEqualTo(60);
    }

    @Test
    void aClientWithoutACertificateOfADeviceDoesNotPassTheMutualListener() {
        Program program = new Program(folder, Requirement.OPENSSL);
        Program.Run run = showServer(program, "mtls", "-tls1_2");
        String names = "Acceptable client certificate CA names\n";
        assertThat(run.output()).contains(names).contains("alert");
        String asked = run.output().substring(run.output().indexOf(names) + names.length());
        assertThat(asked.lines().takeWhile(line -> line.startsWith("O = ")))
                .containsExactlyInAnyOrder(
                        "O = Muster, CN = Muster Devices EC G1",
                        "O = Muster, CN = Muster Devices RSA G1");
    }

    @Test
    void theBundleHoldsAllAuthoritiesAndIsFetchedOnce() throws Exception {
        HttpResponse<byte[]> answer = fetch(base + "/ca/bundle");
        assertThat(header(answer, "Content-Type")).startsWith("application/pem-certificate-chain");
        assertThat(header(answer, "Cache-Control")).isEqualTo("public, max-age=3600");
        assertThat(bundle())
                .extracting(each -> each.getSubjectX500Principal().getName())
                .containsExactlyInAnyOrder(
                        "CN=Muster Root G1,O=Muster",
                        "CN=Muster Devices EC G1,O=Muster",
                        "CN=Muster Devices RSA G1,O=Muster",
                        "CN=Muster Servers G1,O=Muster");
        String tag = header(answer, "ETag");
        HttpResponse<byte[]> again = fetch(base + "/ca/bundle", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(fetch(base + "/ca/bundle", "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(running.hub().authorityBundle())
                .hasValueSatisfying(file -> assertThat(file).hasBinaryContent(answer.body()));
    }

    @Test
    void eachAuthorityIsFoundWhereCertificatesNameIt() throws Exception {
        for (X509Certificate each : bundle()) {
            String issuer =
                    each.getSubjectX500Principal().getName().contains("Root")
                            ? "root-g1"
                            : each.getSubjectX500Principal().getName().contains("EC")
                                    ? "device-ec-g1"
                                    : each.getSubjectX500Principal().getName().contains("RSA")
                                            ? "device-rsa-g1"
                                            : "server-g1";
            HttpResponse<byte[]> answer = fetch(base + "/ca/" + issuer + ".crt");
            assertThat(header(answer, "Content-Type")).isEqualTo("application/pkix-cert");
            assertThat(answer.body()).isEqualTo(each.getEncoded());
        }
        assertThat(text("/enos/CA/cacert/RSA")).isEqualTo(text("/enos/CA/cacert/rsa"));
        assertThat(Files.readString(folder.resolve("bundle.pem")))
                .contains(text("/enos/CA/cacert/RSA"), text("/enos/CA/cacert/ECC"));
    }

    @Test
    void listsAreKeptByCachesForAnHourAndFetchedOnce() throws Exception {
        for (String path :
                List.of(
                        "/crl/root-g1.crl",
                        "/crl/server-g1/0.crl",
                        "/crl/device-ec-g1/0.crl",
                        "/crl/device-ec-g1/1.crl",
                        "/crl/device-rsa-g1/1.crl")) {
            HttpResponse<byte[]> answer = fetch(base + path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(header(answer, "Content-Type")).isEqualTo("application/pkix-crl");
            assertThat(header(answer, "Cache-Control")).isEqualTo("public, max-age=3600");
            X509CRL list =
                    (X509CRL)
                            CertificateFactory.getInstance("X.509")
                                    .generateCRL(new ByteArrayInputStream(answer.body()));
            assertThat(list.getRevokedCertificates()).isNull();
            for (List<String> condition :
                    List.of(
                            List.of("If-None-Match", "W/" + header(answer, "ETag")),
                            List.of("If-Modified-Since", header(answer, "Last-Modified")))) {
                HttpResponse<byte[]> again = fetch(base + path, condition.get(0), condition.get(1));
                assertThat(again.statusCode()).as("%s", condition).isEqualTo(304);
            }
            assertThat(
                            fetch(base + path, "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
                                    .statusCode())
                    .isEqualTo(200);
            HttpResponse<byte[]> head =
                    send(
                            HttpRequest.newBuilder(URI.create(base + path))
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody()));
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(header(head, "ETag")).isEqualTo(header(answer, "ETag"));
        }
    }

    @Test
    void theListsOfAllDevicesAreFoundWhereEnosHasThem() throws Exception {
        for (String word : List.of("RSA", "ECC")) {
            String pem = text("/enos/CA/crl/" + word);
            assertThat(
                            CertificateFactory.getInstance("X.509")
                                    .generateCRLs(
                                            new ByteArrayInputStream(
                                                    pem.getBytes(StandardCharsets.US_ASCII))))
                    .as(word)
                    .hasSize(2);
        }
        assertThat(fetch(base + "/enos/CA/crl/DSA").statusCode()).isEqualTo(404);
    }

    @Test
    void whatThereIsNotIsNotFound() {
        for (String path :
                List.of(
                        "/ca/device-ec-g2.crt",
                        "/ca/device-ec.crt",
                        "/ca/..%2Fpassword.crt",
                        "/crl/device-ec-g1.crl",
                        "/crl/device-ec-g1/2.crl",
                        "/crl/device-ec-g1/00.crl",
                        "/crl/device-ec-g1/-1.crl",
                        "/crl/device-ec-g1/99999999999.crl",
                        "/crl/root-g1/0.crl",
                        "/crl/nobody-g1/0.crl")) {
            assertThat(fetch(base + path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void metricsShowListsAndWhenIssuersExpire() {
        assertThat(text("/metrics"))
                .contains(
                        "muster_crl_age_seconds{issuer=\"device-ec-g1\"}",
                        "muster_crl_left_seconds{issuer=\"root-g1\"}",
                        "muster_crl_bytes{issuer=\"server-g1\"}",
                        "muster_crl_entries{issuer=\"device-rsa-g1\"} 0.0",
                        "muster_crl_number{issuer=\"server-g1\"} 1.0",
                        "muster_crl_publications_failed_total 0.0",
                        "muster_tls_certificate_expiry_days{certificate=\"localhost\"} 89.")
                .containsPattern(
                        "muster_issuer_certificate_expiry_days\\{issuer=\"root-g1\"} 7299\\.");
    }

    @Test
    void nobodyElseReadsItsFiles() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data/ca"))) {
            assertThat(files)
                    .filteredOn(
                            file -> file.toString().matches(".*(\\.p12|password|/server/.*\\.pem)"))
                    .hasSize(7)
                    .allSatisfy(
                            file ->
                                    assertThat(Files.getPosixFilePermissions(file))
                                            .isEqualTo(
                                                    PosixFilePermissions.fromString("rw-------")));
        }
        assertThat(Files.getPosixFilePermissions(folder.resolve("data/ca")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    /** What the machine calls itself. */
    private static final class InetName {

        static String ofThisHost() {
            try {
                return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            } catch (IOException e) {
                return "localhost";
            }
        }
    }
}
