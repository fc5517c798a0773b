package io.muster.broker.session;

import static io.muster.broker.routing.RetainedReader.matchesOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.BrokerMetrics;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.routing.RetainedMessages.Matches;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionDeliveryTest {

    private static final Qos QOS_0 = Qos.AT_MOST_ONCE;
    private static final Qos QOS_1 = Qos.AT_LEAST_ONCE;
    private static final Qos QOS_2 = Qos.EXACTLY_ONCE;

    private final SessionStage stage = new SessionStage();
    private final Session session = stage.session;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    SessionDeliveryTest() {
        new BrokerMetrics(meters, List.of(stage.loop.counters()));
    }

    @AfterEach
    void countsWhatWaits() {
        assertThat(stage.loop.counters().queued().get()).isEqualTo(stage.state.queuedMessages());
    }

    private long dropped(DropReason reason) {
        return (long)
                meters.get("muster.messages.dropped")
                        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                        .functionCounter()
                        .count();
    }

    private List<String> sent() {
        return stage.output.sent();
    }

    private boolean ask(Supplier<Boolean> question) {
        return stage.loops.ask(0, question);
    }

    private void setWritable(boolean writable) {
        stage.output.setWritable(writable);
        if (writable) {
            stage.loops.in(0, session::pump);
        }
    }

    private static Message retained(String topic, Qos qos) {
        return Message.of(topic, Payload.EMPTY, qos, true);
    }

    private static Message expiring(String topic, Qos qos, long atMillis) {
        return new Message(topic, Payload.EMPTY, qos, false, "", atMillis, PublishProperties.NONE);
    }

    // ---------------------------------------------------------------- straight out

    @Test
    void sendsAtOnceWhatTheClientTakes() {
        stage.connect(10);
        stage.deliver("a", QOS_0);
        stage.deliver("b", QOS_1);
        stage.deliver("c", QOS_2);
        assertThat(sent()).containsExactly("qos0 a", "qos1 #1 b", "qos2 #2 c");
        assertThat(stage.state.queuedMessages()).isZero();
    }

    @Test
    void deliversWithTheLowerQos() {
        stage.connect(10);
        for (Qos granted : Qos.values()) {
            stage.deliver(SessionStage.message("t", QOS_1), stage.subscription(granted, false));
        }
        assertThat(sent()).containsExactly("qos0 t", "qos1 #1 t", "qos1 #2 t");
    }

    @Test
    void keepsTheRetainFlagOnlyIfTheSubscriptionDoes() {
        stage.connect(10);
        for (boolean kept : new boolean[] {true, false}) {
            for (Qos qos : new Qos[] {QOS_0, QOS_1}) {
                stage.deliver(retained("t", qos), stage.subscription(QOS_2, kept));
            }
        }
        assertThat(sent())
                .containsExactly("qos0 t retain", "qos1 #1 t retain", "qos0 t", "qos1 #2 t");
    }

    @Test
    void whatWaitedKeepsTheRetainFlagOnlyIfTheSubscriptionDoes() {
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);
        for (boolean kept : new boolean[] {true, false}) {
            stage.deliver(retained("t", QOS_1), stage.subscription(QOS_2, kept));
        }
        sent();
        stage.connect(10);
        assertThat(sent()).containsExactly("qos1 #1 t retain", "qos1 #2 t"); // [MQTT-3.3.1-12]
    }

    @Test
    void dropsWhatIsTooLargeAndSpendsNoPacketIdentifierOnIt() {
        stage.connect(10);
        stage.output.setPayloadMax(5);
        stage.deliver(SessionStage.message("large", QOS_0, 6));
        stage.deliver(SessionStage.message("large", QOS_1, 6));
        stage.deliver(SessionStage.message("fits", QOS_1, 5));
        assertThat(sent()).containsExactly("qos1 #1 fits");
        assertThat(dropped(DropReason.TOO_LARGE)).isEqualTo(2);
        assertThat(stage.state.unacknowledged()).hasSize(1);
    }

    @Test
    void dropsWhatHasExpiredWhileItWaited() {
        Link link = stage.connect(stage.link(10, 1, null));
        long soon = HandLoops.START_MILLIS + 1_000;
        stage.deliver("first", QOS_1);
        setWritable(false);
        stage.deliver(expiring("expired", QOS_1, soon));
        stage.deliver(expiring("expired", QOS_0, soon));
        stage.deliver(expiring("alive", QOS_1, soon + 1));
        stage.loops.advance(1_000);
        stage.output.setWritableFor(10);
        assertThat(ask(() -> session.acknowledged(1))).isTrue();
        assertThat(sent()).containsExactly("qos1 #1 first", "qos1 #2 alive");
        assertThat(dropped(DropReason.EXPIRED)).isEqualTo(2);
        assertThat(link.hasQuota()).isFalse();
    }

    // -------------------------------------------------------------------- waiting

    @Test
    void holdsBackBeyondTheReceiveMaximum() {
        stage.connect(stage.link(10, 2, null));
        for (String topic : List.of("a", "b", "c", "d")) {
            stage.deliver(topic, QOS_1);
        }
        assertThat(sent()).containsExactly("qos1 #1 a", "qos1 #2 b");
        assertThat(ask(() -> session.acknowledged(2))).isTrue();
        assertThat(sent()).containsExactly("qos1 #3 c");
        assertThat(ask(() -> session.acknowledged(1))).isTrue();
        assertThat(sent()).containsExactly("qos1 #4 d");
    }

    @Test
    void aSlowClientGetsAllInOrderWhenItReadsAgain() {
        stage.connect(10);
        setWritable(false);
        stage.deliver("a", QOS_0);
        stage.deliver("b", QOS_2);
        stage.deliver("c", QOS_0);
        assertThat(sent()).isEmpty();
        setWritable(true);
        assertThat(sent()).containsExactly("qos0 a", "qos2 #1 b", "qos0 c");
    }

    @Test
    void stopsWhenTheSocketIsFullAgain() {
        stage.connect(10);
        setWritable(false);
        for (String topic : List.of("a", "b", "c")) {
            stage.deliver(topic, QOS_0);
        }
        stage.output.setWritableFor(2);
        stage.loops.in(0, session::pump);
        assertThat(sent()).containsExactly("qos0 a", "qos0 b");
        setWritable(true);
        assertThat(sent()).containsExactly("qos0 c");
    }

    @Test
    void dropsTheNewestWhenTheQueueIsFull() {
        stage.connect(10);
        setWritable(false);
        for (int i = 0; i <= SessionStage.QUEUE_MESSAGES_MAX; i++) {
            stage.deliver("t" + i, QOS_0);
        }
        assertThat(dropped(DropReason.QUEUE_FULL)).isEqualTo(1);
        setWritable(true);
        assertThat(sent()).hasSize(SessionStage.QUEUE_MESSAGES_MAX).doesNotContain("qos0 t10");
    }

    @Test
    void offlineItKeepsQosOneAndTwoOnly() {
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);
        stage.deliver("a", QOS_0);
        stage.deliver("b", QOS_1);
        stage.deliver("c", QOS_2);
        assertThat(dropped(DropReason.OFFLINE)).isEqualTo(1);
        sent();
        stage.connect(10);
        assertThat(sent()).containsExactly("qos1 #1 b", "qos2 #2 c");
    }

    @Test
    void qosZeroThatWaitsDoesNotOutliveTheConnection() {
        Link link = stage.connect(10);
        setWritable(false);
        stage.deliver("a", QOS_0);
        stage.deliver("b", QOS_1);
        stage.deliver("c", QOS_0);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(dropped(DropReason.OFFLINE)).isEqualTo(2);
        assertThat(stage.state.queuedMessages()).isEqualTo(1);
    }

    @Test
    void beforeItsConnackAClientIsOffline() {
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);
        sent();
        Link link = stage.link(10);
        stage.loops.in(0, () -> session.attach(link));
        stage.deliver("a", QOS_0);
        stage.deliver("b", QOS_1);
        assertThat(sent()).isEmpty();
        stage.loops.in(0, () -> session.leave(link));
        assertThat(stage.state.queuedMessages()).as("as before, and b").isEqualTo(1);
        stage.connect(10);
        assertThat(sent()).containsExactly("qos1 #1 b");
    }

    @Test
    void countsNothingAsWaitingAfterItsEnd() {
        Link link = stage.connect(10);
        setWritable(false);
        stage.deliver("a", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(stage.loop.counters().queued().get()).isEqualTo(1);
        stage.loops.advance(10_000);
        assertThat(stage.loop.counters().queued().get()).isZero();
        stage.state.dequeue();
    }

    // ----------------------------------------------------------- acknowledgements

    @Test
    void knowsOnlyPacketIdentifiersUnderWay() {
        stage.connect(10);
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_2);
        assertThat(ask(() -> session.acknowledged(3))).isFalse();
        assertThat(ask(() -> session.received(3))).isFalse();
        assertThat(ask(() -> session.received(1))).as("PUBREC for QoS 1").isFalse();
        assertThat(ask(() -> session.completed(2))).as("PUBCOMP before PUBREC").isFalse();
        assertThat(ask(() -> session.acknowledged(1))).isTrue();
        assertThat(ask(() -> session.acknowledged(1))).isFalse();
    }

    @Test
    void deliversExactlyOnceInFourSteps() {
        Link link = stage.connect(stage.link(10, 1, null));
        stage.deliver("a", QOS_2);
        stage.deliver("b", QOS_2);
        assertThat(ask(() -> session.received(1))).isTrue();
        assertThat(ask(() -> session.received(1))).as("PUBREC twice").isTrue();
        assertThat(link.hasQuota()).as("until PUBCOMP").isFalse();
        assertThat(ask(() -> session.completed(1))).isTrue();
        assertThat(ask(() -> session.completed(1))).isFalse();
        assertThat(sent()).containsExactly("qos2 #1 a", "qos2 #2 b");
    }

    @Test
    void aRefusingPubrecEndsTheDelivery() {
        stage.connect(stage.link(10, 1, null));
        stage.deliver("a", QOS_2);
        stage.deliver("b", QOS_2);
        assertThat(ask(() -> session.refused(1))).isTrue();
        assertThat(sent()).containsExactly("qos2 #1 a", "qos2 #2 b");
    }

    @Test
    void notesAReceivedQosTwoIdentifierUntilItIsReleased() {
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);
        stage.connect(10);
        assertThat(ask(() -> session.receive(7))).isTrue();
        assertThat(ask(() -> session.receive(7))).isFalse();
        assertThat(session.receivedCount()).isEqualTo(1);
        assertThat(ask(() -> session.release(7))).isTrue();
        assertThat(ask(() -> session.release(7))).isFalse();
        assertThat(ask(() -> session.receive(7))).isTrue();
    }

    // ------------------------------------------------------------------ reconnect

    @Test
    void sendsAgainInTheFirstOrderWhatWasNotAcknowledged() {
        Link link = stage.connect(10);
        for (String topic : List.of("a", "b", "c", "d")) {
            stage.deliver(topic, topic.equals("b") ? QOS_2 : QOS_1);
        }
        ask(() -> session.received(2));
        ask(() -> session.acknowledged(3));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.deliver("e", QOS_1);
        sent();
        stage.connect(10);
        assertThat(sent())
                .containsExactly("pubrel #2", "qos1 #1 a dup", "qos1 #4 d dup", "qos1 #5 e");
    }

    @Test
    void releasesAtOnceAndInTheOrderOfPubrecWhateverTheReceiveMaximum() {
        Link link = stage.connect(10);
        for (String topic : List.of("a", "b", "c", "d")) {
            stage.deliver(topic, QOS_2);
        }
        ask(() -> session.received(4));
        ask(() -> session.received(2));
        ask(() -> session.received(4));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.deliver("e", QOS_1);
        sent();

        stage.connect(stage.link(10, 1, null));

        assertThat(sent()).containsExactly("pubrel #4", "pubrel #2", "qos2 #1 a dup");
        ask(() -> session.completed(4));
        ask(() -> session.completed(2));
        assertThat(sent()).as("these used no quota, so they give none").isEmpty();
        ask(() -> session.refused(1));
        assertThat(sent()).containsExactly("qos2 #3 c dup");
        ask(() -> session.received(3));
        assertThat(sent()).as("until PUBCOMP").isEmpty();
        ask(() -> session.completed(3));
        assertThat(sent()).containsExactly("qos1 #5 e");
    }

    @Test
    void aPubrecThatComesBeforeTheResendMakesItNeedless() {
        Link link = stage.connect(10);
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_2);
        stage.deliver("c", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.connect(stage.link(10, 1, null));

        assertThat(ask(() -> session.received(2))).isTrue();
        assertThat(ask(() -> session.completed(2))).isTrue();

        assertThat(sent()).as("a is still under way").containsExactly("qos1 #1 a dup");
        ask(() -> session.acknowledged(1));
        assertThat(sent()).containsExactly("qos1 #3 c dup");
    }

    @Test
    void sendsResendsThenRetainedThenQueuedThenNew() {
        Link link = stage.connect(10);
        stage.deliver("resend", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.deliver("queued", QOS_1);
        sent();
        stage.output.setWritable(false);
        stage.connect(10);
        stage.loops.in(
                0,
                () ->
                        session.replay(
                                matchesOf(retained("retained", QOS_1)),
                                SessionStage.options(QOS_2)));
        stage.deliver("new", QOS_0);
        assertThat(sent()).isEmpty();
        setWritable(true);
        assertThat(sent())
                .containsExactly(
                        "qos1 #1 resend dup",
                        "qos1 #2 retained retain",
                        "qos1 #3 queued",
                        "qos0 new");
    }

    @Test
    void nothingNewThatNeedsQuotaOvertakesWhatIsToBeSentAgain() {
        Link link = stage.connect(10);
        stage.deliver("a", QOS_1);
        stage.deliver("b", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.connect(stage.link(10, 1, null));
        stage.deliver("new", QOS_1);
        assertThat(sent()).containsExactly("qos1 #1 a dup");
        ask(() -> session.acknowledged(1));
        assertThat(sent()).containsExactly("qos1 #2 b dup");
    }

    @Test
    void nothingNewOvertakesRetainedMessages() {
        stage.connect(stage.link(10, 1, null));
        stage.deliver("first", QOS_1);
        Matches retained = matchesOf(retained("a", QOS_1));
        stage.loops.in(0, () -> session.replay(retained, SessionStage.options(QOS_1)));
        stage.deliver("a", QOS_0);
        assertThat(sent()).containsExactly("qos1 #1 first");
        ask(() -> session.acknowledged(1));
        assertThat(sent()).containsExactly("qos1 #2 a retain", "qos0 a");
    }

    @Test
    void resendsKeepTheReceiveMaximumOfTheNewConnection() {
        Link link = stage.connect(10);
        for (String topic : List.of("a", "b", "c")) {
            stage.deliver(topic, QOS_1);
        }
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.connect(stage.link(10, 1, null));
        assertThat(sent()).containsExactly("qos1 #1 a dup");
        ask(() -> session.acknowledged(1));
        assertThat(sent()).containsExactly("qos1 #2 b dup");
    }

    @Test
    void anAcknowledgementThatComesBeforeTheResendMakesItNeedless() {
        Link link = stage.connect(10);
        for (String topic : List.of("a", "b", "c")) {
            stage.deliver(topic, QOS_1);
        }
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        Link narrow = stage.connect(stage.link(10, 1, null));
        assertThat(sent()).containsExactly("qos1 #1 a dup");
        assertThat(ask(() -> session.acknowledged(2))).isTrue();
        assertThat(sent()).as("a is still under way").isEmpty();
        ask(() -> session.acknowledged(1));
        assertThat(sent()).containsExactly("qos1 #3 c dup");
        ask(() -> session.acknowledged(3));
        assertThat(narrow.hasQuota()).isTrue();
    }

    @Test
    void anExpiredMessageIsSentAgainOnceItWasUnderWay() {
        Link link = stage.connect(10);
        stage.deliver(expiring("a", QOS_1, HandLoops.START_MILLIS + 1));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.loops.advance(1_000);
        stage.connect(10);
        assertThat(sent()).containsExactly("qos1 #1 a dup");
    }

    // ------------------------------------------------------------------- retained

    @Test
    void sendsRetainedMessagesWithTheLowerQos() {
        stage.connect(10);
        Matches retained = matchesOf(retained("a", QOS_0), retained("b", QOS_2));
        stage.loops.in(0, () -> session.replay(retained, SessionStage.options(QOS_1)));
        assertThat(sent()).containsExactly("qos0 a retain", "qos1 #1 b retain");
    }

    @Test
    void sendsManyRetainedMessagesInSeveralTurns() {
        stage.connect(10);
        Message[] many = new Message[2 * Outbox.REPLAYS_PER_TURN + 50];
        Arrays.setAll(many, i -> retained("t" + i, QOS_0));
        stage.loops.in(0, () -> session.replay(matchesOf(many), SessionStage.options(QOS_0)));
        assertThat(sent()).hasSize(Outbox.REPLAYS_PER_TURN);
        stage.deliver("new", QOS_0);
        stage.loops.in(0, session::pump);
        assertThat(sent()).as("in the same turn").isEmpty();
        stage.loops.runNext(0);
        assertThat(sent()).hasSize(Outbox.REPLAYS_PER_TURN);
        stage.loops.runAll();
        assertThat(sent()).hasSize(51).endsWith("qos0 t249 retain", "qos0 new");
    }

    @Test
    void looksForRetainedMessagesUntilItHasFoundThemAll() {
        stage.connect(10);
        @Nullable Message[] sparse = new Message[3 * Outbox.REPLAYS_PER_TURN];
        sparse[sparse.length - 1] = retained("a", QOS_0);
        stage.loops.in(0, () -> session.replay(matchesOf(sparse), SessionStage.options(QOS_0)));
        stage.deliver("new", QOS_0);
        assertThat(sent()).as("the loop turns to others").isEmpty();
        assertThat(stage.loops.waiting(0)).as("once").isEqualTo(1);
        stage.loops.runAll();
        assertThat(sent()).containsExactly("qos0 a retain", "qos0 new");
    }

    @Test
    void stopsLookingForRetainedMessagesWhenTheConnectionEnds() {
        Link link = stage.connect(10);
        @Nullable Message[] sparse = new Message[3 * Outbox.REPLAYS_PER_TURN];
        sparse[sparse.length - 1] = retained("a", QOS_1);
        stage.loops.in(0, () -> session.replay(matchesOf(sparse), SessionStage.options(QOS_1)));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.loops.runAll();
        assertThat(sent()).isEmpty();
        assertThat(stage.state.queuedMessages()).as("for the next connection").isEqualTo(1);
    }

    @Test
    void anOfflineSessionIsOwedNoRetainedMessages() {
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.loops.in(
                0,
                () -> session.replay(matchesOf(retained("a", QOS_1)), SessionStage.options(QOS_1)));
        stage.connect(10);
        assertThat(sent()).isEmpty();
    }

    @Test
    void retainedMessagesNotYetSentWaitBeforeNewerOnes() {
        Link link = stage.connect(10);
        setWritable(false);
        stage.loops.in(
                0,
                () ->
                        session.replay(
                                matchesOf(retained("a", QOS_1), retained("b", QOS_0)),
                                SessionStage.options(QOS_1)));
        stage.deliver("a", QOS_1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        sent();
        stage.output.setWritable(true);
        stage.connect(10);
        assertThat(sent()).containsExactly("qos1 #1 a retain", "qos1 #2 a");
    }

    @Test
    void retainedMessagesNotYetSentAreForgottenWithTheSession() {
        Link link = stage.connect(0);
        setWritable(false);
        stage.loops.in(
                0,
                () -> session.replay(matchesOf(retained("a", QOS_1)), SessionStage.options(QOS_1)));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(stage.events()).contains("discarded");
    }
}
