package io.muster.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TotalsTest {

    private final LoopCounters first = new LoopCounters();
    private final LoopCounters second = new LoopCounters();

    private Totals totals() {
        return Totals.of(List.of(first, second));
    }

    @Test
    void beginWithNothing() {
        assertThat(totals()).isEqualTo(new Totals(Traffic.NONE, Traffic.NONE, 0, 0, 0, 0, 0));
    }

    @Test
    void sumTrafficOverLoopsTypesAndLevels() {
        first.packetReceived(1);
        first.packetReceived(3);
        second.packetReceived(15);
        first.bytesReceived(100);
        second.bytesReceived(11);
        first.received(0, 5);
        second.received(2, 6);
        first.packetSent(2);
        second.packetSent(3);
        second.bytesSent(9);
        second.sent(1, 4);
        assertThat(totals().received()).isEqualTo(new Traffic(3, 111, 2, 11));
        assertThat(totals().sent()).isEqualTo(new Traffic(2, 9, 1, 4));
    }

    @Test
    void tellConnectsFromOtherPackets() {
        first.packetReceived(1);
        second.packetReceived(1);
        second.packetReceived(2);
        assertThat(totals().connects()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(DropReason.class)
    void sumWhatWasDroppedForWhateverReason(DropReason reason) {
        first.dropped(reason, 3);
        second.dropped(reason);
        assertThat(totals().dropped()).isEqualTo(4);
    }

    @Test
    void sumWhatIsThereNow() {
        first.connections().add(5);
        second.connections().add(2);
        second.queued().add(8);
        first.expiredSessions().increment();
        second.expiredSessions().increment();
        assertThat(totals().clients()).isEqualTo(7);
        assertThat(totals().queued()).isEqualTo(8);
        assertThat(totals().expiredSessions()).isEqualTo(2);
    }
}
