package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.LatencyReport.Connections;
import io.muster.loadtest.LatencyReport.Consumption;
import io.muster.loadtest.LatencyReport.Counts;
import io.muster.loadtest.LatencyReport.Latency;
import io.muster.loadtest.LatencyReport.Processes;
import io.muster.loadtest.LatencyReport.Window;
import io.muster.loadtest.Scenario.Pace;
import io.muster.loadtest.Scenario.Topology;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyReportTest {

    private static final Counts FLAWLESS = new Counts(100, 100, 0, 0, 0, 0, 0, 0);
    private static final Connections CONNECTED = new Connections(10, 0, 0);

    private static Scenario scenario(int qos) {
        return new Scenario(
                Topology.P2P, 5, 5, new Pace(50, 20), 64, qos, new Scenario.Phases(0, 2, 1));
    }

    private static Histogram histogram() {
        Histogram nanos = new Histogram(3);
        for (int micros = 1; micros <= 1000; micros++) {
            nanos.recordValue(micros * 1000L);
        }
        return nanos;
    }

    private static LatencyReport report(Counts counts, @Nullable Consumption broker, long behind) {
        return new LatencyReport(
                scenario(1),
                new Window(2, 100, 90, behind),
                counts,
                CONNECTED,
                Latency.of(histogram(), true),
                new Processes(broker, new Consumption(0.5, 0.75, 1 << 20)),
                Map.of("something broke", 3L),
                LatencyReport.brokenPromises(scenario(1), counts, CONNECTED));
    }

    @Test
    void givesPercentilesInMicroseconds() {
        Latency latency = Latency.of(histogram(), true);
        Percentage exact = Percentage.withPercentage(0.2);
        assertThat(latency.samples()).isEqualTo(1000);
        assertThat(latency.p50Micros()).isCloseTo(500, exact);
        assertThat(latency.p90Micros()).isCloseTo(900, exact);
        assertThat(latency.p99Micros()).isCloseTo(990, exact);
        assertThat(latency.p999Micros()).isCloseTo(999, exact);
        assertThat(latency.maxMicros()).isCloseTo(1000, exact);
        assertThat(latency.meanMicros()).isCloseTo(500.5, exact);
    }

    @Test
    void saysWhatTheTimesMean() {
        assertThat(Latency.of(histogram(), true).meaning()).contains("each message was due");
        assertThat(Latency.of(histogram(), false).meaning()).contains("divided by throughput");
    }

    @Test
    void hasNoTimesWithoutSamples() {
        Latency latency = Latency.of(new Histogram(3), true);
        assertThat(latency.samples()).isZero();
        assertThat(latency.meanMicros()).isZero();
        assertThat(latency.maxMicros()).isZero();
    }

    @Test
    void givesRatesOfTheWindow() {
        Window window = new Window(2, 100, 90, 0);
        assertThat(window.sentPerSecond()).isEqualTo(50);
        assertThat(window.receivedPerSecond()).isEqualTo(45);
        assertThat(new Window(0, 0, 0, 0).sentPerSecond()).isZero();
    }

    @Test
    void dividesTheBrokersTimeByDeliveredMessages() {
        LinuxProcess.Usage before = new LinuxProcess.Usage(1_000_000, 5);
        LinuxProcess.Usage after = new LinuxProcess.Usage(1_500_000, 7);
        assertThat(Consumption.between(before, after, 100_000))
                .isEqualTo(new Consumption(0.5, 5.0, 7));
        assertThat(Consumption.between(before, after, 0)).isEqualTo(new Consumption(0.5, null, 7));
        assertThat(Consumption.between(null, after, 1)).isNull();
        assertThat(Consumption.between(before, null, 1)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        // qos, lost, unacknowledged, duplicates, out of order, misrouted, broken promises
        "0, 9, 0, 9, 0, 0, 0",
        "1, 9, 0, 9, 0, 0, 1",
        "2, 9, 0, 9, 0, 0, 2",
        "1, 0, 9, 0, 0, 0, 1",
        "0, 0, 0, 0, 1, 0, 1",
        "0, 0, 0, 0, 0, 1, 1",
        "2, 0, 0, 0, 0, 0, 0"
    })
    void knowsWhatABrokerMustKeepAtEachQos(
            int qos,
            long lost,
            long unacknowledged,
            long duplicates,
            long outOfOrder,
            long misrouted,
            int broken) {
        Counts counts =
                new Counts(100, 100, lost, unacknowledged, duplicates, outOfOrder, misrouted, 100);
        assertThat(LatencyReport.brokenPromises(scenario(qos), counts, CONNECTED)).hasSize(broken);
    }

    @Test
    void blamesConnectionsThatFailedOrWereLost() {
        assertThat(LatencyReport.brokenPromises(scenario(0), FLAWLESS, new Connections(10, 2, 1)))
                .isEqualTo(List.of("2 connections failed", "1 connections were lost"));
    }

    @Test
    void writesOneJsonObject() throws Exception {
        String text = report(FLAWLESS, new Consumption(1, null, 3), 0).json();
        JsonNode json = new ObjectMapper().readTree(text);
        assertThat(text).doesNotContain("\n");
        assertThat(json.at("/scenario/topology").asText()).isEqualTo("P2P");
        assertThat(json.at("/scenario/pace/messagesPerSecond").asLong()).isEqualTo(50);
        assertThat(json.at("/window/sentPerSecond").asDouble()).isEqualTo(50);
        assertThat(json.at("/counts/sent").asLong()).isEqualTo(100);
        assertThat(json.at("/latency/p999Micros").asDouble()).isPositive();
        assertThat(json.at("/processes/broker/cpuMicrosPerReceived").isNull()).isTrue();
        assertThat(json.at("/errors/something broke").asLong()).isEqualTo(3);
        assertThat(json.at("/allPromisesKept").asBoolean()).isTrue();
    }

    @Test
    void tellsPeopleAboutFaultsAndTheBacklog() {
        Counts counts = new Counts(100, 95, 5, 0, 0, 0, 0, 0);
        String text = report(counts, new Consumption(1.5, 2.25, 3 << 20), 7).text();
        assertThat(text)
                .contains("50 sent/s, 45 received/s over 2.0 s")
                .contains("100 sent, 95 received, 5 lost")
                .contains("7 messages were due but not sent")
                .containsPattern(
                        "broker +1\\.50 s CPU in the window \\(2\\.25 us per delivered message\\), 3\\.0 MiB")
                .containsPattern("generator +0\\.50 s CPU in the window \\(0\\.75 us")
                .contains("3 x something broke")
                .contains("5 messages were lost at QoS 1")
                .doesNotContain("all kept");
    }
}
