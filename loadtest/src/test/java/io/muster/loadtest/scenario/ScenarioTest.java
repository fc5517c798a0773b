package io.muster.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {

    private static final Phases PHASES = new Phases(1, 1, 1);

    private static Scenario scenario(Topology topology, int devices, int subscribers, long rate) {
        return scenario(topology, devices, subscribers, new Rate(rate, 0));
    }

    private static Scenario scenario(Topology topology, int devices, int subscribers, Rate rate) {
        return new Scenario(
                "pubsub",
                Population.of(topology, devices, subscribers),
                new Connects(Rate.FLAT_OUT, 100, 1, false),
                new Pace(rate, 20),
                new Messages(64, null, 0, 0),
                PHASES,
                Demands.NONE);
    }

    @Test
    void spreadsMessagesEvenlyOverThePublishers() {
        Scenario scenario = scenario(Topology.P2P, 4, 4, 1000);
        List<Long> due = new ArrayList<>();
        for (int sequence = 0; sequence < 3; sequence++) {
            for (int publisher = 0; publisher < 4; publisher++) {
                due.add(scenario.dueNanos(publisher, sequence));
            }
        }
        for (int i = 0; i < due.size(); i++) {
            assertThat(due.get(i)).isEqualTo(i * 1_000_000L);
        }
    }

    @Test
    void keepsTheRateOverADayWithoutDrift() {
        Scenario scenario = scenario(Topology.FANIN, 3, 1, 9_999_999);
        long messages = 9_999_999L * 86_400;
        assertThat(scenario.dueNanos(0, messages / 3)).isEqualTo(86_400L * 1_000_000_000);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1000000000, 100", "1000000001, 101", "2500000000, 250"})
    void countsWhatIsDueBeforeATime(long nanos, long due) {
        assertThat(scenario(Topology.FANOUT, 1, 5, 100).dueBefore(0, nanos)).isEqualTo(due);
    }

    @Test
    void letsPublishersThatComeLaterInTheTurnHaveLessDue() {
        Scenario scenario = scenario(Topology.FANIN, 3, 1, 10);
        assertThat(scenario.dueBefore(0, 1_000_000_000)).isEqualTo(4);
        assertThat(scenario.dueBefore(2, 1_000_000_000)).isEqualTo(3);
    }

    @Test
    void gathersMessagesOnlyWhereLatencyIsNotAsked() {
        assertThat(scenario(Topology.P2P, 50, 50, 0).gatherNanos()).isPositive();
        assertThat(scenario(Topology.P2P, 49, 49, 0).gatherNanos()).isZero();
        assertThat(scenario(Topology.P2P, 1_000, 1_000, 4_000).gatherNanos()).isZero();
    }

    @Test
    void pairsSubscribersWithDevices() {
        Population population = Population.of(Topology.P2P, 3, 3);
        assertThat(population.publishers()).isEqualTo(3);
        assertThat(population.firstHeard(2)).isEqualTo(2);
        assertThat(population.heardCount()).isEqualTo(1);
    }

    @Test
    void letsEverySubscriberHearAllDevicesOfAFanIn() {
        Population population = Population.of(Topology.FANIN, 3, 2);
        assertThat(population.publishers()).isEqualTo(3);
        assertThat(population.firstHeard(1)).isZero();
        assertThat(population.heardCount()).isEqualTo(3);
    }

    @Test
    void letsOneDeviceOfAFanOutPublish() {
        Population population = Population.of(Topology.FANOUT, 3, 2);
        assertThat(population.publishers()).isEqualTo(1);
        assertThat(population.firstHeard(1)).isZero();
        assertThat(population.heardCount()).isEqualTo(1);
    }

    @Test
    void boundsTheStreamsThatHaveToBeChecked() {
        assertThatThrownBy(() -> scenario(Topology.FANIN, 1_000_000, 51, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--devices times --subscribers must be at most 50000000");
    }

    @Test
    void growsTheRateEvenlyDuringARamp() {
        Rate rate = new Rate(1000, 2);
        // Half the messages of the two seconds, a quarter of them in the first.
        assertThat(rate.dueNanos(0)).isZero();
        assertThat(rate.dueNanos(250)).isEqualTo(1_000_000_000);
        assertThat(rate.dueNanos(1000)).isEqualTo(2_000_000_000);
        assertThat(rate.dueNanos(2000)).isEqualTo(3_000_000_000L);
        for (int event = 1; event < 3000; event++) {
            assertThat(rate.dueNanos(event)).isGreaterThan(rate.dueNanos(event - 1));
        }
    }

    @Test
    void countsWhatIsDueInARamp() {
        Scenario scenario = scenario(Topology.FANOUT, 1, 1, new Rate(1000, 2));
        assertThat(scenario.dueBefore(0, 1_000_000_001)).isEqualTo(251);
        assertThat(scenario.dueBefore(0, 3_000_000_000L)).isEqualTo(2000);
    }

    @Test
    void refusesARampWithoutARate() {
        assertThatThrownBy(() -> Rate.of("--rate", 0, "--ramp", 1))
                .hasMessage("--ramp needs --rate");
    }
}
