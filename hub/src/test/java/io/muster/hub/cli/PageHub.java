package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.Hub;
import io.muster.hub.config.ConfigurationLoader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
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

    private PageHub(Path folder) throws IOException {
        this.folder = folder;
        this.hub =
                Hub.start(
                        ConfigurationLoader.load(Optional.empty(), Optional.empty(), environment(0))
                                .hub());
        this.environment = environment(hub.managementAddress().getPort());
    }

    /** Starts one with its data in {@code folder}. */
    static PageHub start(Path folder) throws IOException {
        return new PageHub(folder);
    }

    private Map<String, String> environment(int managementPort) {
        return Map.of(
                "MUSTER_DATA",
                folder.resolve("data").toString(),
                "MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS",
                "http://hub.example",
                "MUSTER_LISTENERS",
                "[{name = tcp}]",
                "MUSTER_LISTENERS_0_BIND",
                "127.0.0.1",
                "MUSTER_LISTENERS_0_PORT",
                "0",
                "MUSTER_MANAGEMENT_PORT",
                Integer.toString(managementPort));
    }

    int mqttPort() {
        InetSocketAddress address = hub.mqttAddresses().values().iterator().next();
        return address.getPort();
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
