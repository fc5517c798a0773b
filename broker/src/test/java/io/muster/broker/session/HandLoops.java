package io.muster.broker.session;

import io.muster.broker.pace.LoopExecutor;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Event loops driven by hand: their tasks and timers run when the test says, all on the test's own
 * thread, and time stands still until the test moves it. Confined to that thread.
 */
public final class HandLoops {

    /** When time begins. */
    public static final long START_MILLIS = 1_700_000_000_000L;

    private final List<Hand> hands = new ArrayList<>();
    private final SessionLoop[] loops;
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(
                    Comparator.comparingLong(Timer::dueMillis).thenComparingLong(Timer::number));
    private long nowMillis = START_MILLIS;
    private long timersMade;
    private @Nullable Hand running;

    private record Timer(long dueMillis, long number, Hand hand, Runnable task) {}

    /** So many loops of one broker. */
    public HandLoops(int count) {
        loops = new SessionLoop[count];
        for (int i = 0; i < count; i++) {
            Hand hand = new Hand(i);
            hands.add(hand);
            loops[i] = new SessionLoop(i, loops, hand, new HandClock());
        }
    }

    /** A loop. */
    public SessionLoop loop(int index) {
        return loops[index];
    }

    /** Does something as a whole turn of a loop. */
    public void in(int index, Runnable work) {
        Hand before = running;
        running = hands.get(index);
        loops[index].enter();
        try {
            work.run();
            loops[index].endTurn();
        } finally {
            running = before;
        }
    }

    /** Finds something out, as a whole turn of a loop. */
    public <T extends @Nullable Object> T ask(int index, Supplier<T> question) {
        List<T> answer = new ArrayList<>();
        in(index, () -> answer.add(question.get()));
        return answer.get(0);
    }

    /** Tasks that wait on a loop. */
    public int waiting(int index) {
        return hands.get(index).tasks.size();
    }

    /** Timers that have not run and were not cancelled. */
    public int timers() {
        return timers.size();
    }

    /** Runs the oldest task of a loop, as a turn of its own. */
    public void runNext(int index) {
        in(index, hands.get(index).tasks.remove());
    }

    /** Runs tasks until none waits. */
    public void runAll() {
        for (int i = 0; i < loops.length; i++) {
            if (waiting(i) > 0) {
                runNext(i);
                i = -1;
            }
        }
    }

    /** Runs tasks and timers until none is left, in the order that {@code choice} of n makes. */
    public void runEverything(IntUnaryOperator choice) {
        List<Runnable> possible = possible();
        while (!possible.isEmpty()) {
            possible.get(choice.applyAsInt(possible.size())).run();
            possible = possible();
        }
    }

    private List<Runnable> possible() {
        List<Runnable> possible = new ArrayList<>();
        for (int i = 0; i < loops.length; i++) {
            int index = i;
            if (waiting(index) > 0) {
                possible.add(() -> runNext(index));
            }
        }
        if (!timers.isEmpty()) {
            possible.add(this::fireNext);
        }
        return possible;
    }

    /** Lets time pass; timers that are due meanwhile run, and all tasks. */
    public void advance(long millis) {
        long target = nowMillis + millis;
        runAll();
        while (!timers.isEmpty() && timers.element().dueMillis <= target) {
            fireNext();
            runAll();
        }
        nowMillis = target;
    }

    private void fireNext() {
        Timer timer = timers.remove();
        nowMillis = Math.max(nowMillis, timer.dueMillis);
        in(timer.hand.index, timer.task);
    }

    private final class Hand implements LoopExecutor {

        private final int index;
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        private Hand(int index) {
            this.index = index;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public Runnable schedule(Runnable task, long delayMillis) {
            Timer timer = new Timer(nowMillis + delayMillis, timersMade++, this, task);
            timers.add(timer);
            return () -> timers.remove(timer);
        }

        @Override
        public long nowNanos() {
            return TimeUnit.MILLISECONDS.toNanos(nowMillis);
        }

        @Override
        public boolean inLoop() {
            return running == this;
        }
    }

    private final class HandClock extends Clock {

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(nowMillis);
        }
    }
}
