package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.broker.message.Qos;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.topic.TopicFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionLifeTest {

    private static final long NEVER_SECONDS = 0xFFFF_FFFFL;

    private final SessionStage stage = new SessionStage();
    private final Session session = stage.session;

    private void expectTimers(int count) {
        assertThat(stage.loops.timers()).as("timers left").isEqualTo(count);
    }

    @Test
    void knowsItsClientFromAttachToEnd() {
        Link link = stage.link(0);
        assertThat(session.client()).isNull();
        stage.loops.in(0, () -> session.attach(link));
        assertThat(session.client()).isEqualTo(link.client());
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(session.client()).isNull();
    }

    @Test
    void hasOneConnectionAtATime() {
        stage.connect(10);
        assertThatThrownBy(() -> session.attach(stage.link(10)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("client");
    }

    @Test
    void countsAdmittedConnectionsOnly() {
        Link link = stage.link(10);
        stage.loops.in(0, () -> session.attach(link));
        assertThat(stage.loop.counters().connections().get()).isZero();
        assertThat(stage.loops.ask(0, () -> session.admit(link))).isTrue();
        assertThat(stage.loop.counters().connections().get()).isEqualTo(1);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(stage.loop.counters().connections().get()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void tellsClientAndBrokerWhyAConnectionEnds(ConnectionEnd cause) {
        Link link = stage.connect(10);
        stage.end(link, cause);
        assertThat(stage.output.sent()).containsExactly("end " + cause);
        assertThat(stage.events()).containsExactly("disconnected " + cause);
    }

    @ParameterizedTest
    @EnumSource
    void publishesAWillUnlessTheClientTookItBackOrIsTrustedNoMore(ConnectionEnd cause) {
        stage.end(stage.connect(stage.link(10, 100, SessionStage.will(0))), cause);
        if (cause == ConnectionEnd.CLIENT_DISCONNECTED || cause == ConnectionEnd.EXPELLED) {
            assertThat(stage.events()).containsExactly("disconnected " + cause);
        } else {
            assertThat(stage.events()).containsExactly("disconnected " + cause, "publish will");
        }
    }

    @Test
    void endsAConnectionOnce() {
        Link link = stage.connect(stage.link(10, 100, SessionStage.will(0)));
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.output.sent();
        stage.events();
        stage.end(link, ConnectionEnd.KEEP_ALIVE_TIMEOUT);
        assertThat(stage.output.sent()).isEmpty();
        assertThat(stage.events()).isEmpty();
    }

    @Test
    void doesNotEndANewConnectionForAnOldOne() {
        Link old = stage.connect(10);
        stage.end(old, ConnectionEnd.TAKEN_OVER);
        Link link = stage.connect(10);
        stage.output.sent();
        stage.end(old, ConnectionEnd.CONNECTION_LOST);
        assertThat(session.client()).isEqualTo(link.client());
        assertThat(stage.output.sent()).isEmpty();
    }

    @Test
    void ofAConnectionEndedBeforeItWasAdmittedNobodyIsTold() {
        Link link = stage.link(10, 100, SessionStage.will(0));
        stage.loops.in(0, () -> session.attach(link));
        stage.end(link, ConnectionEnd.ADMINISTRATIVE_ACTION);
        assertThat(stage.output.sent())
                .as("no reason before CONNACK [MQTT-3.14.0-1]")
                .containsExactly("end CONNECTION_LOST");
        assertThat(stage.events()).containsExactly("discarded");
        assertThat(stage.loops.ask(0, () -> session.admit(link))).isFalse();
        assertThat(stage.loop.counters().connections().get()).isZero();
    }

    // ------------------------------------------------------------- will delay

    @Test
    void publishesADelayedWillWhenTheClientHasNotComeBack() {
        stage.end(
                stage.connect(stage.link(60, 100, SessionStage.will(5))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.advance(4_999);
        assertThat(stage.events()).isEmpty();
        stage.loops.advance(1);
        assertThat(stage.events()).containsExactly("publish will");
        stage.loops.advance(100_000);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void aNewConnectionCallsADelayedWillOff() {
        stage.end(
                stage.connect(stage.link(60, 100, SessionStage.will(5))),
                ConnectionEnd.CONNECTION_LOST);
        stage.loops.advance(4_000);
        stage.connect(60);
        stage.events();
        stage.loops.advance(100_000);
        assertThat(stage.events()).isEmpty();
        expectTimers(0);
    }

    @Test
    void aRefusedConnectionDoesNotCallADelayedWillOff() {
        stage.end(
                stage.connect(stage.link(60, 100, SessionStage.will(5))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        Link refused = stage.link(60);
        stage.loops.in(
                0,
                () -> {
                    session.attach(refused);
                    session.leave(refused);
                });
        stage.loops.advance(5_000);
        assertThat(stage.events()).containsExactly("publish will");
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, NEVER_SECONDS})
    void aWillWaitsNoLongerThanItsSession(long delaySeconds) {
        stage.end(
                stage.connect(stage.link(5, 100, SessionStage.will(delaySeconds))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.advance(5_000);
        assertThat(stage.events()).containsExactly("publish will", "discarded");
        expectTimers(0);
    }

    /** [MQTT-3.1.3-9]: neither has its delay passed nor has the session ended. */
    @Test
    void aWillWaitsForAClientThatIsAboutToResumeItsSession() {
        stage.end(
                stage.connect(stage.link(5, 100, SessionStage.will(60))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        assertThat(stage.loops.ask(0, () -> session.makeRoom(true))).isTrue();
        stage.loops.advance(5_000);
        assertThat(stage.events()).isEmpty();
        stage.connect(5);
        stage.loops.advance(60_000);
        assertThat(stage.events()).isEmpty();
    }

    @Test
    void aWillIsPublishedWhenTheClientThatWasAboutToResumeDoesNot() {
        stage.end(
                stage.connect(stage.link(5, 100, SessionStage.will(60))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.ask(0, () -> session.makeRoom(true));
        stage.loops.advance(5_000);
        stage.loops.in(0, session::settle);
        assertThat(stage.events()).containsExactly("publish will", "discarded");
        expectTimers(0);
    }

    @Test
    void aCleanStartPublishesAWillThatStillWaits() {
        stage.end(
                stage.connect(stage.link(60, 100, SessionStage.will(5))),
                ConnectionEnd.CONNECTION_LOST);
        stage.events();
        assertThat(stage.loops.ask(0, () -> session.makeRoom(false))).isFalse();
        assertThat(stage.events()).containsExactly("publish will", "discarded");
        expectTimers(0);
    }

    // ----------------------------------------------------------------- expiry

    @Test
    void withoutAnExpiryItEndsWithItsConnection() {
        stage.end(stage.connect(0), ConnectionEnd.CLIENT_DISCONNECTED);
        assertThat(stage.events()).containsExactly("disconnected CLIENT_DISCONNECTED", "discarded");
    }

    @Test
    void expiresWhenItsTimeIsOver() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.advance(59_999);
        assertThat(stage.events()).isEmpty();
        stage.loops.advance(1);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void countsThoseThatExpiredAndNotThoseThatEndedOtherwise() {
        stage.end(stage.connect(0), ConnectionEnd.CLIENT_DISCONNECTED);
        assertThat(stage.loop.counters().expiredSessions().get()).isZero();
        SessionStage other = new SessionStage();
        other.end(other.connect(60), ConnectionEnd.CONNECTION_LOST);
        other.loops.advance(60_000);
        assertThat(other.loop.counters().expiredSessions().get()).isEqualTo(1);
    }

    @Test
    void expiryStartsAnewWithEachConnection() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.loops.advance(59_000);
        Link link = stage.connect(30);
        stage.loops.advance(1_000_000);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.advance(29_999);
        assertThat(stage.events()).isEmpty();
        stage.loops.advance(1);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void theExpiryOfDisconnectCounts() {
        Link link = stage.connect(60);
        link.expirySeconds(0);
        stage.end(link, ConnectionEnd.CLIENT_DISCONNECTED);
        assertThat(stage.events()).contains("discarded");
    }

    @Test
    void lastsVeryLong() {
        stage.end(stage.connect(NEVER_SECONDS), ConnectionEnd.CONNECTION_LOST);
        stage.loops.advance(100L * 365 * 86_400 * 1_000);
        assertThat(stage.events()).doesNotContain("discarded");
    }

    @Test
    void aRefusedResumptionPostponesNothing() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.events();
        for (int i = 0; i < 5; i++) {
            stage.loops.advance(10_000);
            Link refused = stage.link(3_600);
            stage.loops.in(0, () -> session.makeRoom(true));
            stage.loops.in(0, () -> session.attach(refused));
            stage.loops.in(0, () -> session.leave(refused));
            stage.loops.in(0, session::settle);
        }
        stage.loops.advance(9_999);
        assertThat(stage.events()).isEmpty();
        stage.loops.advance(1);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void doesNotExpireBetweenOpeningAndConnection() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.events();
        assertThat(stage.loops.ask(0, () -> session.makeRoom(true))).isTrue();
        stage.loops.advance(60_000);
        assertThat(stage.events()).isEmpty();
        stage.connect(60);
        stage.loops.advance(60_000);
        assertThat(stage.events()).isEmpty();
    }

    @Test
    void whatExpiredDuringARefusedOpeningEndsWithIt() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.events();
        stage.loops.in(0, () -> session.makeRoom(true));
        stage.loops.advance(60_000);
        stage.loops.in(0, session::settle);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void whatExpiredDuringARefusedAdmissionEndsWithIt() {
        stage.end(stage.connect(60), ConnectionEnd.CONNECTION_LOST);
        stage.events();
        Link refused = stage.link(60);
        stage.loops.in(0, () -> session.attach(refused));
        stage.loops.advance(60_000);
        assertThat(stage.events()).isEmpty();
        stage.loops.in(0, () -> session.leave(refused));
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void aNewSessionThatGetsNoConnectionEnds() {
        stage.loops.in(0, session::settle);
        assertThat(stage.events()).containsExactly("discarded");
    }

    @Test
    void settlingDoesNothingToAConnectedSession() {
        stage.connect(0);
        stage.loops.in(0, session::settle);
        assertThat(stage.events()).isEmpty();
        assertThat(session.client()).isNotNull();
    }

    @Test
    void anAdmittedConnectionDoesNotLeave() {
        Link link = stage.connect(10);
        stage.loops.in(0, () -> session.leave(link));
        assertThat(session.client()).isEqualTo(link.client());
    }

    @Test
    void makesRoomByTakingOver() {
        stage.connect(60);
        assertThat(stage.loops.ask(0, () -> session.makeRoom(true))).isTrue();
        assertThat(stage.output.sent()).containsExactly("end TAKEN_OVER");
        assertThat(stage.events()).containsExactly("disconnected TAKEN_OVER");
    }

    @Test
    void aSessionWithoutExpiryIsNotThereToBeResumed() {
        stage.connect(0);
        assertThat(stage.loops.ask(0, () -> session.makeRoom(true))).isFalse();
        assertThat(stage.events()).containsExactly("disconnected TAKEN_OVER", "discarded");
    }

    @Test
    void itsSubscriptionsEndWithIt() {
        stage.connect(0);
        for (String filter : new String[] {"a", "b/#", "a"}) {
            TopicFilter parsed = TopicFilter.parse(filter);
            stage.loops.in(
                    0,
                    () ->
                            session.subscribe(
                                    parsed,
                                    new SubscriptionOptions(Qos.AT_LEAST_ONCE, false, false, 0)));
        }
        assertThat(session.subscriptionCount()).isEqualTo(2);
        assertThat(session.isSubscribed("b/#")).isTrue();
        stage.loops.in(0, () -> session.unsubscribe("b/#"));
        assertThat(session.isSubscribed("b/#")).isFalse();
        assertThat(stage.loops.ask(0, () -> session.unsubscribe("b/#"))).isFalse();
        stage.events();
        stage.loops.in(0, () -> session.end(ConnectionEnd.CONNECTION_LOST));
        assertThat(stage.events())
                .containsExactly("disconnected CONNECTION_LOST", "unsubscribe a", "discarded");
    }

    @Test
    void nothingReachesASessionThatHasEnded() {
        stage.end(stage.connect(0), ConnectionEnd.CONNECTION_LOST);
        stage.deliver("late", Qos.AT_LEAST_ONCE);
        assertThat(stage.state.queuedMessages()).isZero();
        assertThat(stage.loop.counters().queued().get()).isZero();
    }
}
