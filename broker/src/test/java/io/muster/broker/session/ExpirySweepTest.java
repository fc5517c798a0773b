package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.routing.ShareStrategy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How expired messages leave the queues of sessions that nobody writes to. */
class ExpirySweepTest {

    private static final int MESSAGES = 600;

    private final HandBroker broker = new HandBroker(ShareStrategy.ROUND_ROBIN, 1_000);

    /** Sessions whose clients are away; those with names of odd length live on loop 1. */
    private void leaveBehind(String... names) {
        for (String name : names) {
            broker.client(name).connect(1_000).subscribe("t", Qos.AT_LEAST_ONCE);
            broker.client(name).end(ConnectionEnd.CONNECTION_LOST);
        }
    }

    private void publish(int count, long expirySeconds) {
        Message message =
                new Message(
                        "t",
                        Payload.EMPTY,
                        Qos.AT_LEAST_ONCE,
                        false,
                        "",
                        HandLoops.START_MILLIS + expirySeconds * 1_000,
                        PublishProperties.NONE);
        for (int i = 0; i < count; i++) {
            broker.publish(0, message);
        }
    }

    private long queued(int loop) {
        return broker.loops.loop(loop).counters().queued().get();
    }

    @Test
    void sweepsEachSessionOnItsLoop() {
        leaveBehind("even", "odd");
        publish(3, 10);
        publish(1, 20);
        broker.loops.advance(10_000);

        broker.registry.removeExpired();

        assertThat(queued(0) + queued(1)).as("the caller touches nothing").isEqualTo(8);
        broker.loops.runNext(1);
        assertThat(List.of(queued(0), queued(1))).containsExactly(4L, 1L);
        broker.loops.runNext(0);
        assertThat(List.of(queued(0), queued(1))).containsExactly(1L, 1L);
        assertThat(broker.client("even").connect(10).sent()).containsExactly("qos1 #1 t");
    }

    @Test
    void asksNothingOfALoopWithoutExpiredMessages() {
        leaveBehind("odd");
        publish(3, 10);
        broker.publish(0, "t", Qos.AT_LEAST_ONCE);
        broker.loops.advance(9_999);

        broker.registry.removeExpired();

        assertThat(broker.loops.waiting(1)).isZero();
    }

    @Test
    void letsALoopTurnToItsSocketsInBetween() {
        leaveBehind("a", "b", "c");
        publish(MESSAGES, 1);
        broker.loops.advance(1_000);

        broker.registry.removeExpired();

        broker.loops.runNext(1);
        assertThat(queued(1)).isEqualTo(MESSAGES);
        broker.loops.runNext(1);
        assertThat(queued(1)).isZero();
        assertThat(broker.loops.waiting(1)).isZero();
    }
}
