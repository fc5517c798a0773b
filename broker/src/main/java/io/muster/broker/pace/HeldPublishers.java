package io.muster.broker.pace;

import io.muster.broker.metrics.Limit;
import io.muster.broker.metrics.LoopCounters;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publishers of one loop that wait, each before a PUBLISH that may not go on yet. A publisher
 * waits for one thing at a time; when that is there it tries again, and may have to wait for the
 * next.
 *
 * <p>Those who wait for a moment go on when it has come. Those who wait for a condition go on in
 * the order in which they came, as long as it holds: the first of them may use up what all waited
 * for. Both are looked at every {@value #TICK_MILLIS} ms by one timer, which runs only while
 * somebody waits. So nobody has to be told by other loops, no connection has a timer, and no
 * wake-up is lost.
 *
 * <p>Confined to the loop.
 */
public final class HeldPublishers {

    static final long TICK_MILLIS = 2;

    private static final Logger log = LoggerFactory.getLogger(HeldPublishers.class);

    private final Timer timer;
    private final LoopCounters counters;
    private final Map<Condition, Set<Publisher>> waiting = new LinkedHashMap<>();
    private final Queue<Pause> pauses =
            new PriorityQueue<>((a, b) -> Long.signum(a.untilNanos - b.untilNanos));
    private boolean ticking;

    /** Somebody who publishes and can be made to wait. */
    public interface Publisher {
        /** Tries again what it was held at. */
        void goOn();
    }

    /** What publishers wait for. Those that are equal are one. */
    public interface Condition {
        /** Whether they may go on. */
        boolean holds();
    }

    private record Pause(long untilNanos, Publisher publisher) {}

    /** Nobody waits yet. */
    public HeldPublishers(Timer timer, LoopCounters counters) {
        this.timer = timer;
        this.counters = counters;
    }

    long nowNanos() {
        return timer.nowNanos();
    }

    /** {@code publisher}, who does not wait yet, waits for {@code condition}. */
    public void hold(Publisher publisher, Limit limit, Condition condition) {
        waiting.computeIfAbsent(condition, key -> new LinkedHashSet<>()).add(publisher);
        noteHeld(limit);
    }

    /** {@code publisher}, who does not wait yet, waits for a moment. */
    void holdUntil(Publisher publisher, Limit limit, long untilNanos) {
        pauses.add(new Pause(untilNanos, publisher));
        noteHeld(limit);
    }

    private void noteHeld(Limit limit) {
        counters.limited(limit);
        counters.held().increment();
        tickLater();
    }

    /** {@code publisher} is gone and waits no longer, if it did. */
    public void forget(Publisher publisher) {
        waiting.values().forEach(each -> remove(each, publisher));
        waiting.values().removeIf(Set::isEmpty);
        if (pauses.removeIf(pause -> pause.publisher == publisher)) {
            counters.held().add(-1);
        }
    }

    private void remove(Set<Publisher> publishers, Publisher publisher) {
        if (publishers.remove(publisher)) {
            counters.held().add(-1);
        }
    }

    private void tickLater() {
        if (!ticking && !(waiting.isEmpty() && pauses.isEmpty())) {
            ticking = true;
            timer.schedule(this::tick, TICK_MILLIS);
        }
    }

    private void tick() {
        ticking = false;
        long nowNanos = timer.nowNanos();
        for (Pause first = pauses.peek();
                first != null && first.untilNanos - nowNanos <= 0;
                first = pauses.peek()) {
            pauses.remove();
            letGo(first.publisher);
        }
        for (Condition condition : List.copyOf(waiting.keySet())) {
            letGo(condition);
        }
        tickLater();
    }

    /** Lets those go on that wait now, each once, as long as there is something to go on with. */
    private void letGo(Condition condition) {
        Set<Publisher> publishers = waiting.getOrDefault(condition, Set.of());
        for (int left = publishers.size(); left > 0 && condition.holds(); left--) {
            if (publishers.isEmpty()) {
                break; // some of them are gone
            }
            Publisher first = publishers.iterator().next();
            publishers.remove(first);
            letGo(first);
        }
        if (publishers.isEmpty()) {
            waiting.remove(condition, publishers);
        }
    }

    private void letGo(Publisher publisher) {
        counters.held().add(-1);
        try {
            publisher.goOn();
        } catch (RuntimeException | Error failure) {
            // The others are not to wait for it.
            log.error("held publisher could not go on", failure);
        }
    }
}
