package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.loadtest.Scenario.Pace;
import io.muster.loadtest.Scenario.Topology;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {

    private static final Scenario.Phases PHASES = new Scenario.Phases(1, 1, 1);

    private static Scenario scenario(Topology topology, int devices, int subscribers, long rate) {
        return new Scenario(topology, devices, subscribers, new Pace(rate, 20), 64, 0, PHASES);
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
    void pairsSubscribersWithDevices() {
        Scenario scenario = scenario(Topology.P2P, 3, 3, 0);
        assertThat(scenario.publishers()).isEqualTo(3);
        assertThat(scenario.firstHeard(2)).isEqualTo(2);
        assertThat(scenario.heardCount()).isEqualTo(1);
    }

    @Test
    void letsEverySubscriberHearAllDevicesOfAFanIn() {
        Scenario scenario = scenario(Topology.FANIN, 3, 2, 0);
        assertThat(scenario.publishers()).isEqualTo(3);
        assertThat(scenario.firstHeard(1)).isZero();
        assertThat(scenario.heardCount()).isEqualTo(3);
    }

    @Test
    void letsOneDeviceOfAFanOutPublish() {
        Scenario scenario = scenario(Topology.FANOUT, 3, 2, 0);
        assertThat(scenario.publishers()).isEqualTo(1);
        assertThat(scenario.firstHeard(1)).isZero();
        assertThat(scenario.heardCount()).isEqualTo(1);
    }

    @Test
    void boundsTheStreamsThatHaveToBeChecked() {
        assertThatThrownBy(() -> scenario(Topology.FANIN, 1_000_000, 51, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--devices times --subscribers must be at most 50000000");
    }
}
