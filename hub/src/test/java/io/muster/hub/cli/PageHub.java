package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.Hub;
import io.muster.hub.config.ConfigurationLoader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A hub on ports of its own, on which the commands of a page are run. */
final class PageHub implements AutoCloseable {

    private static final Pattern SECRET = Pattern.compile("(?m)^(?:device|product)Secret +(\\S+)$");
    private static final Pattern PASSWORD = Pattern.compile("(?m)^password +(\\S+)");

    private final Path folder;
    private final Hub hub;
    private final Map<String, String> environment;

    private PageHub(Path folder, Map<String, String> settings) throws IOException {
        this.folder = folder;
        this.hub =
                Hub.start(
                        ConfigurationLoader.load(
                                        Optional.empty(),
                                        Optional.empty(),
                                        environment(settings, 0, 0))
                                .hub());
        this.environment =
                environment(
                        settings,
                        hub.managementAddress().getPort(),
                        hub.managementTlsAddress().map(InetSocketAddress::getPort).orElse(0));
    }

    /** Starts one with its data in {@code folder}. */
    static PageHub start(Path folder) throws IOException {
        return new PageHub(folder, Map.of());
    }

    /** The same with other settings, as the environment says them. */
    static PageHub start(Path folder, Map<String, String> settings) throws IOException {
        return new PageHub(folder, settings);
    }

    private Map<String, String> environment(
            Map<String, String> settings, int managementPort, int tlsPort) {
        Map<String, String> all = new HashMap<>();
        all.put("MUSTER_DATA", folder.resolve("data").toString());
        all.put("MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS", "http://hub.example");
        all.put("MUSTER_LISTENERS", "[{ name = tcp, bind = \"127.0.0.1\", port = 0 }]");
        all.put("MUSTER_MANAGEMENT_PORT", Integer.toString(managementPort));
        all.put("MUSTER_MANAGEMENT_TLS_PORT", Integer.toString(tlsPort));
        all.putAll(settings);
        return all;
    }

    int mqttPort() {
        return mqttAddress("tcp").getPort();
    }

    InetSocketAddress mqttAddress(String listener) {
        return Objects.requireNonNull(hub.mqttAddresses().get(listener));
    }

    int managementPort() {
        return hub.managementAddress().getPort();
    }

    String url() {
        return "tcp://127.0.0.1:" + mqttPort();
    }

    /** Runs {@code muster} with these words. */
    CommandRun run(String... words) {
        return CommandRun.of(environment, "", words);
    }

    /** Does what has to be done without a word about it. */
    void prepare(String... words) {
        CommandRun done = run(words);
        assertThat(done.exitCode()).as(String.join(" ", words) + ": " + done.err()).isZero();
    }

    /** The secret that {@code muster WORDS --secret} shows. */
    String secretOf(String... words) {
        return find(SECRET, run(words));
    }

    /** Makes the account of an application and returns its password. */
    String createApplication(String username) {
        return find(PASSWORD, run("app", "create", username));
    }

    private static String find(Pattern pattern, CommandRun shown) {
        Matcher secret = pattern.matcher(shown.out());
        assertThat(secret.find()).as(shown.out() + shown.err()).isTrue();
        return secret.group(1);
    }

    @Override
    public void close() {
        hub.close();
    }
}
