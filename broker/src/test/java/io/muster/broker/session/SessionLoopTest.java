package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.Subscription;
import io.muster.broker.session.memory.MemorySession;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionLoopTest {

    private final HandLoops loops = new HandLoops(3);
    private final RecordingOutput output = new RecordingOutput();
    private final SessionStage stage = new SessionStage();

    /** A connected session on a loop. */
    private Session session(int index) {
        Session session =
                new Session(
                        "client",
                        loops.loop(index),
                        new MemorySession("principal", 1_000_000, Long.MAX_VALUE),
                        false,
                        new SessionLimits(
                                1,
                                1_000_000,
                                Long.MAX_VALUE,
                                SessionLimits.QueuePolicy.DROP_NEWEST,
                                1_000),
                        stage);
        Link link = new Link(output, SessionStage.client("client"), 100, 10, null);
        loops.in(
                index,
                () -> {
                    session.attach(link);
                    session.admit(link);
                    session.start();
                });
        return session;
    }

    private static Subscription subscription(Session session) {
        return new Subscription(
                TopicFilter.parse("#"),
                session,
                Qos.AT_MOST_ONCE,
                false,
                false,
                SubscriptionIdentifiers.NONE);
    }

    private static void publish(Session session, int count) {
        publish(session, "t", count);
    }

    private static void publish(Session session, String topic, int count) {
        Message message = SessionStage.message(topic, Qos.AT_MOST_ONCE);
        Subscription subscription = subscription(session);
        for (int i = 0; i < count; i++) {
            session.deliver(message, subscription, false);
        }
    }

    // ------------------------------------------------------------------- deliveries

    @Test
    void deliversAtOnceOnItsOwnLoop() {
        Session session = session(1);
        loops.in(
                1,
                () -> {
                    publish(session, 1);
                    assertThat(output.sent()).containsExactly("qos0 t");
                });
        assertThat(loops.waiting(1)).isZero();
    }

    @Test
    void handsOverOneBatchForEachLoopAtTheEndOfTheTurn() {
        Session session = session(1);
        Session other = session(2);
        loops.in(
                0,
                () -> {
                    publish(session, 2);
                    publish(other, 1);
                    publish(session, 1);
                    assertThat(loops.waiting(1)).as("not before the turn ends").isZero();
                });
        assertThat(loops.waiting(1)).isEqualTo(1);
        assertThat(loops.waiting(2)).isEqualTo(1);
        assertThat(loops.loop(1).mailboxDepth()).isEqualTo(3);
        assertThat(output.sent()).isEmpty();
        loops.runNext(1);
        assertThat(output.sent()).hasSize(3);
        loops.runNext(2);
        assertThat(output.sent()).hasSize(1);
        loops.in(0, () -> {});
        assertThat(loops.waiting(1)).as("handed over once").isZero();
    }

    @Test
    void severalLoopsWakeOneOnce() {
        Session session = session(2);
        loops.in(0, () -> publish(session, 1));
        loops.in(1, () -> publish(session, 1));
        assertThat(loops.waiting(2)).isEqualTo(1);
        loops.runNext(2);
        assertThat(output.sent()).hasSize(2);
    }

    @Test
    void keepsTheOrderHoweverLateTheOtherLoopIs() {
        Session session = session(1);
        List<String> expected = new ArrayList<>();
        for (int turn = 0; turn < 100; turn++) {
            String topic = "t" + turn;
            loops.in(0, () -> publish(session, topic, 1 + expected.size() % 3));
            expected.addAll(Collections.nCopies(1 + expected.size() % 3, "qos0 " + topic));
            if (turn % 7 == 0) {
                loops.runAll();
            }
        }
        loops.runAll();
        assertThat(output.sent()).containsExactlyElementsOf(expected);
    }

    @Test
    void subscribersWithEqualOptionsShareADelivery() {
        Message message = SessionStage.message("t", Qos.AT_LEAST_ONCE);
        Subscription one = subscription(session(0));
        Subscription other = subscription(session(0));
        SessionLoop loop = loops.loop(0);
        Delivery first = loop.delivery(message, Qos.AT_LEAST_ONCE, false, one);
        assertThat(loop.delivery(message, Qos.AT_LEAST_ONCE, false, other)).isSameAs(first);
        Delivery retained = loop.delivery(message, Qos.AT_LEAST_ONCE, true, one);
        assertThat(retained.retain()).isTrue();
        Message equal = SessionStage.message("t", Qos.AT_LEAST_ONCE);
        assertThat(loop.delivery(equal, Qos.AT_LEAST_ONCE, true, one).message()).isSameAs(equal);
    }

    @Test
    void deliversForAThreadThatIsNoLoop() throws InterruptedException {
        Session session = session(0);
        Thread thread = new Thread(() -> publish(session, 1));
        thread.start();
        thread.join();
        assertThat(output.sent()).isEmpty();
        loops.runAll();
        assertThat(output.sent()).containsExactly("qos0 t");
    }

    // ---------------------------------------------------------------------- flushing

    @Test
    void flushesWhatWasNotedOnceAtTheEndOfTheTurn() {
        List<String> flushed = new ArrayList<>();
        SessionLoop loop = loops.loop(0);
        loops.in(
                0,
                () -> {
                    loop.noteDirty(() -> flushed.add("a"));
                    loop.noteDirty(() -> flushed.add("b"));
                    assertThat(flushed).isEmpty();
                });
        assertThat(flushed).containsExactly("a", "b");
        loops.in(0, () -> {});
        assertThat(flushed).hasSize(2);
    }

    @Test
    void flushesWhatAFlushNotes() {
        List<String> flushed = new ArrayList<>();
        SessionLoop loop = loops.loop(0);
        loops.in(
                0,
                () ->
                        loop.noteDirty(
                                () -> {
                                    flushed.add("a");
                                    loop.noteDirty(() -> flushed.add("b"));
                                }));
        assertThat(flushed).containsExactly("a", "b");
    }

    @Test
    void flushesTheOthersWhenOneFails() {
        List<String> flushed = new ArrayList<>();
        SessionLoop loop = loops.loop(0);
        loops.in(
                0,
                () -> {
                    loop.noteDirty(() -> flushed.add("a"));
                    loop.noteDirty(
                            () -> {
                                throw new IllegalStateException("made by a test");
                            });
                    loop.noteDirty(
                            () -> {
                                throw new LinkageError("made by a test");
                            });
                    loop.noteDirty(() -> flushed.add("b"));
                });
        assertThat(flushed).containsExactly("a", "b");
        loops.in(0, () -> {});
        assertThat(flushed).as("none of them again").hasSize(2);
    }

    @Test
    void batchesGoBeforeFlushes() {
        Session session = session(1);
        loops.in(
                0,
                () -> {
                    loops.loop(0).noteDirty(() -> assertThat(loops.waiting(1)).isEqualTo(1));
                    publish(session, 1);
                });
    }

    // ---------------------------------------------------------------------- pressure

    @Test
    void publishersWaitWhileAnotherLoopDoesNotKeepUp() {
        Session session = session(1);
        List<String> wentOn = new ArrayList<>();
        SessionLoop loop = loops.loop(0);
        loops.in(0, () -> publish(session, SessionLoop.PRESSURE_HIGH));
        assertThat(loop.isPressed()).as("at the watermark").isFalse();
        loops.in(0, () -> publish(session, 1));
        assertThat(loop.isPressed()).isTrue();
        loops.in(0, () -> loop.hold(() -> wentOn.add("publisher")));
        loops.runNext(1);
        assertThat(loops.loop(1).mailboxDepth()).isZero();
        assertThat(wentOn).as("looked at now and then only").isEmpty();
        loops.advance(10);
        assertThat(wentOn).containsExactly("publisher");
        assertThat(loop.isPressed()).isFalse();
        assertThat(loops.timers()).isZero();
    }

    @Test
    void goesOnOnlyAtTheLowWatermark() {
        Session session = session(1);
        // The second batch is what one drain leaves behind: it takes no more than 256.
        for (int i = 0; i < 256; i++) {
            loops.in(0, () -> publish(session, 400));
        }
        loops.in(0, () -> publish(session, SessionLoop.PRESSURE_LOW + 1));
        loops.runNext(1);
        assertThat(loops.loop(1).mailboxDepth()).isEqualTo(SessionLoop.PRESSURE_LOW + 1);
        assertThat(loops.loop(0).isPressed()).isTrue();
        loops.runNext(1);
        assertThat(loops.loop(0).isPressed()).isFalse();
    }

    @Test
    void aHeldPublisherStaysHeldWhileThePressureLasts() {
        Session session = session(1);
        List<String> wentOn = new ArrayList<>();
        loops.in(0, () -> publish(session, SessionLoop.PRESSURE_HIGH + 1));
        loops.in(0, () -> loops.loop(0).hold(() -> wentOn.add("publisher")));
        int[] checks = {0};
        // Ten times the timer, before the mailbox at last.
        loops.runEverything(
                options -> {
                    assertThat(wentOn).isEmpty();
                    return checks[0]++ < 10 ? options - 1 : 0;
                });
        assertThat(checks[0]).isGreaterThan(10);
        assertThat(wentOn).containsExactly("publisher");
    }

    // ------------------------------------------------------------------------ the rest

    @Test
    void knowsWhoRuns() {
        assertThat(loops.loop(1).inLoop()).isFalse();
        loops.in(
                1,
                () -> {
                    assertThat(loops.loop(1).inLoop()).isTrue();
                    assertThat(loops.loop(0).inLoop()).isFalse();
                    assertThat(SessionLoop.current()).isSameAs(loops.loop(1));
                });
    }

    @Test
    void runsAtOnceOnTheLoopAndLaterFromElsewhere() {
        List<String> done = new ArrayList<>();
        loops.in(
                0,
                () -> {
                    loops.loop(0).run(() -> done.add("here"));
                    loops.loop(1).run(() -> done.add("there"));
                    assertThat(done).containsExactly("here");
                });
        loops.runAll();
        assertThat(done).containsExactly("here", "there");
    }
}
