package io.muster.broker.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The commands {@code mosquitto_pub} and {@code mosquitto_sub}. Each call is a client of its own.
 *
 * @param address of the broker
 * @param version of MQTT, as the commands call it
 */
record MosquittoClient(InetSocketAddress address, String version) {

    private static final long TIMEOUT_SECONDS = 20;
    private static final boolean INSTALLED = canRun();

    static boolean isInstalled() {
        return INSTALLED;
    }

    private static boolean canRun() {
        try {
            for (String command : List.of("mosquitto_pub", "mosquitto_sub")) {
                Process trial =
                        new ProcessBuilder(command, "--help")
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start();
                trial.waitFor();
            }
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Process start(String command, String... arguments) throws IOException {
        Stream<String> always =
                Stream.of(
                        command,
                        "-h",
                        address.getHostString(),
                        "-p",
                        Integer.toString(address.getPort()),
                        "-V",
                        version);
        return new ProcessBuilder(Stream.concat(always, Stream.of(arguments)).toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Publishes and waits until the message is acknowledged. */
    void publish(String... arguments) throws Exception {
        output(start("mosquitto_pub", arguments));
    }

    /** Leaves a session with subscriptions behind. */
    void subscribeAndLeave(String... arguments) throws Exception {
        output(
                start(
                        "mosquitto_sub",
                        Stream.concat(Stream.of("-c", "-E"), Stream.of(arguments))
                                .toArray(String[]::new)));
    }

    /** Subscribes; ends after so many messages. */
    Process listen(int messages, String... arguments) throws IOException {
        Stream<String> always = Stream.of("-F", "%t %q %r %p", "-C", Integer.toString(messages));
        return start(
                "mosquitto_sub",
                Stream.concat(always, Stream.of(arguments)).toArray(String[]::new));
    }

    /**
     * What a command printed until its end: for each message its topic, QoS, retain flag and
     * payload.
     */
    static List<String> output(Process command) throws Exception {
        boolean ended = command.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            command.destroyForcibly();
        }
        assertThat(ended).as("the command ended").isTrue();
        assertThat(command.exitValue()).isZero();
        return new String(command.getInputStream().readAllBytes(), UTF_8).lines().toList();
    }
}
