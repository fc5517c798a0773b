package io.muster.hub;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A hub in a process of its own, started through the launcher {@code ./muster}. The launcher is
 * copied beside a jar that only names the classes of this build, since the real one is made after
 * the tests.
 */
final class HubProcess implements AutoCloseable {

    private static final Pattern MQTT = Pattern.compile("(?m)^MQTT +127\\.0\\.0\\.1:(\\d+) ");
    private static final Pattern MANAGEMENT =
            Pattern.compile("(?m)^Management +http://127\\.0\\.0\\.1:(\\d+)/");

    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");

    private final Path home;
    private final Process process;

    private HubProcess(Path home, Process process) {
        this.home = home;
        this.process = process;
    }

    /**
     * Starts {@code ./muster} and does not wait.
     *
     * @param home a folder in which everything is: launcher, configuration, data, output
     */
    static HubProcess launch(Path home, Map<String, String> environment) throws IOException {
        Path target = Files.createDirectories(home.resolve("hub/target"));
        Path launcher = home.resolve("muster");
        Files.copy(
                Path.of("..", "muster"),
                launcher,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        writeJar(target.resolve("muster.jar"));
        ProcessBuilder builder =
                new ProcessBuilder(launcher.toString())
                        .directory(home.toFile())
                        .redirectOutput(home.resolve("out").toFile())
                        .redirectError(home.resolve("err").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MUSTER_ARCHIVE", "off");
        builder.environment().put("MUSTER_LISTENERS", "[{name = tcp, bind = 127.0.0.1, port = 0}]");
        builder.environment().put("MUSTER_MANAGEMENT_PORT", "0");
        builder.environment()
                .put("MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS", "http://hub.example");
        builder.environment().putAll(environment);
        return new HubProcess(home, builder.start());
    }

    /** Starts {@code ./muster} and waits until it is ready. */
    static HubProcess start(Path home, Map<String, String> environment) throws IOException {
        HubProcess hub = launch(home, environment);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .failFast("the hub ended", () -> !hub.process.isAlive())
                .until(() -> hub.out().lines().anyMatch("muster is ready"::equals));
        return hub;
    }

    private static void writeJar(Path jar) throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(classPath.split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file, manifest)) {
            entries.finish();
        }
    }

    String out() throws IOException {
        return Files.readString(home.resolve("out"));
    }

    String err() throws IOException {
        return Files.readString(home.resolve("err"));
    }

    private int port(Pattern line) throws IOException {
        Matcher matcher = line.matcher(out());
        if (!matcher.find()) {
            throw new IllegalStateException("no such line was printed: " + line);
        }
        return Integer.parseInt(matcher.group(1));
    }

    int mqttPort() throws IOException {
        return port(MQTT);
    }

    /** The port of one of several listeners. */
    int mqttPort(String listener) throws IOException {
        return port(Pattern.compile("(?m)^MQTT +127\\.0\\.0\\.1:(\\d+) +\\(" + listener + "\\)$"));
    }

    /** What a command prints that is given on the same machine; it must succeed. */
    String command(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("muster").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectError(home.resolve("command-err").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MUSTER_ARCHIVE", "off");
        builder.environment().put("MUSTER_MANAGEMENT_PORT", Integer.toString(port(MANAGEMENT)));
        Process run = builder.start();
        String printed = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (run.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(home.resolve("command-err")));
        }
        return printed;
    }

    HttpCaller operator() throws IOException {
        return HttpCaller.of(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port(MANAGEMENT)),
                Files.readAllLines(home.resolve("data/operator-token")).get(0));
    }

    /** SIGKILL: nothing of the process runs any more. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** SIGINT, which is what Ctrl-C sends. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    /** Whether whoever started this build had its children ignore SIGINT; the hub does too then. */
    boolean ignoresInterrupts() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }

    /**
     * How large any file may grow from now on that the process writes, as on a full disk; empty for
     * as large as it likes.
     *
     * @return whether that could be set here
     */
    boolean limitFiles(Optional<Long> bytes) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(
                                    "prlimit",
                                    "--pid",
                                    Long.toString(process.pid()),
                                    "--fsize=%s:"
                                            .formatted(
                                                    bytes.map(String::valueOf).orElse("unlimited")))
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    /** Bytes of the heap that are in use after a full collection. */
    long liveHeapBytes() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process run =
                new ProcessBuilder(
                                jcmd.toString(), Long.toString(process.pid()), "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String printed = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        run.waitFor();
        Matcher total = TOTAL.matcher(printed);
        if (!total.find()) {
            throw new IllegalStateException(printed);
        }
        return Long.parseLong(total.group(1));
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the hub did not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
