package io.muster.broker.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * MQTT.js with MQTT 5.0, in a process of its own. Node finds the module by the environment variable
 * {@code NODE_PATH}.
 */
final class MqttJsClient extends TestClient {

    private static final long TIMEOUT_SECONDS = 20;
    private static final boolean INSTALLED = canRequire();

    private final Options options;
    private final Process process;
    private final PrintStream commands;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private volatile boolean connected;

    MqttJsClient(Options options) throws IOException {
        this.options = options;
        process = node(script()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = new PrintStream(process.getOutputStream(), true, UTF_8);
        Thread reader = new Thread(this::read, "mqtt-js-" + options.clientIdentifier());
        reader.setDaemon(true);
        reader.start();
    }

    static boolean isInstalled() {
        return INSTALLED;
    }

    private static boolean canRequire() {
        try {
            Process trial = node("-e", "require('mqtt')").redirectErrorStream(true).start();
            trial.getInputStream().transferTo(OutputStream.nullOutputStream());
            return trial.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static ProcessBuilder node(String... arguments) {
        return new ProcessBuilder(Stream.concat(Stream.of("node"), Stream.of(arguments)).toList());
    }

    private static String script() {
        try {
            return Path.of(
                            Objects.requireNonNull(
                                            MqttJsClient.class.getResource("/mqtt-js-client.js"))
                                    .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                receive(
                        Stream.of(line.split("\t", -1))
                                .map(field -> URLDecoder.decode(field, UTF_8))
                                .toArray(String[]::new));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void receive(String[] fields) {
        switch (fields[0]) {
            case "message" ->
                    receive(
                            new Received(
                                    fields[1],
                                    fields[2],
                                    Integer.parseInt(fields[3]),
                                    Boolean.parseBoolean(fields[4])));
            case "closed" -> connected = false;
            case "done" -> answer(fields[1]).complete(fields[2]);
            default -> answer(fields[1]).completeExceptionally(new IOException(fields[2]));
        }
    }

    private CompletableFuture<String> answer(String toCommand) {
        return answers.computeIfAbsent(toCommand, each -> new CompletableFuture<>());
    }

    private String command(String verb, Object... arguments) {
        String id = Integer.toString(number.incrementAndGet());
        commands.println(
                Stream.concat(Stream.of(id, verb), Stream.of(arguments))
                        .map(
                                field ->
                                        URLEncoder.encode(field.toString(), UTF_8)
                                                .replace("+", "%20"))
                        .collect(Collectors.joining("\t")));
        return answer(id).orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    boolean connect() {
        String sessionPresent =
                command(
                        "connect",
                        options.uri(),
                        options.clientIdentifier(),
                        options.clean(),
                        options.will().map(Will::topic).orElse(""),
                        options.will().map(Will::payload).orElse(""));
        connected = true;
        return Boolean.parseBoolean(sessionPresent);
    }

    @Override
    void subscribe(String filter, int qos) {
        command("subscribe", filter, qos);
    }

    @Override
    void unsubscribe(String filter) {
        command("unsubscribe", filter);
    }

    @Override
    void publish(String topic, String payload, int qos, boolean retain) {
        command("publish", topic, payload, qos, retain);
    }

    @Override
    void disconnect() {
        command("disconnect");
    }

    @Override
    void drop() {
        command("drop");
    }

    @Override
    boolean isConnected() {
        return connected;
    }

    /** Node ends at the end of its input. */
    @Override
    void close() throws InterruptedException {
        if (connected) {
            disconnect();
        }
        commands.close();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
