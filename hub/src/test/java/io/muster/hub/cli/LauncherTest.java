package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the launcher script itself, with everything around it made for the test: a PATH without
 * Java, Javas that only tell a version, a build that only notes that it ran.
 */
class LauncherTest {

    private static final Path SCRIPT = Path.of("..", "muster").toAbsolutePath().normalize();

    /** What the script needs of a machine, besides Java. */
    private static final List<String> TOOLS =
            List.of(
                    "cat",
                    "dirname",
                    "find",
                    "head",
                    "mkdir",
                    "mv",
                    "readlink",
                    "rm",
                    "sed",
                    "touch");

    @TempDir private Path folder = Path.of("");
    private Path home = Path.of("");
    private Path tools = Path.of("");

    @BeforeEach
    void makeACheckout() throws IOException {
        home = Files.createDirectories(folder.resolve("a checkout"));
        tools = Files.createDirectories(folder.resolve("tools"));
        Files.copy(SCRIPT, home.resolve("muster"));
        Files.createFile(home.resolve("pom.xml"));
        Files.createDirectories(home.resolve("hub/src/main"));
        for (String tool : TOOLS) {
            String found = Files.exists(Path.of("/usr/bin", tool)) ? "/usr/bin/" : "/bin/";
            script(tools.resolve(tool), "exec " + found + tool + " \"$@\"");
        }
        script(
                home.resolve("mvnw"),
                "echo \"built with $*\" >>\"$PWD/builds\"; mkdir -p hub/target; : >hub/target/muster.jar");
    }

    @Test
    void saysThatThereIsNoJava() throws Exception {
        Result result = run(Map.of());
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.output)
                .isEqualTo(
                        "muster: Java 17 or newer is needed, but JAVA_HOME is not set, and there is"
                                + " no java on the PATH\n");
    }

    @Test
    void saysThatJavaHomeIsBroken() throws Exception {
        Result result = run(Map.of("JAVA_HOME", "/no/such/jdk"));
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.output).contains("JAVA_HOME=/no/such/jdk has no bin/java");
    }

    @Test
    void saysThatJavaIsTooOld() throws Exception {
        java(tools.resolve("java"), "11");
        Result result = run(Map.of("JAVA_HOME", jdk("1.8")));
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.output).contains("is Java 8", "is Java 11", "Java 17 or newer is needed");
    }

    @Test
    void takesJavaHomeBeforeThePath() throws Exception {
        java(tools.resolve("java"), "21");
        String jdk = jdk("17");
        assertThat(run(Map.of("JAVA_HOME", jdk)).output).contains("ran " + jdk + "/bin/java");
    }

    @Test
    void takesThePathIfJavaHomeIsBrokenAndSaysSo() throws Exception {
        String jdk = jdk("17");
        Files.createSymbolicLink(tools.resolve("java"), Path.of(jdk, "bin/java"));
        Result result = run(Map.of("JAVA_HOME", "/no/such/jdk"));
        assertThat(result.exitCode).isZero();
        assertThat(result.output)
                .contains("has no bin/java; using " + tools.resolve("java"))
                .contains("io.muster.hub.cli.Muster");
    }

    @Test
    void buildsOnlyWhatIsMissingOrOlderThanItsSources() throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("17"));
        assertThat(run(environment).output).contains("muster: building");
        assertThat(run(environment).output).doesNotContain("building");
        Files.createFile(home.resolve("hub/src/main/New.java"));
        assertThat(run(environment).output).contains("muster: building");
        assertThat(run(environment).output).doesNotContain("building");
        assertThat(home.resolve("builds"))
                .hasContent(
                        "built with -q -B -Dfast -DskipTests package -pl hub -am\n"
                                + "built with -q -B -Dfast -DskipTests package -pl hub -am");
    }

    @Test
    void showsWhatTheBuildSaidIfItFailed() throws Exception {
        script(home.resolve("mvnw"), "echo 'no compiler here'; exit 3");
        Result result = run(Map.of("JAVA_HOME", jdk("17")));
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.output).contains("no compiler here", "the build failed");
        assertThat(home.resolve("hub/target/building")).doesNotExist();
    }

    @Test
    void takesAwayTheLockOfABuildThatDied() throws Exception {
        Files.createDirectories(home.resolve("hub/target/building"));
        Files.writeString(home.resolve("hub/target/building/pid"), "99999999\n");
        assertThat(run(Map.of("JAVA_HOME", jdk("17"))).exitCode).isZero();
    }

    /** 64 MiB for each processor, but a twelfth of the memory that a container lets it have. */
    @ParameterizedTest
    @CsvSource({"1, max, -XX:MaxNewSize=64m", "4, 1073741824, -XX:MaxNewSize=85m"})
    void boundsTheRoomForNewObjects(String processors, String memory, String option)
            throws Exception {
        script(tools.resolve("nproc"), "echo " + processors);
        inContainer(memory);
        assertThat(run(Map.of("JAVA_HOME", jdk("17"))).output).contains("<" + option + ">");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx1g", "-XX:MaxRAMPercentage=50", "-XX:MaxNewSize=1g"})
    void leavesTheHeapToWhoSizesIt(String own) throws Exception {
        Result result = run(Map.of("JAVA_HOME", jdk("17"), "MUSTER_JAVA_OPTS", own));
        assertThat(result.output).contains(own).doesNotContainPattern("NewSize=\\d+m");
    }

    /** A file of the kernel says how much memory there is. */
    private void inContainer(String memory) throws IOException {
        Files.delete(tools.resolve("cat"));
        script(
                tools.resolve("cat"),
                "case $1 in /sys/fs/cgroup/memory.max) echo "
                        + memory
                        + " ;; /sys/fs/cgroup/*) exit 1 ;; *) exec /bin/cat \"$@\" ;; esac");
    }

    @Test
    void passesArgumentsAndOptionsOn() throws Exception {
        Result result =
                run(
                        Map.of(
                                "JAVA_HOME", jdk("17"),
                                "MUSTER_JAVA_OPTS", "-Xmx1g -Da=b",
                                "MUSTER_PLUGINS", "/my plugins"),
                        "product",
                        "create",
                        "--name",
                        "two words");
        assertThat(result.output)
                .contains("<-Xmx1g>", "<-Da=b>", "<two words>", ":/my plugins/*>")
                .doesNotContain("native-access");
    }

    @Test
    void silencesTheWarningsOfNewerJavas() throws Exception {
        assertThat(run(Map.of("JAVA_HOME", jdk("25"))).output)
                .contains("<--enable-native-access=ALL-UNNAMED>", "memory-access=allow");
    }

    @Test
    void preparesQuickStartsOnceForEachBuildAndJava() throws Exception {
        Map<String, String> older = Map.of("JAVA_HOME", jdk("17"));
        Map<String, String> newer = Map.of("JAVA_HOME", jdk("25"));
        Path target = home.resolve("hub/target");
        assertThat(run(older).output)
                .contains("preparing quick starts")
                .contains("<-XX:SharedArchiveFile=" + target.resolve("muster-17-vm.jsa") + ">");
        assertThat(run(newer).output)
                .contains("preparing quick starts")
                .contains("<-XX:AOTCache=" + target.resolve("muster-25-vm.jsa") + ">");
        assertThat(run(older).output).doesNotContain("preparing").contains("SharedArchiveFile");
        assertThat(run(newer).output).doesNotContain("preparing").contains("AOTCache");

        Files.createFile(home.resolve("hub/src/main/New.java"));
        assertThat(run(older).output).contains("building", "preparing");
        assertThat(run(newer).output).doesNotContain("building").contains("preparing");
    }

    @Test
    void startsWithoutAnArchiveIfNoneCanBeMadeAndTriesOnlyOnce() throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("17"), "NO_ARCHIVE", "yes");
        assertThat(run(environment).output)
                .contains("preparing quick starts", "io.muster.hub.cli.Muster")
                .doesNotContain("SharedArchiveFile");
        assertThat(run(environment).output).doesNotContain("preparing");
        assertThat(home.resolve("hub/target/muster-17-vm.jsa.failed"))
                .hasContent("no archive today\n");
    }

    @Test
    void usesNoArchiveOfAnotherBuild() throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("17"));
        assertThat(run(environment).output).contains("SharedArchiveFile");
        Path archive = home.resolve("hub/target/muster-17-vm.jsa");
        Files.setLastModifiedTime(archive, FileTime.fromMillis(0));
        Files.createDirectories(home.resolve("hub/target/building"));
        Files.writeString(
                home.resolve("hub/target/building/pid"), ProcessHandle.current().pid() + "");
        Files.delete(home.resolve("pom.xml"));
        assertThat(run(environment).output)
                .as("somebody else makes one")
                .doesNotContain("preparing", "SharedArchiveFile")
                .contains("io.muster.hub.cli.Muster");
    }

    @ParameterizedTest
    @CsvSource({
        "MUSTER_ARCHIVE, off",
        "MUSTER_JAVA_OPTS, -Xshare:off",
        "JAVA_TOOL_OPTIONS, -XX:SharedArchiveFile=/mine.jsa",
        "JDK_JAVA_OPTIONS, -XX:AOTMode=off",
    })
    void makesAndUsesNoArchiveIfTheOperatorDoesNotWantOne(String variable, String value)
            throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("25"), variable, value);
        assertThat(run(environment).output)
                .doesNotContain("preparing", "AOTCache")
                .contains("io.muster.hub.cli.Muster");
    }

    private record Result(int exitCode, String output) {}

    private Result run(Map<String, String> environment, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = home.resolve("muster").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private String jdk(String version) throws IOException {
        Path jdk = folder.resolve("jdk" + version);
        Files.createDirectories(jdk.resolve("bin"));
        java(jdk.resolve("bin/java"), version);
        script(jdk.resolve("bin/javac"), "exit 0");
        return jdk.toString();
    }

    /** Tells its version when asked, and otherwise how it was called. */
    private static void java(Path file, String version) throws IOException {
        String home = file.resolve("../..").normalize().toString();
        script(
                file,
                """
                if [ "$1" = -XshowSettings:properties ]; then
                    echo '    java.home = %s' >&2
                    echo '    java.specification.version = %s' >&2
                    echo '    java.vm.version = %s-vm' >&2
                    exit
                fi
                for a in "$@"; do
                    case $a in
                        -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*)
                            [ -z "${NO_ARCHIVE:-}" ] || { echo "no archive today"; exit 1; }
                            : >"${a#*=}"
                            exit
                            ;;
                    esac
                done
                echo "ran $0"
                for a in "$@"; do echo "<$a>"; done
                """
                        .formatted(home, version, version));
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
