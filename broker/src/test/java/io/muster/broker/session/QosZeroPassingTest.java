package io.muster.broker.session;

import static io.muster.broker.routing.RetainedReader.matchesOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What does not need the client's quota does not wait for it [MQTT5 4.9]. */
class QosZeroPassingTest {

    private static final Qos QOS_0 = Qos.AT_MOST_ONCE;
    private static final Qos QOS_1 = Qos.AT_LEAST_ONCE;

    private final SessionStage stage = new SessionStage();
    private final Session session = stage.session;

    @AfterEach
    void countsWhatWaits() {
        assertThat(stage.loop.counters().queued().get()).isEqualTo(stage.state.queuedMessages());
    }

    private List<String> sent() {
        return stage.output.sent();
    }

    private boolean acknowledge(int packetId) {
        return stage.loops.ask(0, () -> session.acknowledged(packetId));
    }

    private void replay(String topic, Qos published, Qos subscribed) {
        Message retained = Message.of(topic, Payload.EMPTY, published, true);
        stage.loops.in(
                0, () -> session.replay(matchesOf(retained), SessionStage.options(subscribed)));
    }

    @Test
    void qosZeroGoesPastWhatTheReceiveMaximumHoldsUp() {
        stage.connect(stage.link(10, 1, null));
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_1);
        stage.deliver("c", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 a", "qos0 c");
        assertThat(acknowledge(1)).isTrue();
        assertThat(sent()).containsExactly("qos1 #2 b");
    }

    @Test
    void qosZeroThatWaitedForTheSocketGoesPastTooAndKeepsItsOrder() {
        stage.connect(stage.link(10, 1, null));
        stage.output.setWritable(false);
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_1);
        stage.deliver("c", QOS_0);
        stage.output.setWritableFor(1);
        stage.loops.in(0, session::pump);
        assertThat(sent()).containsExactly("qos1 #1 a");
        stage.output.setWritableFor(10);
        stage.deliver("d", QOS_0);
        assertThat(sent()).as("c comes first").isEmpty();
        stage.loops.in(0, session::pump);
        assertThat(sent()).containsExactly("qos0 c", "qos0 d");
    }

    @Test
    void qosZeroGoesPastResendsThatTheReceiveMaximumHoldsUp() {
        Link link = stage.connect(10);
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.connect(stage.link(10, 1, null));
        stage.deliver("c", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 a dup", "qos0 c");
    }

    @Test
    void qosZeroStaysBehindRetainedMessagesThatWaitForTheQuota() {
        stage.connect(stage.link(10, 1, null));
        stage.deliver("first", QOS_1);
        replay("a", QOS_1, QOS_1);
        stage.deliver("a", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 first");
        acknowledge(1);
        assertThat(sent()).containsExactly("qos1 #2 a retain", "qos0 a");
    }

    @Test
    void qosZeroStaysBehindThemAlsoWhenTheSessionIsResumed() {
        Link link = stage.connect(stage.link(10, 1, null));
        stage.deliver("first", QOS_1);
        replay("a", QOS_1, QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.connect(stage.link(10, 1, null));
        stage.deliver("a", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 first dup");
        acknowledge(1);
        assertThat(sent()).containsExactly("qos1 #2 a retain", "qos0 a");
    }

    @Test
    void retainedMessagesOfQosZeroNeedNoQuotaEither() {
        stage.connect(stage.link(10, 1, null));
        stage.deliver("first", QOS_1);
        replay("a", QOS_1, QOS_0);
        stage.deliver("a", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 first", "qos0 a retain", "qos0 a");
    }
}
