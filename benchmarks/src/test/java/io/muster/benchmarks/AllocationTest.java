package io.muster.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * How many bytes of heap the broker asks for, for one message or delivery, all threads together.
 * Time depends on the machine and on what else runs there; bytes do not. So it is bytes that have
 * bounds.
 *
 * <p>The amount of work is fixed, not the time. And only the first compiler works, which spares no
 * object by escape analysis: what the second one achieves depends on what it inlined, which differs
 * from run to run. So these are figures of the source code, a little above those of a broker that
 * has run for a while.
 */
class AllocationTest {

    private static final int WARM_UP = 300;
    private static final int MEASURED = 300;

    private static Collection<RunResult> results = List.of();

    @BeforeAll
    static void measure() throws RunnerException {
        results =
                new Runner(
                                new OptionsBuilder()
                                        .include(PointToPoint.class.getSimpleName())
                                        .include(BetweenLoops.class.getSimpleName())
                                        .include(FanOut.class.getSimpleName())
                                        .mode(Mode.SingleShotTime)
                                        .warmupIterations(1)
                                        .warmupBatchSize(WARM_UP)
                                        .measurementIterations(2)
                                        .measurementBatchSize(MEASURED)
                                        .jvmArgsAppend(jvmArguments())
                                        .addProfiler(GCProfiler.class)
                                        .verbosity(VerboseMode.SILENT)
                                        .build())
                        .run();
    }

    private static String[] jvmArguments() {
        List<String> arguments = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        if (Runtime.version().feature() >= 24) {
            // As ./muster does for Netty.
            arguments.add("--enable-native-access=ALL-UNNAMED");
            arguments.add("--sun-misc-unsafe-memory-access=allow");
        }
        return arguments.toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "PointToPoint.qos0, 205",
        "PointToPoint.qos1, 265",
        "PointToPoint.qos2, 315",
        "BetweenLoops.qos0, 205",
        "BetweenLoops.qos1, 265",
    })
    void aMessageCostsNoMoreBytesThan(String path, double bytesMax) {
        double bytes = bytes(path);
        assertThat(bytes)
                .as("at least its payload, or the broker's threads were not counted")
                .isGreaterThan(WirePackets.PAYLOAD_BYTES);
        assertThat(bytes).as(path).isLessThan(bytesMax);
    }

    /** What a message costs once is shared by all its deliveries. */
    @ParameterizedTest
    @CsvSource({"FanOut.qos0, 8", "FanOut.qos1, 35"})
    void aDeliveryToOneOfManyCostsNoMoreBytesThan(String path, double bytesMax) {
        assertThat(bytes(path))
                .as(path)
                .isGreaterThan((double) WirePackets.PAYLOAD_BYTES / FanOut.SUBSCRIBERS)
                .isLessThan(bytesMax);
    }

    private static double bytes(String path) {
        RunResult result =
                results.stream()
                        .filter(each -> each.getParams().getBenchmark().endsWith("." + path))
                        .findAny()
                        .orElseThrow();
        // In this mode a whole batch is one to JMH.
        double bytes =
                Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"))
                                .getScore()
                        / MEASURED;
        System.out.printf("%s: %.0f bytes%n", path, bytes);
        return bytes;
    }
}
