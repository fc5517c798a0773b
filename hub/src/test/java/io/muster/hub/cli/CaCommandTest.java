package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.hub.Hub;
import io.muster.hub.HubStartException;
import io.muster.hub.Program;
import io.muster.hub.Requirement;
import io.muster.hub.config.ConfigurationLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ExitCode;

/** The authority of a hub from the command line, without the hub. One step follows the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CaCommandTest {

    private static Path folder;
    private static Map<String, String> environment;
    private static Program program;
    private static String serial = "";

    @BeforeAll
    static void begin(@TempDir Path temporary) {
        folder = temporary;
        environment =
                Map.of(
                        "MUSTER_DATA",
                        folder.resolve("data").toString(),
                        "MUSTER_LISTENERS",
                        "[{name = tcp, bind = 127.0.0.1, port = 0}]",
                        "MUSTER_MANAGEMENT_PORT",
                        "0",
                        "MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS",
                        "http://hub.example",
                        "MUSTER_CERTIFICATES_AUTHORITY_CRL_PARTITIONS",
                        "1");
        program = new Program(folder, Requirement.OPENSSL);
    }

    private static CommandRun run(String... words) {
        return CommandRun.of(environment, "", words);
    }

    private static String out(String... words) {
        CommandRun run = run(words);
        assertThat(run.exitCode()).as(String.join(" ", words) + ": " + run.err()).isZero();
        return run.out();
    }

    private static JsonNode authority(String name) throws IOException {
        JsonNode all = new ObjectMapper().readTree(out("ca", "status", "--json")).path("items");
        for (JsonNode each : all) {
            if (each.path("name").asText().equals(name)) {
                return each;
            }
        }
        throw new AssertionError(name + " is not among " + all);
    }

    private static String openssl(String... words) {
        return program.run(joined("openssl", words)).output();
    }

    private static String verify() throws IOException {
        out("ca", "crl", "--out", folder.resolve("crl").toString());
        Files.deleteIfExists(folder.resolve("lists.pem"));
        for (String list : new String[] {"device-ec-g1/0.crl", "root-g1.crl"}) {
            Files.writeString(
                    folder.resolve("lists.pem"),
                    openssl("crl", "-inform", "DER", "-in", "crl/" + list),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return openssl(
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-purpose",
                "sslclient",
                "-CAfile",
                "bundle.pem",
                "-CRLfile",
                "lists.pem",
                "device.pem");
    }

    @Test
    @Order(1)
    void isMadeBeforeTheFirstStart() throws IOException {
        assertThat(out("ca", "init"))
                .containsPattern("root-g1 +true +false +20")
                .containsPattern("device-ec-g1 +true")
                .containsPattern("device-rsa-g1 +true")
                .containsPattern("server-g1 +true");
        assertThat(authority("device-ec-g1").path("number").asInt()).isEqualTo(1);
    }

    @Test
    @Order(2)
    void issuesWhatOpensslAccepts() throws IOException {
        out("ca", "bundle", "--out", folder.resolve("bundle.pem").toString());
        prepareDevice();
        request("device", "/CN=dev1/OU=thermo");
        out(
                "ca",
                "issue",
                "thermo",
                "dev1",
                "--csr",
                folder.resolve("device.csr").toString(),
                "--days",
                "30",
                "--out",
                folder.resolve("device.pem").toString());
        assertThat(verify()).isEqualTo("device.pem: OK\n");
        String csr = folder.resolve("device.csr").toString();
        String[] again = {"ca", "issue", "thermo", "dev1", "--csr", csr, "--days", "30"};
        assertThat(out(again)).isEqualTo(Files.readString(folder.resolve("device.pem")));
        again[again.length - 1] = "31";
        assertThat(run(again).err()).contains("KEY_REUSED");
        serial = openssl("x509", "-in", "device.pem", "-noout", "-serial").strip();
        serial = serial.substring(serial.indexOf('=') + 1).toLowerCase(Locale.ROOT);
    }

    /** A second hub, or a back-end: with a key that it has made, or one that is made here. */
    @Test
    @Order(2)
    void issuesForOtherServers() throws IOException {
        out("ca", "bundle", "--out", folder.resolve("bundle.pem").toString());
        String csr = folder.resolve("server.csr").toString();
        String names = "DNS:hub2.example,IP:10.0.0.2";
        requestServer(names);
        String[] issue = {
            "ca", "issue", "--server", "hub2.example,10.0.0.2", "--csr", csr, "--days", "20"
        };
        Files.writeString(folder.resolve("server.pem"), out(issue));
        assertThat(verifyServer("hub2.example")).isEqualTo("server.pem: OK\n");
        assertThat(out(issue)).isEqualTo(Files.readString(folder.resolve("server.pem")));

        CommandRun other = run("ca", "issue", "--server", "hub3.example", "--csr", csr);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("KEY_REUSED");
        requestServer("DNS:hub2.example,DNS:evil.example");
        assertThat(run(issue).err()).contains("SAN_NOT_ALLOWED").contains("DNS:hub2.example");
        assertThat(run("ca", "issue", "--server", "no host", "--csr", csr).err())
                .contains("'no host' is not the name of a host");

        Path key = folder.resolve("server2.key");
        String[] make = {"ca", "issue", "--server", "hub3.example", "--key-out", key.toString()};
        String[] tooLong = with(make, "--days", "500");
        assertThat(run(tooLong).exitCode()).isEqualTo(1);
        assertThat(key).doesNotExist();
        assertKeyIsGoneIfItsCertificateCannotBeWritten(make, key);
        assertKeyIsGoneIfThatOfTheIssuerIsAway(make, key);
        Files.writeString(folder.resolve("server.pem"), out(make));
        assertThat(verifyServer("hub3.example")).isEqualTo("server.pem: OK\n");
        assertThat(openssl("pkey", "-in", "server2.key", "-pubout"))
                .isEqualTo(openssl("x509", "-in", "server.pem", "-noout", "-pubkey"));
        assertThat(Files.getPosixFilePermissions(key)).hasSize(2);
        assertThat(run(make).err()).contains("is there already");

        String number = openssl("x509", "-in", "server.pem", "-noout", "-serial").strip();
        String id =
                "server-g1/" + number.substring(number.indexOf('=') + 1).toLowerCase(Locale.ROOT);
        assertThat(out("ca", "revoke", id)).contains("revoked");
    }

    private static void assertKeyIsGoneIfThatOfTheIssuerIsAway(String[] make, Path key)
            throws IOException {
        Path issuing = folder.resolve("data/ca/keys/server-g1.p12");
        Path away = Files.move(issuing, folder.resolve("away.p12"));
        Path nowhere = folder.resolve("nowhere.pem");
        Path link = Files.createSymbolicLink(folder.resolve("to-nowhere.pem"), nowhere);
        CommandRun refused = runTo(make, link);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("server-g1").doesNotContain("unexpected");
        assertThat(key).doesNotExist();
        assertThat(link).isSymbolicLink();
        assertThat(nowhere).doesNotExist();
        Files.move(away, issuing);
    }

    private static void assertKeyIsGoneIfItsCertificateCannotBeWritten(String[] make, Path key)
            throws IOException {
        Path sameAsKey = folder.resolve("data/../" + key.getFileName());
        CommandRun same = runTo(make, sameAsKey);
        assertThat(same.exitCode()).isEqualTo(1);
        assertThat(same.err()).contains("--out and --key-out are the same file");
        assertThat(key).doesNotExist();
        Path link = Files.createSymbolicLink(folder.resolve("link.pem"), key);
        assertThat(runTo(make, link).err()).contains("--out and --key-out are the same file");
        assertThat(key).doesNotExist();
        assertThat(runTo(make, folder.resolve("data")).err()).contains("cannot be written");
        assertThat(key).doesNotExist();
    }

    private static CommandRun runTo(String[] words, Path out) {
        return run(with(words, "--out", out.toString()));
    }

    private static String[] with(String[] words, String... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
    }

    /** Who asks with the same key for another certificate is not given the one that he has. */
    @Test
    @Order(2)
    void aRequestIsAnsweredWithWhatWasOrderedForIt() throws IOException {
        Path csr = folder.resolve("unnamed.csr");
        request("unnamed", "/CN=hub4.example");
        String[] issue = {
            "ca", "issue", "--server", "hub4.example,10.0.0.2,10.0.0.3", "--csr", csr.toString()
        };
        String pem = out(issue);
        issue[3] = "hub4.example,10.0.0.3,10.0.0.2";
        assertThat(out(issue)).as("in another order").isEqualTo(pem);
        CommandRun otherLife = run(with(issue, "--days", "300"));
        assertThat(otherLife.exitCode()).isEqualTo(1);
        assertThat(otherLife.err()).contains("KEY_REUSED");
        for (String others : List.of("hub4.example,10.0.0.9", "hub4.example")) {
            issue[3] = others;
            CommandRun refused = run(issue);
            assertThat(refused.exitCode()).as(others).isEqualTo(1);
            assertThat(refused.err()).contains("KEY_REUSED", "Make a new key pair");
        }
        String request = Files.readString(csr);
        assertThat(runTo(issue, csr).err()).contains("--out and --csr are the same file");
        assertThat(Files.readString(csr)).isEqualTo(request);
    }

    /** Makes a key and a request for it, called so. */
    private static void request(String file, String subject, String... more) {
        openssl(
                with(
                        new String[] {
                            "req",
                            "-new",
                            "-newkey",
                            "ec",
                            "-pkeyopt",
                            "ec_paramgen_curve:P-256",
                            "-noenc",
                            "-keyout",
                            file + ".key",
                            "-out",
                            file + ".csr",
                            "-subj",
                            subject
                        },
                        more));
    }

    private static void requestServer(String names) {
        request(
                "server",
                "/CN=hub2.example",
                "-addext",
                "subjectAltName=" + names,
                "-addext",
                "extendedKeyUsage=serverAuth");
    }

    private static String verifyServer(String host) {
        return openssl(
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                host,
                "-CAfile",
                "bundle.pem",
                "server.pem");
    }

    /** As the registry knows no device of that name, whoever signs asks for it in vain. */
    private static void prepareDevice() {
        String csr = folder.resolve("device.csr").toString();
        request("device", "/CN=dev1/OU=thermo");
        CommandRun refused = run("ca", "issue", "thermo", "dev1", "--csr", csr);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("muster: DEVICE_UNKNOWN: ");
        try (Hub hub = startHub()) {
            Map<String, String> running = new HashMap<>(environment);
            running.put(
                    "MUSTER_MANAGEMENT_PORT", Integer.toString(hub.managementAddress().getPort()));
            assertThat(CommandRun.of(running, "", "product", "create", "thermo").exitCode())
                    .isZero();
            assertThat(CommandRun.of(running, "", "device", "create", "thermo", "dev1").exitCode())
                    .isZero();
            CommandRun inUse = run("ca", "status");
            assertThat(inUse.exitCode()).isEqualTo(1);
            assertThat(inUse.err()).contains("is in use by another hub (process ");
        }
    }

    private static Hub startHub() {
        return startHub(environment);
    }

    private static Hub startHub(Map<String, String> variables) {
        return Hub.start(
                ConfigurationLoader.load(Optional.empty(), Optional.empty(), variables).hub());
    }

    @Test
    @Order(3)
    void whatItRevokesIsOnTheNextList() throws IOException {
        String id = "device-ec-g1/" + serial;
        Path registry = folder.resolve("data/registry.db");
        Files.copy(registry, folder.resolve("backup.db"));
        CommandRun wrong = run("ca", "revoke", id, "--reason", "no-reason");
        assertThat(wrong.err()).contains("reason 'no-reason' is none");
        assertThat(run("ca", "revoke", "device-ec-g1/1").err()).contains("there is no certificate");
        assertThat(out("ca", "revoke", id, "--reason", "key-compromise", "--json"))
                .contains("\"status\":\"revoked\"", "\"crlNumber\":2");
        assertThat(verify()).contains("certificate revoked");
    }

    @Test
    @Order(4)
    void aBackupOfTheRegistryCannotForgetARevocation() throws IOException {
        Files.move(
                folder.resolve("backup.db"),
                folder.resolve("data/registry.db"),
                StandardCopyOption.REPLACE_EXISTING);
        CommandRun refused = run("ca", "status");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("is published: the ledger was put back", "'./muster ca restore'");
        assertThat(out("ca", "restore")).containsPattern("device-ec-g1 +1 +1");
        assertThat(verify()).contains("certificate revoked");
        assertThat(authority("device-ec-g1").path("entries").asInt()).isEqualTo(1);
    }

    @Test
    @Order(5)
    void anotherGenerationIssuesOnceItIsActivated() throws IOException {
        assertThat(run("ca", "rollover", "device-ec").exitCode()).isEqualTo(2);
        assertThat(run("ca", "rollover", "nobody", "--prepare").err())
                .contains("there is no authority 'nobody'");
        assertThat(out("ca", "rollover", "device-ec", "--prepare"))
                .containsPattern("device-ec-g1 +true")
                .containsPattern("device-ec-g2 +false");
        assertThat(out("ca", "bundle")).contains("BEGIN CERTIFICATE");
        assertThat(out("ca", "rollover", "device-ec", "--activate"))
                .containsPattern("device-ec-g1 +false")
                .containsPattern("device-ec-g2 +true +false +\\S+ +1 +1 +0");
    }

    @Test
    @Order(6)
    void theKeyOfTheRootIsNeededForRootsAndIssuersOnly() throws IOException {
        Path key = folder.resolve("data/ca/keys/root-g1.p12");
        Files.move(key, folder.resolve("root-g1.p12"));
        assertThat(authority("root-g1").path("issues").asBoolean()).isTrue();
        CommandRun refused = run("ca", "rollover", "server", "--prepare");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("root-g1.p12", "bring it back")
                .doesNotContain("unexpected error");
        Files.move(folder.resolve("root-g1.p12"), key);
        assertThat(out("ca", "rollover", "root", "--prepare")).contains("root-g2");
    }

    @Test
    @Order(7)
    void aRevokedAuthorityIssuesNothingAndIsOnTheListOfItsRoot() throws IOException {
        assertThat(run("ca", "revoke").exitCode()).isEqualTo(2);
        assertThat(run("ca", "revoke", "--authority", "root-g1").err())
                .contains("prepare and activate the next root");
        assertThat(run("ca", "revoke", "--authority", "device-ec-g9").err())
                .contains("there is no issuer device-ec-g9");
        assertThat(
                        out(
                                "ca",
                                "revoke",
                                "--authority",
                                "device-ec-g2",
                                "--reason",
                                "ca-compromise",
                                "--json"))
                .contains("\"authority\":\"device-ec-g2\"", "\"crlNumber\":2");
        assertThat(authority("device-ec-g2").path("state").asText()).isEqualTo("REVOKED");
        assertThat(authority("root-g1").path("entries").asInt()).isEqualTo(1);
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "other.key");
        openssl("req", "-new", "-key", "other.key", "-subj", "/CN=dev1", "-out", "other.csr");
        String request = folder.resolve("other.csr").toString();
        CommandRun refused = run("ca", "issue", "thermo", "dev1", "--csr", request);
        assertThat(refused.err()).contains("ISSUER_UNAVAILABLE", "device-ec-g2 is revoked");
    }

    @Test
    @Order(8)
    void theNextGenerationTakesThePlaceOfARevokedOneAndTheFirstIsRetired() throws IOException {
        out("ca", "rollover", "device-ec", "--prepare");
        out("ca", "rollover", "device-ec", "--activate");
        assertThat(authority("device-ec-g3").path("state").asText()).isEqualTo("ACTIVE");
        assertThat(run("ca", "retire", "device-ec-g3").err()).contains("issues now");
        assertThat(out("ca", "retire", "device-ec-g1")).contains("device-ec-g1");
        assertThat(authority("device-ec-g1").path("state").asText()).isEqualTo("RETIRED");
        assertThat(out("ca", "bundle").split("BEGIN CERTIFICATE", -1)).hasSize(1 + 7);
        assertThat(out("ca", "destroy", "device-ec-g1", "--force"))
                .contains("with force, the clock says ", "the last certificate expires on ");
    }

    @Test
    @Order(9)
    void keysThatAFileNamesGetNoCertificateWhetherAHubRunsOrNot() throws IOException {
        Path leaked = folder.resolve("leaked.txt");
        Map<String, String> blocking = new HashMap<>(environment);
        blocking.put("MUSTER_CERTIFICATES_COMPROMISED_KEYS", leaked.toString());
        String[] words = {
            "issue", "thermo", "dev1", "--csr", folder.resolve("leaked.csr").toString()
        };
        openssl("genpkey", "-algorithm", "ED25519", "-out", "leaked.key");
        openssl("req", "-new", "-key", "leaked.key", "-out", "leaked.csr", "-subj", "/CN=dev1");
        openssl("pkey", "-in", "leaked.key", "-pubout", "-outform", "DER", "-out", "leaked.der");

        assertThatThrownBy(() -> startHub(blocking))
                .isInstanceOf(HubStartException.class)
                .hasMessageContaining("certificates.compromised-keys: " + leaked);
        CommandRun check = CommandRun.of(blocking, "", "check");
        assertThat(check.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(check.err())
                .contains("certificates.compromised-keys: " + leaked)
                .doesNotContain("unexpected");
        Files.writeString(leaked, openssl("dgst", "-sha256", "-r", "leaked.der").substring(0, 64));

        assertThat(issued(blocking, "ca", words)).contains("muster: KEY_WEAK: ");
        try (Hub hub = startHub(blocking)) {
            blocking.put(
                    "MUSTER_MANAGEMENT_PORT", Integer.toString(hub.managementAddress().getPort()));
            assertThat(issued(blocking, "certificate", words))
                    .contains("The private half of this key is known to others");
        }
        assertThat(run(joined("ca", words)).exitCode()).isZero();
    }

    private static String issued(Map<String, String> variables, String command, String... words) {
        CommandRun run = CommandRun.of(variables, "", joined(command, words));
        assertThat(run.exitCode()).isEqualTo(1);
        return run.err();
    }

    private static String[] joined(String first, String... words) {
        return with(new String[] {first}, words);
    }
}
