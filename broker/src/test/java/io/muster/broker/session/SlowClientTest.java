package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that are connected and do not keep up; the queue holds ten messages. */
class SlowClientTest {

    private static final Qos QOS_0 = Qos.AT_MOST_ONCE;
    private static final Qos QOS_1 = Qos.AT_LEAST_ONCE;
    private static final Message MESSAGE = SessionStage.message("t", QOS_1);

    private final SessionStage stage = new SessionStage();
    private final Session session = stage.session;

    /** A client that takes one message and does not acknowledge it. */
    private Link connectSlow(SessionStage at) {
        Link link = at.connect(at.link(10, 1, null));
        at.deliver("under way", QOS_1);
        at.output.sent();
        return link;
    }

    private void acknowledge(int packetId) {
        stage.loops.in(0, () -> assertThat(session.acknowledged(packetId)).isTrue());
    }

    // ------------------------------------------------------------------------- room

    @Test
    void hasNoRoomWhenHalfTheQueueIsFullUntilThreeQuartersAreEmpty() {
        connectSlow(stage);
        for (int i = 0; i < 5; i++) {
            assertThat(session.hasRoomFor(MESSAGE)).isTrue();
            assertThat(stage.output.isBehind()).isFalse();
            stage.admit("m", QOS_1);
        }
        assertThat(session.hasRoomFor(MESSAGE)).isFalse();
        assertThat(stage.output.isBehind()).isTrue();
        for (int packetId = 1; packetId <= 2; packetId++) {
            acknowledge(packetId);
            assertThat(session.hasCaughtUp()).isFalse();
            assertThat(stage.output.isBehind()).isTrue();
        }
        acknowledge(3);
        assertThat(session.hasCaughtUp()).isTrue();
        assertThat(stage.output.isBehind()).isFalse();
    }

    @Test
    void bytesCountAsMessagesDo() {
        connectSlow(stage);
        stage.deliver(SessionStage.message("m", QOS_1, 499));
        assertThat(session.hasRoomFor(MESSAGE)).isFalse();
        assertThat(stage.output.isBehind()).isTrue();
        assertThat(session.hasCaughtUp()).isFalse();
    }

    @Test
    void messagesOfQosZeroMakeNobodyWait() {
        connectSlow(stage);
        stage.output.setWritable(false);
        for (int i = 0; i < SessionStage.QUEUE_MESSAGES_MAX; i++) {
            stage.deliver("m", QOS_0);
        }
        assertThat(session.hasRoomFor(MESSAGE)).isTrue();
        assertThat(stage.output.isBehind()).isFalse();
    }

    @Test
    void publishersDoNotWaitForAClientThatIsAway() {
        Link link = connectSlow(stage);
        for (int i = 0; i < 5; i++) {
            stage.admit("m", QOS_1);
        }
        assertThat(session.hasRoomFor(MESSAGE)).isFalse();
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(session.hasRoomFor(MESSAGE)).isTrue();
        assertThat(session.hasCaughtUp()).isTrue();
        stage.connect(stage.link(10, 1, null));
        assertThat(stage.output.isBehind()).as("when it returns").isTrue();
        assertThat(session.hasRoomFor(MESSAGE)).isFalse();
    }

    @Test
    void whatHasExpiredIsDroppedForThoseWhoWait() {
        connectSlow(stage);
        long soon = stage.loop.nowMillis() + 1_000;
        for (int i = 0; i < 5; i++) {
            stage.deliver(
                    new Message(
                            "m", MESSAGE.payload(), QOS_1, false, "", soon, MESSAGE.properties()));
        }
        stage.loops.advance(500);
        assertThat(session.hasCaughtUp()).isFalse();
        stage.loops.advance(500);
        session.hasCaughtUp();
        stage.loops.runAll();
        assertThat(session.hasCaughtUp()).isTrue();
    }

    // ---------------------------------------------------------------------- promises

    @ParameterizedTest
    @EnumSource(QueuePolicy.class)
    void whatWasAdmittedTakesTheRoomOfMessagesOfQosZero(QueuePolicy policy) {
        SessionStage full = new SessionStage(policy);
        connectSlow(full);
        full.output.setWritable(false);
        for (int i = 0; i < SessionStage.QUEUE_MESSAGES_MAX; i++) {
            full.deliver("zero" + i, QOS_0);
        }
        full.admit("a", QOS_1);
        full.admit("b", QOS_1);
        assertThat(full.state.queuedMessages()).isEqualTo(SessionStage.QUEUE_MESSAGES_MAX);
        assertThat(full.state.queuedQosZero()).isEqualTo(SessionStage.QUEUE_MESSAGES_MAX - 2);
        full.output.setWritable(true);
        full.loops.in(0, () -> full.session.acknowledged(1));
        assertThat(full.output.sent()).startsWith("qos0 zero2").contains("qos1 #2 a");
    }

    @Test
    void whatWasAdmittedIsTakenEvenIfOthersHaveFilledTheQueueMeanwhile() {
        connectSlow(stage);
        for (int i = 0; i < SessionStage.QUEUE_MESSAGES_MAX + 1; i++) {
            stage.deliver("will", QOS_1);
        }
        assertThat(stage.state.queuedMessages()).isEqualTo(SessionStage.QUEUE_MESSAGES_MAX);
        stage.admit("admitted", QOS_1);
        assertThat(stage.state.queuedMessages()).isEqualTo(SessionStage.QUEUE_MESSAGES_MAX + 1);
    }

    @Test
    void whatIsOnItsWayFromAnotherLoopCountsAndHasItsPlace() {
        HandLoops loops = new HandLoops(2);
        SessionStage far = new SessionStage(QueuePolicy.DROP_NEWEST, loops);
        far.connect(far.link(10, 1, null));
        far.deliver("under way", QOS_1);
        int published = 0;
        while (far.session.hasRoomFor(MESSAGE)) {
            loops.in(1, () -> far.session.deliver(MESSAGE, far.subscription(QOS_1, false), true));
            published++;
        }
        assertThat(published).as("though nothing has come").isEqualTo(5);
        assertThat(far.state.queuedMessages()).isZero();
        for (int i = 0; i < SessionStage.QUEUE_MESSAGES_MAX; i++) {
            far.deliver("will", QOS_1);
            far.deliver("zero", QOS_0);
        }
        assertThat(far.state.queuedMessages()).isEqualTo(5);
        loops.runAll();
        assertThat(far.state.queuedMessages()).isEqualTo(10);
        assertThat(far.session.hasRoomFor(MESSAGE)).isFalse();
    }

    @Test
    void whatWasAdmittedForAClientThatIsAwayNowIsBounded() {
        stage.end(connectSlow(stage), ConnectionEnd.CONNECTION_LOST);
        for (int i = 0; i < 2 * SessionStage.QUEUE_MESSAGES_MAX; i++) {
            stage.admit("m", QOS_1);
        }
        assertThat(stage.state.queuedMessages()).isEqualTo(SessionStage.QUEUE_MESSAGES_MAX);
    }

    // ------------------------------------------------------------------------ stalls

    private void fallBehind() {
        for (int i = 0; i < 5; i++) {
            stage.admit("m", QOS_1);
        }
        stage.output.sent();
        stage.events();
    }

    private void expectEnd(int withinMillis) {
        stage.loops.advance(withinMillis);
        assertThat(stage.output.sent()).containsExactly("end STALLED");
        assertThat(stage.events()).containsExactly("disconnected STALLED");
        assertThat(stage.loop.counters().stalled().get()).isEqualTo(1);
        assertThat(session.client()).isNull();
        assertThat(stage.state.queuedMessages()).as("the session stays").isEqualTo(5);
    }

    @Test
    void aClientThatAcknowledgesNothingWhilePublishersWaitIsDisconnected() {
        connectSlow(stage);
        fallBehind();
        stage.loops.advance(999);
        assertThat(stage.output.sent()).isEmpty();
        expectEnd(1);
    }

    @Test
    void aClientThatReadsNothingWhilePublishersWaitIsDisconnected() {
        stage.connect(10);
        stage.output.setWritable(false);
        fallBehind();
        stage.loops.advance(999);
        assertThat(stage.output.sent()).isEmpty();
        expectEnd(1);
    }

    @Test
    void aClientThatTakesALittleNowAndThenStays() {
        connectSlow(stage);
        fallBehind();
        for (int packetId = 1; packetId <= 2; packetId++) {
            stage.loops.advance(900);
            acknowledge(packetId);
        }
        stage.output.setWritable(false);
        for (int i = 0; i < 8; i++) {
            stage.loops.advance(900);
            stage.output.take(1);
        }
        assertThat(stage.output.sent()).doesNotContain("end STALLED");
    }

    @Test
    void aClientThatTakesTooLittleToCatchUpInTenTimesThatIsDisconnected() {
        stage.connect(10);
        stage.output.setWritable(false);
        fallBehind();
        for (int quarter = 0; quarter < 39; quarter++) {
            session.hasCaughtUp(); // so ask those who wait
            stage.loops.advance(250);
            stage.output.take(1);
        }
        session.hasCaughtUp();
        stage.loops.advance(249);
        assertThat(stage.output.sent()).isEmpty();
        expectEnd(1);
    }

    @Test
    void aClientThatTakesLittleMayTakeItsTimeIfNobodyWaits() {
        stage.connect(10);
        stage.output.setWritable(false);
        fallBehind();
        for (int half = 0; half < 100; half++) {
            stage.loops.advance(500);
            stage.output.take(1);
        }
        assertThat(session.client()).isNotNull();
    }

    @Test
    void whoCatchesUpInTimeHasAsLongTheNextTime() {
        connectSlow(stage);
        int packetId = 1;
        for (int time = 0; time < 4; time++) {
            while (stage.state.queuedMessages() < 5) {
                stage.admit("m", QOS_1);
            }
            for (int taken = 0; taken < 3; taken++) {
                stage.loops.advance(900);
                acknowledge(packetId++);
            }
        }
        assertThat(session.client()).isNotNull();
    }

    @Test
    void readingAnswersAloneIsNotEnough() {
        connectSlow(stage);
        fallBehind();
        stage.loops.advance(500);
        stage.output.take(2);
        stage.loops.advance(499);
        assertThat(stage.output.sent()).isEmpty();
        stage.output.take(2);
        expectEnd(1);
    }

    @Test
    void nobodyIsDisconnectedWhoCatchesUpOrForWhomNobodyWaits() {
        connectSlow(stage);
        for (int i = 0; i < 4; i++) {
            stage.admit("m", QOS_1);
        }
        stage.loops.advance(10_000);
        stage.admit("m", QOS_1);
        assertThat(stage.loops.timers()).isEqualTo(1);
        for (int packetId = 1; packetId <= 3; packetId++) {
            acknowledge(packetId);
        }
        assertThat(stage.loops.timers()).isZero();
        assertThat(session.client()).isNotNull();
    }

    @Test
    void noWatchOutlivesTheConnection() {
        Link link = connectSlow(stage);
        fallBehind();
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        Link next = stage.connect(stage.link(10, 1, null));
        stage.loops.advance(999);
        assertThat(session.client()).isSameAs(next.client());
    }

    @Test
    void wherePublishersAreToldOfAFullQueueNobodyWaits() {
        SessionStage refusing = new SessionStage(QueuePolicy.REFUSE);
        connectSlow(refusing);
        for (int i = 0; i < SessionStage.QUEUE_MESSAGES_MAX; i++) {
            assertThat(refusing.session.hasRoomFor(MESSAGE)).isTrue();
            refusing.admit("m", QOS_1);
        }
        assertThat(refusing.session.hasRoomFor(MESSAGE)).isFalse();
        refusing.loops.advance(10_000);
        assertThat(refusing.session.client()).isNotNull();
    }
}
