package io.muster.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.broker.protocol.Redirection;
import io.muster.broker.session.HandSessions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacedDrainTest {

    private static final Redirection ELSEWHERE = new Redirection(false, Optional.of("b:1883"));
    private static final Redirection MOVED = new Redirection(true, Optional.empty());

    private final HandSessions sessions = new HandSessions();
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
    private final PacedDrain drain =
            new PacedDrain(sessions.all(), sessions::connected, nanoTime::get);

    private void connect(int count) {
        for (int i = 0; i < count; i++) {
            sessions.connect("c" + i);
        }
    }

    /** Ticks as often as it would in so much time; returns how many are connected then. */
    private long after(long millis) {
        for (long passed = 0; passed < millis; passed += PacedDrain.TICK_MILLIS) {
            tickAfter(PacedDrain.TICK_MILLIS);
        }
        return sessions.connected();
    }

    private void tickAfter(long millis) {
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        drain.tick();
        sessions.run();
    }

    private void begin(Redirection redirection, int perSecond) {
        drain.start(redirection, perSecond);
        drain.tick();
    }

    @Test
    void disconnectsNobodyUnlessItIsStarted() {
        connect(3);
        assertThat(after(10_000)).isEqualTo(3);
        assertThat(drain.status()).isEmpty();
        assertThat(drain.redirection()).isEmpty();
    }

    @Test
    void disconnectsAtThePace() {
        connect(100);
        begin(ELSEWHERE, 20);
        assertThat(after(1_000)).isEqualTo(80);
        assertThat(after(2_000)).isEqualTo(40);
        assertThat(after(2_000)).isZero();
    }

    @Test
    void keepsAPaceThatIsSlowerThanItsTicks() {
        connect(5);
        begin(ELSEWHERE, 1);
        assertThat(after(900)).isEqualTo(5);
        assertThat(after(200)).isEqualTo(4);
        assertThat(after(2_000)).isEqualTo(2);
    }

    @Test
    void aLateTickMakesUpForASecondAtMost() {
        connect(100);
        begin(ELSEWHERE, 10);
        tickAfter(60_000);
        assertThat(sessions.connected()).isEqualTo(90);
    }

    @Test
    void theTimeInWhichNobodyWasThereIsNotSavedUp() {
        begin(ELSEWHERE, 10);
        after(10_000);
        connect(100);
        assertThat(after(1_000)).isBetween(88L, 91L);
    }

    @Test
    void thePauseBeforeADrainIsNotMadeUpFor() {
        connect(100);
        drain.tick();
        nanoTime.addAndGet(TimeUnit.HOURS.toNanos(1));
        begin(ELSEWHERE, 50);
        sessions.run();
        assertThat(sessions.connected()).isEqualTo(100);
        tickAfter(100);
        assertThat(sessions.connected()).isEqualTo(95);
    }

    @Test
    void tellsTheClientsWhy() {
        sessions.connect("a");
        begin(ELSEWHERE, 10);
        after(1_000);
        assertThat(sessions.sent("a")).containsExactly("end USE_ANOTHER_SERVER");
        sessions.connect("b");
        begin(MOVED, 10);
        after(1_000);
        assertThat(sessions.sent("b")).containsExactly("end SERVER_MOVED");
    }

    @Test
    void passesOverSessionsThatAreNotConnected() {
        connect(40);
        for (int i = 0; i < 30; i++) {
            sessions.disconnect("c" + i);
        }
        begin(ELSEWHERE, 10);
        assertThat(after(1_000)).isZero();
        assertThat(sessions.all()).as("they are kept").hasSize(40);
        assertThat(sessions.sent("c0")).isEmpty();
    }

    @Test
    void findsWhoGotInBehindTheWalk() {
        connect(10);
        begin(ELSEWHERE, 1_000);
        assertThat(after(500)).isZero();
        sessions.connect("late");
        assertThat(after(300)).isZero();
        assertThat(sessions.sent("late")).containsExactly("end USE_ANOTHER_SERVER");
    }

    @Test
    void aSecondStartChangesWhereToAndHowFast() {
        connect(100);
        begin(ELSEWHERE, 10);
        assertThat(after(1_000)).isEqualTo(90);
        drain.start(MOVED, 40);
        assertThat(drain.redirection()).contains(MOVED);
        assertThat(after(1_000)).isEqualTo(50);
        assertThat(drain.status()).contains(new Drain.Status(MOVED, 40, 50));
    }

    @Test
    void stops() {
        connect(20);
        begin(ELSEWHERE, 10);
        assertThat(after(1_000)).isEqualTo(10);
        drain.stop();
        drain.stop();
        assertThat(drain.status()).isEmpty();
        assertThat(drain.redirection()).isEmpty();
        assertThat(after(10_000)).isEqualTo(10);
    }

    @Test
    void tellsWhatGoesOn() {
        connect(3);
        drain.start(ELSEWHERE, 7);
        assertThat(drain.status()).contains(new Drain.Status(ELSEWHERE, 7, 3));
        assertThat(drain.redirection()).contains(ELSEWHERE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Drain.PER_SECOND_MAX + 1})
    void refusesAPaceThatIsNone(int perSecond) {
        assertThatThrownBy(() -> drain.start(ELSEWHERE, perSecond))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(perSecond + " clients a second; must be 1 to 1000000");
        assertThat(drain.status()).isEmpty();
    }
}
