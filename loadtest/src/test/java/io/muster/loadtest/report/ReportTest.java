package io.muster.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.report.Processes.Consumption;
import io.muster.loadtest.report.Report.Operation;
import io.muster.loadtest.report.Report.Window;
import io.muster.loadtest.scenario.Connects;
import io.muster.loadtest.scenario.Demands;
import io.muster.loadtest.scenario.Messages;
import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Phases;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Rate;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

class ReportTest {

    private static final Counts.Faults NO_FAULTS = new Counts.Faults(0, 0, 0, 0, 0);
    private static final Counts FLAWLESS = new Counts(100, 100, 0, 0, NO_FAULTS);
    private static final Connections CONNECTED = connections(0, 0, 0);

    private static Scenario scenario(int qos) {
        return scenario(qos, Demands.NONE);
    }

    private static Scenario scenario(int qos, Demands demands) {
        return new Scenario(
                "pubsub",
                Population.of(Topology.P2P, 5, 5),
                new Connects(Rate.FLAT_OUT, 100, 1, false),
                new Pace(new Rate(50, 0), 20),
                new Messages(64, null, qos, 0),
                new Phases(0, 2, 1),
                demands);
    }

    private static Connections connections(long failed, long lost, long forgotten) {
        return new Connections(
                10, failed, lost, forgotten, 100, 0.5, Latency.of(histogram(), "connects"));
    }

    private static Histogram histogram() {
        Histogram nanos = new Histogram(3);
        for (int micros = 1; micros <= 1000; micros++) {
            nanos.recordValue(micros * 1000L);
        }
        return nanos;
    }

    private static Report report(Counts counts, @Nullable Consumption broker, long behind) {
        return new Report(
                scenario(1),
                new Window(2, Operation.DELIVERY, 90, 100, 90, behind),
                counts,
                CONNECTED,
                Latency.of(histogram(), Latency.OPEN_LOOP),
                new Processes(broker, new Consumption(0.5, 0.75, 1 << 20)),
                List.of(),
                Report.Verdict.of(
                        scenario(1),
                        counts,
                        CONNECTED,
                        Latency.of(histogram(), Latency.OPEN_LOOP),
                        Map.of("something broke", 3L)));
    }

    @Test
    void givesPercentilesInMicroseconds() {
        Latency latency = Latency.of(histogram(), Latency.OPEN_LOOP);
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
    void hasNoTimesWithoutSamples() {
        Latency latency = Latency.of(new Histogram(3), "nothing");
        assertThat(latency.samples()).isZero();
        assertThat(latency.meanMicros()).isZero();
        assertThat(latency.maxMicros()).isZero();
    }

    @Test
    void givesRatesOfTheWindow() {
        Window window = new Window(2, Operation.PUBLICATION, 100, 100, 90, 0);
        assertThat(window.sentPerSecond()).isEqualTo(50);
        assertThat(window.receivedPerSecond()).isEqualTo(45);
        assertThat(window.operationsPerSecond()).isEqualTo(50);
        assertThat(new Window(0, Operation.DELIVERY, 0, 0, 0, 0).sentPerSecond()).isZero();
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
                new Counts(
                        100,
                        100,
                        lost,
                        unacknowledged,
                        new Counts.Faults(duplicates, outOfOrder, misrouted, 0, 100));
        assertThat(broken(scenario(qos), counts, CONNECTED)).hasSize(broken);
    }

    @Test
    void blamesConnectionsThatFailedOrWereLost() {
        assertThat(broken(scenario(0), FLAWLESS, connections(2, 1, 3)))
                .containsExactly(
                        "2 connections failed",
                        "1 connections were lost",
                        "3 sessions were forgotten");
    }

    @Test
    void blamesRetainedMessagesWithoutTheFlag() {
        Counts counts = new Counts(1, 1, 0, 0, new Counts.Faults(0, 0, 0, 1, 0));
        assertThat(broken(scenario(0), counts, CONNECTED))
                .containsExactly("1 retained messages came without the retain flag");
    }

    @Test
    void asksForMoreThanMqttPromisesWhenTold() {
        assertThat(broken(scenario(0, new Demands(1.0, 0.5)), FLAWLESS, CONNECTED)).isEmpty();
        assertThat(broken(scenario(0, new Demands(0.98, 0.4)), FLAWLESS, CONNECTED))
                .containsExactly(
                        "p99 was 0.99 ms, more than --max-p99 0.98",
                        "it took 0.50 s until all were in, more than --within 0.4");
    }

    private static List<String> broken(Scenario scenario, Counts counts, Connections connections) {
        return Promises.broken(
                scenario, counts, connections, Latency.of(histogram(), Latency.OPEN_LOOP));
    }

    @Test
    void writesOneJsonObject() throws Exception {
        String text = report(FLAWLESS, new Consumption(1, null, 3), 0).json();
        JsonNode json = new ObjectMapper().readTree(text);
        assertThat(text).doesNotContain("\n");
        assertThat(json.at("/scenario/population/topology").asText()).isEqualTo("P2P");
        assertThat(json.at("/scenario/pace/rate/perSecond").asLong()).isEqualTo(50);
        assertThat(json.at("/window/sentPerSecond").asDouble()).isEqualTo(50);
        assertThat(json.at("/counts/sent").asLong()).isEqualTo(100);
        assertThat(json.at("/latency/p999Micros").asDouble()).isPositive();
        assertThat(json.at("/processes/broker/cpuMicrosPerOperation").isNull()).isTrue();
        assertThat(json.at("/errors/something broke").asLong()).isEqualTo(3);
        assertThat(json.at("/allPromisesKept").asBoolean()).isTrue();
    }

    @Test
    void tellsPeopleAboutFaultsAndTheBacklog() {
        Counts counts = new Counts(100, 95, 5, 0, NO_FAULTS);
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

    @Test
    void writesOnePageThatLoadsNothing() throws Exception {
        Report plain = report(FLAWLESS, new Consumption(1, 2.0, 3), 0);
        Report report =
                new Report(
                        plain.scenario(),
                        plain.window(),
                        plain.counts(),
                        plain.connections(),
                        plain.latency(),
                        plain.processes(),
                        List.of(second(1, 0), second(2, 30_000), second(3, 10_000)),
                        new Report.Verdict(Map.of("<script>alert('&\"')</script>", 1L), List.of()));
        String page = report.html();
        assertThat(page)
                .contains("Messages a second", "Latency in milliseconds, by percentile", "99.9 %")
                .contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;")
                .contains("All promises were kept")
                .doesNotContain("<script", "http://", "https://", "NaN", "Infinity");
        String body = page.substring(page.indexOf("<body>"), page.indexOf("</html>"));
        assertThat(
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(new InputSource(new StringReader(body)))
                                .getElementsByTagName("svg")
                                .getLength())
                .isEqualTo(6);
    }

    private static Second second(double at, long sent) {
        return new Second(
                at,
                "measured",
                new Second.Flow(sent, 2 * sent, 0),
                5,
                0,
                new Second.Spread(sent / 10.0, sent / 5.0, sent),
                new Second.Cpu(0.5, null));
    }
}
