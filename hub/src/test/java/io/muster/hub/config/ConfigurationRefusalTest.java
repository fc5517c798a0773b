package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthenticatorProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is refused, with a line that says all one needs to put it right. */
class ConfigurationRefusalTest extends ConfigurationFile {

    @Test
    void aPlugInThatCannotBeLoadedIsAProblemAndNoCrash() throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(AuthenticatorProvider.class.getName()), "org.example.Missing");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader plugIns =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(plugIns);

            assertThat(problems(""))
                    .singleElement()
                    .asString()
                    .startsWith("plug-ins: ")
                    .contains("org.example.Missing");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Nested
    class Refusals {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "management.port = 99999      | 99999 | a whole number from 0 to 65535",
                    "management.port = -1         | -1    | a whole number from 0 to 65535",
                    "management.port = 80.5       | 80.5  | a whole number from 0 to 65535",
                    "management.port = abc        | abc   | a whole number from 0 to 65535",
                    "management.port = true       | true  | a whole number from 0 to 65535",
                    "management.port = null       | null  | a whole number from 0 to 65535",
                    "management.port = [1]        | [...] | a whole number from 0 to 65535",
                    "management.port = {a=1}      | {...} | a whole number from 0 to 65535",
                    "event-loops = 1e99           | event-loops = 1  | a whole number from 0 to 1024",
                    "event-loop-handful = 0       | 0     | a whole number from 1 to 1000000",
                    "mqtt.connect-timeout = 10    | 10    | a duration from 100ms to 10m",
                    "mqtt.connect-timeout = 1h    | 1h    | a duration from 100ms to 10m",
                    "mqtt.connect-timeout = soon  | soon  | a duration from 100ms to 10m",
                    "mqtt.keep-alive-max = 1500ms | 1500ms| in whole seconds",
                    "mqtt.packet-size-max = 1TiB  | 1TiB  | a size from 128B to 256MiB",
                    "mqtt.packet-size-max = big   | big   | a size from 128B to 256MiB",
                    "management.bind = \"a b\"    | a b   | a host name or an address",
                    "mqtt.session.queue-full = wait | wait | one of: drop-oldest, drop-newest, refuse",
                    "mqtt.session.queue-full = REFUSE | REFUSE | one of: drop-oldest, drop-newest, refuse",
                    "mqtt.shared-subscription-strategy = any | any | one of: round-robin, least-loaded",
                    "log.level = loud             | loud  | one of: error, warn, info, debug, trace",
                    "registry.url = \"jdbc:h2:x\" | h2    | jdbc:sqlite:FILE or jdbc:postgresql:",
                    "registry.url = \"jdbc:sqlite::memory:\" | memory | jdbc:sqlite:FILE or jdbc:postgresql:",
                    "registry.url = \"jdbc:sqlite:a?b\" | a?b | jdbc:sqlite:FILE or jdbc:postgresql:",
                    "registry.timeout = 100ms     | 100ms | a duration from 250ms to 5m",
                    "management = 8080            | 8080  | a section: management { ... }",
                    "permissions.deny-subscribe = \"a#b\" | a#b | a list of topic filters",
                    "permissions.deny-publish = [\"a\", \"\"] | [...] | a list of topic filters",
                    "permissions.deny-publish = [[a]] | [...] | a list of topic filters",
                    "permissions.deny-subscribe = [\"$share/g/a\"] | [...] | none of a shared subscription",
                    "permissions.deny-publish = {a=1} | {...} | a list of topic filters",
                    "authentication.scram-iterations = 14999 | 14999 | a whole number from 15000 to 1000000",
                    "authentication.guard.name-failures = -1 | -1 | a whole number from 0 to 1000000",
                    "authentication.guard.window = 500ms | 500ms | a duration from 1s to 1d",
                    "authentication.guard.first-bar = 10 | 10 | a duration from 1s to 1d",
                    "authentication.guard.exempt = [\"10.0.0.0/33\"] | [...] | each an IP address or a network",
                    "authentication.guard.exempt = [proxy.example] | [...] | each an IP address or a network",
                    "authentication.guard.entries-max = 999 | 999 | a whole number from 1000 to 10000000",
                    "authentication.guard.connect-rate.connects = 0 | 0 | a whole number from 1 to 100",
                    "authentication.guard.connect-rate.enabled = maybe | maybe | true or false",
                    "listener-presets = [mqtts]   | [...] | must be a list, each enos",
                    "registry.outage-grace = 31d  | 31d   | a duration from 0s to 30d",
                    "listeners = tcp              | tcp   | a list: [ { ... }, ... ]",
                    "listeners = [tcp]            | tcp   | an entry: { ... }",
                })
        void nameFileLineKeyValueAndWhatIsAllowed(String line, String value, String allowed) {
            String key = line.substring(0, line.indexOf(" = "));
            assertThat(problems("# a comment\n" + line))
                    .singleElement()
                    .asString()
                    .startsWith(file + ":2: " + key)
                    .contains(" = ", value, ": must be ", allowed);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "managment.port = 1             | managment                 | did you mean management",
                    "management.prot = 1            | management.prot           | did you mean management.port?",
                    "mqtt.session.inflite-max = 1   | mqtt.session.inflite-max  | mqtt.session.inflight-max?",
                    "nonsense = 1                   | nonsense                  | lists all keys",
                })
        void suggestTheKeyThatWasMeant(String line, String key, String suggestion) {
            assertThat(problems(line))
                    .singleElement()
                    .asString()
                    .startsWith(file + ":1: " + key + " = ")
                    .contains("unknown key", suggestion);
        }

        @Test
        void comeAllAtOnceInOneLineEach() {
            assertThat(problems("management.port = x\nevent-loops = -1\nmqtt.foo = 1"))
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).doesNotContain("\n"));
        }

        @Test
        void nameWhatListenersLack() {
            assertThat(
                            problems(
                                    "listeners = [\n{ port = 1 }\n{ name = b, type = ssl, prt = 1 }\n]"))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).contains(":2: listeners.0.name is missing"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":3: listeners.1.type = ssl: must be one of:"
                                                            + " tcp, tls, mtls, ws, wss"),
                            line -> assertThat(line).contains(":3: listeners.1.port is missing"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":3: listeners.1.prt = 1: unknown key; allowed"
                                                            + " are allow-anonymous, bind, name, origins,"
                                                            + " path, port, proxy-protocol,"
                                                            + " proxy-trusted, type"));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "type = ws, path = mqtt          | path = mqtt: must be a path such as /mqtt",
                    "type = ws, path = \"/a?b\"      | must be a path such as /mqtt",
                    "type = ws, origins = [\"https://a.example/x\"] | must be a list, each * or an origin",
                    "type = ws, origins = [[]]       | must be a list, each * or an origin",
                    "type = ws, origins = a.example  | must be a list, each * or an origin",
                    "type = tcp, path = /other       | path = /other: must be left out without type = ws",
                    "type = tcp, origins = [\"*\"]   | must be left out without type = ws",
                    "proxy-protocol = auto           | auto: must be one of: off, required",
                    "proxy-protocol = required, proxy-trusted = [lb.example] | each an IP address or a network",
                    "proxy-protocol = required, proxy-trusted = \"10.0.0.0/99\" | each an IP address or a network",
                    "proxy-protocol = required, proxy-trusted = [] | must be at least one network",
                    "proxy-trusted = [\"10.0.0.0/8\"] | must be left out without proxy-protocol = required",
                })
        void sayWhatOfAListenerIsWrong(String settings, String sentence) {
            assertThat(problems("listeners = [{ name = a, port = 1883, " + settings + " }]"))
                    .singleElement()
                    .asString()
                    .contains(":1: listeners.0.", sentence);
        }

        @Test
        void keepTheLongestBarFromBeingShorterThanTheFirst() {
            assertThat(problems("authentication.guard { first-bar = 6m, longest-bar = 5m }"))
                    .singleElement()
                    .asString()
                    .startsWith(file + ":1: authentication.guard.longest-bar = 5m")
                    .endsWith("must be at least authentication.guard.first-bar");
        }

        @Test
        void keepNamesAndPortsApart() {
            assertThat(
                            problems(
                                    """
                                    listeners = [
                                      { name = a, port = 1883 }
                                      { name = a, port = 1884 }
                                      { name = b, port = 1883, bind = "127.0.0.1" }
                                      { name = c, port = 8080 }
                                    ]
                                    """))
                    .satisfiesExactly(
                            line ->
                                    assertThat(line)
                                            .contains(":3: listeners.1.name = a: must be unique"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":4: listeners.2.port = 1883",
                                                    "that of listeners.0"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":5: listeners.3.port = 8080",
                                                    "that of management"));
        }

        @Test
        void keepThePresetApartFromListenersThatAreWrittenOut() {
            assertThat(
                            problems(
                                    """
                                    listener-presets = [enos]
                                    listeners = [{ name = enos, port = 1 }]
                                    """))
                    .containsExactly(
                            "preset enos: listeners.1.name = enos: must be unique in listeners");
            assertThat(
                            problems(
                                    """
                                    listener-presets = [enos]
                                    listeners = [{ name = tcp, port = 11883 }]
                                    """))
                    .containsExactly(
                            "preset enos: listeners.1.port = 11883: must be another port than that of listeners.0");
            assertThat(problems("listener-presets = [enos, enos]"))
                    .anySatisfy(line -> assertThat(line).contains("unique in listeners"));
        }

        @Test
        void allowOnePortOnTwoAddressesAndManyPortsThatTheSystemChooses() {
            load(
                    """
                    listeners = [
                      { name = a, port = 1883, bind = "127.0.0.1" }
                      { name = b, port = 1883, bind = "127.0.0.2" }
                      { name = c, port = 0 }
                      { name = d, port = 0 }
                    ]
                    """);
        }

        @Test
        void wantOneListenerAtLeast() {
            assertThat(problems("listeners = []"))
                    .singleElement()
                    .asString()
                    .contains(":1: listeners = ", "must be at least one listener");
        }

        @Test
        void nameTheAuthenticatorsThatThereAre() {
            assertThat(problems("authentication.chain = [{type = ldap}]"))
                    .singleElement()
                    .asString()
                    .contains(
                            "authentication.chain.0.type = ldap",
                            "application, bouncer, certificate, device-secret");
        }

        @Test
        void knowTheSettingsOfTheAuthenticatorsThatComeWithTheHub() {
            assertThat(
                            problems(
                                    """
                                    authentication.chain = [
                                      { type = device-secret, allow-weak-digests = maybe }
                                      { type = device-secret, name = b, max-clock-skew = 86401 }
                                      { type = application, iterations = 5 }
                                    ]
                                    """))
                    .satisfiesExactlyInAnyOrder(
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":2: authentication.chain.0.allow-weak-digests"
                                                            + " = maybe: must be true or false"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":3: authentication.chain.1.max-clock-skew ="
                                                            + " 86401: must be off or 1 to 86400"),
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    ":4: authentication.chain.2.iterations = 5:"
                                                            + " unknown key; allowed are name,"
                                                            + " type"));
        }

        @Test
        void wantAuthenticatorsUnlessAllComeAnonymously() {
            assertThat(problems("authentication.chain = []"))
                    .singleElement()
                    .asString()
                    .contains("authentication.chain = ", "allow-anonymous = true");
            assertThat(
                            load("""
                                    authentication.chain = []
                                    listener-defaults.allow-anonymous = true
                                    """)
                                    .hub()
                                    .authentication()
                                    .anonymousListeners())
                    .containsExactlyInAnyOrder("tcp", "tls", "mtls", "ws", "wss");
        }

        @Test
        void ofAMissingFileNameIt() {
            Path missing = folder.resolve("missing.conf");
            InvalidConfigException e =
                    refused(
                            () ->
                                    ConfigurationLoader.load(
                                            Optional.of(missing), Optional.empty(), Map.of()));
            assertThat(e.problems()).containsExactly(missing + ": is not a file that can be read");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "event-loops = 1\nmanagement {\n",
                    "event-loops = 1\n} x",
                    "event-loops = 1\ndata = ${no.such.key}"
                })
        void ofBrokenSyntaxNameTheLine(String text) {
            assertThat(problems(text))
                    .singleElement()
                    .asString()
                    .matches("(?s).*muster\\.conf:[23]: .+")
                    .doesNotContain("\n");
        }
    }

    @Nested
    class Secrets {

        @ParameterizedTest
        @ValueSource(strings = {"api-key", "token", "bind-password", "clientSecret"})
        void ofAuthenticatorsAreMasked(String key) {
            Configuration configuration =
                    load(
                            "authentication.chain = [{type = free-settings, a { %s = hidden }}]"
                                    .formatted(key));
            assertThat(configuration.values())
                    .filteredOn(value -> value.key().endsWith(".a." + key))
                    .singleElement()
                    .extracting(EffectiveValue::value)
                    .isEqualTo("******");
            assertThat(configuration.toString()).doesNotContain("hidden");
        }

        @Test
        void ofTheRegistryAreMasked() {
            Configuration configuration = load("", Map.of("MUSTER_REGISTRY_PASSWORD", "hidden"));
            assertThat(configuration.hub().registry().password()).isEqualTo("hidden");
            assertThat(configuration.toString()).doesNotContain("hidden");
            assertThat(configuration.values())
                    .contains(
                            new EffectiveValue(
                                    "registry.password",
                                    "******",
                                    "environment variable MUSTER_REGISTRY_PASSWORD"));
        }

        @Test
        void areMaskedInRefusalsToo() {
            assertThat(problems("registry.password = [hidden]"))
                    .singleElement()
                    .asString()
                    .contains("registry.password = ******")
                    .doesNotContain("hidden");
            assertThat(problems("registry.url = \"jdbc:postgresql://h/d?user=u&password=hidden\""))
                    .singleElement()
                    .asString()
                    .contains("password=******", "without password=")
                    .doesNotContain("hidden");
        }
    }
}
