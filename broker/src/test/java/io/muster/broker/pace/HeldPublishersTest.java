package io.muster.broker.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.metrics.Limit;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.pace.HeldPublishers.Condition;
import io.muster.broker.pace.HeldPublishers.Publisher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeldPublishersTest {

    private final HandTimer timer = new HandTimer();
    private final LoopCounters counters = new LoopCounters();
    private final HeldPublishers held = new HeldPublishers(timer, counters);
    private final List<String> wentOn = new ArrayList<>();
    private int room;

    /** Uses up one place when it goes on. */
    private Publisher publisher(String name) {
        return () -> {
            wentOn.add(name);
            room--;
        };
    }

    private void hold(Publisher publisher, Condition condition) {
        held.hold(publisher, Limit.EVENT_LOOP, condition);
    }

    private void holdUntil(Publisher publisher, long millis) {
        held.holdUntil(publisher, Limit.CLIENT_MESSAGES, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void goOnInTheOrderInWhichTheyCameAsLongAsTheConditionHolds() {
        Condition hasRoom = () -> room > 0;
        for (String name : List.of("a", "b", "c")) {
            hold(publisher(name), hasRoom);
        }
        assertThat(counters.held().get()).isEqualTo(3);
        timer.advance(50);
        assertThat(wentOn).isEmpty();
        room = 2;
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("a", "b");
        room = 1;
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("a", "b", "c");
        assertThat(counters.held().get()).isZero();
        assertThat(timer.waiting()).as("no timer runs for nobody").isZero();
    }

    @Test
    void whoIsHeldAgainStandsBehindTheOthersAndIsNotTriedTwice() {
        Condition always = () -> true;
        Publisher[] again = new Publisher[1];
        again[0] =
                () -> {
                    wentOn.add("again");
                    hold(again[0], always);
                };
        hold(again[0], always);
        hold(publisher("other"), always);
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("again", "other");
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("again", "other", "again");
    }

    @Test
    void oneConditionDoesNotKeepThoseOfAnother() {
        hold(publisher("waits"), () -> false);
        hold(publisher("goes"), () -> true);
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("goes");
        assertThat(timer.waiting()).isEqualTo(1);
    }

    @Test
    void goOnWhenTheirMomentHasComeTheEarliestFirst() {
        holdUntil(publisher("late"), 30);
        holdUntil(publisher("soon"), 10);
        timer.advance(9);
        assertThat(wentOn).isEmpty();
        timer.advance(HeldPublishers.TICK_MILLIS);
        assertThat(wentOn).containsExactly("soon");
        timer.advance(20);
        assertThat(wentOn).containsExactly("soon", "late");
        assertThat(timer.waiting()).isZero();
    }

    @Test
    void whoIsGoneIsForgotten() {
        Publisher one = publisher("one");
        Publisher two = publisher("two");
        hold(one, () -> true);
        holdUntil(two, 1);
        held.forget(one);
        held.forget(two);
        held.forget(two);
        assertThat(counters.held().get()).isZero();
        timer.advance(10);
        assertThat(wentOn).isEmpty();
        assertThat(timer.waiting()).isZero();
    }

    @Test
    void somebodyWhoGoesOnMayMakeOthersLeave() {
        Condition always = () -> true;
        Publisher other = publisher("other");
        hold(() -> held.forget(other), always);
        hold(other, always);
        timer.advance(10);
        assertThat(wentOn).isEmpty();
    }

    @Test
    void theOthersGoOnWhenOneFails() {
        hold(
                () -> {
                    throw new IllegalStateException("made by a test");
                },
                () -> true);
        hold(publisher("other"), () -> true);
        timer.advance(10);
        assertThat(wentOn).containsExactly("other");
    }
}
