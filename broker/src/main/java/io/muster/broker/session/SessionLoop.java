package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.metrics.Limit;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.pace.HeldPublishers;
import io.muster.broker.pace.HeldPublishers.Condition;
import io.muster.broker.pace.HeldPublishers.Publisher;
import io.muster.broker.pace.LoopExecutor;
import io.muster.broker.pace.Timer;
import io.muster.broker.routing.Subscription;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop as the sessions see it.
 *
 * <p>A <em>turn</em> is one round of the loop: it reads what its sockets have, runs what waits, and
 * then {@link #endTurn}. During the turn nothing is sent. Deliveries to sessions of other loops are
 * collected and handed over as one batch a loop; connections that have something to send are noted
 * once and flushed once. This is where the speed comes from: one system call a connection and one
 * wake-up a loop for all that a turn produced.
 *
 * <p>Confined to the loop's thread, except {@link #execute}, {@link #inLoop} and {@link
 * #mailboxDepth}.
 */
public final class SessionLoop implements Timer {

    /**
     * Deliveries waiting in a mailbox above which the loops that fill it stop reading from
     * publishers.
     */
    static final int PRESSURE_HIGH = 100_000;

    /** Deliveries waiting in a mailbox below which they go on. */
    static final int PRESSURE_LOW = 20_000;

    /** For each other loop: one to be filled, one on its way, one being emptied. */
    private static final int BATCHES_KEPT = 3;

    private static final ThreadLocal<@Nullable SessionLoop> CURRENT = new ThreadLocal<>();

    private static final Logger log = LoggerFactory.getLogger(SessionLoop.class);

    private final int index;
    private final LoopExecutor executor;
    private final Clock clock;
    private final LoopCounters counters = new LoopCounters();
    private final Mailbox mailbox;
    private final @Nullable Batch[] outgoing;

    /** Batches that were handed over, the oldest first; to be filled again once they are empty. */
    private final Queue<Batch> handedOver = new ArrayDeque<>(0);

    private final SessionLoop[] loops;
    private final List<TurnEnd> dirty = new ArrayList<>();
    private @Nullable Delivery lastDelivery;
    private final HeldPublishers held;
    private final Condition relief = this::isRelieved;
    private boolean handingOver;
    private boolean pressed;

    /** Something that has work to do at the end of the turn in which it was noted. */
    public interface TurnEnd {
        /** Sends what has been written. Called once for each time it was noted. */
        void endTurn();
    }

    /**
     * A loop.
     *
     * @param index its place in {@code loops}
     * @param loops all loops of the broker, this one included once it is made; shared by them all
     * @param executor its thread
     * @param clock the time of day
     */
    public SessionLoop(int index, SessionLoop[] loops, LoopExecutor executor, Clock clock) {
        this.index = index;
        this.loops = loops;
        this.executor = executor;
        this.clock = clock;
        this.mailbox = new Mailbox(executor::execute);
        this.outgoing = new Batch[loops.length];
        this.held = new HeldPublishers(executor, counters);
    }

    /** The loop on whose thread the caller runs, or null. */
    public static @Nullable SessionLoop current() {
        return CURRENT.get();
    }

    /** Called once, first thing, on the loop's thread. */
    public void enter() {
        CURRENT.set(this);
    }

    /** Its place among the loops of the broker. */
    public int index() {
        return index;
    }

    /** What it has counted. */
    public LoopCounters counters() {
        return counters;
    }

    /** Milliseconds since 1970. Any thread. */
    public long nowMillis() {
        return clock.millis();
    }

    @Override
    public long nowNanos() {
        return executor.nowNanos();
    }

    /** Whether the calling thread is the loop's. Any thread. */
    public boolean inLoop() {
        return executor.inLoop();
    }

    /** Runs {@code task} on the loop. Any thread. */
    public void execute(Runnable task) {
        executor.execute(task);
    }

    /**
     * Runs {@code task} on the loop at once if the caller is on it, else hands it in. Any thread.
     */
    public void run(Runnable task) {
        if (executor.inLoop()) {
            task.run();
        } else {
            executor.execute(task);
        }
    }

    @Override
    public Runnable schedule(Runnable task, long delayMillis) {
        return executor.schedule(task, delayMillis);
    }

    /** Deliveries that other loops have handed over and that wait. Any thread. */
    public int mailboxDepth() {
        return mailbox.depth();
    }

    /**
     * Notes that {@code output} is to be flushed at the end of this turn. The caller does so at
     * most once a turn.
     */
    public void noteDirty(TurnEnd output) {
        dirty.add(output);
    }

    /** The publishers that wait on this loop. */
    public HeldPublishers held() {
        return held;
    }

    /** Whether publishers on this loop should wait because another loop does not keep up. */
    public boolean isPressed() {
        return pressed && !isRelieved();
    }

    /** Makes {@code publisher} wait until the pressure is gone. */
    public void hold(Publisher publisher) {
        held.hold(publisher, Limit.EVENT_LOOP, relief);
    }

    /**
     * A delivery of a message that matched {@code subscription}. Subscribers with equal options
     * share one, which matters to a message with many of them.
     */
    Delivery delivery(Message message, Qos qos, boolean retain, Subscription subscription) {
        SubscriptionIdentifiers identifiers = subscription.identifiers();
        String share = subscription.share();
        Delivery last = lastDelivery;
        if (last != null && last.isMadeOf(message, qos, retain, identifiers, share)) {
            return last;
        }
        Delivery made = new Delivery(message, qos, retain, identifiers, share);
        lastDelivery = made;
        return made;
    }

    /**
     * Hands a delivery to a session of this loop: at the end of the caller's turn if the caller is
     * a loop. Any other thread.
     */
    void handIn(Session session, Message message, Subscription subscription, boolean isPromised) {
        SessionLoop here = current();
        if (here == null) {
            execute(() -> session.arrive(message, subscription, isPromised));
        } else {
            here.handOver(session, message, subscription, isPromised);
        }
    }

    private void handOver(
            Session session, Message message, Subscription subscription, boolean isPromised) {
        int target = session.loop().index;
        Batch batch = outgoing[target];
        if (batch == null) {
            batch = emptyBatch();
            outgoing[target] = batch;
            handingOver = true;
        }
        batch.add(session, message, subscription, isPromised);
    }

    private Batch emptyBatch() {
        Batch oldest = handedOver.peek();
        return oldest != null && oldest.takeIfEmptied() ? handedOver.remove() : new Batch();
    }

    /** Hands over what was collected for other loops and flushes what was noted. */
    public void endTurn() {
        lastDelivery = null; // or an idle loop would hold the message
        if (handingOver) {
            handingOver = false;
            postAll();
        }
        if (!dirty.isEmpty()) {
            flushAll();
        }
    }

    private void postAll() {
        boolean high = false;
        for (int target = 0; target < outgoing.length; target++) {
            Batch batch = outgoing[target];
            if (batch != null) {
                outgoing[target] = null;
                if (batch.isWorthKeeping() && handedOver.size() < BATCHES_KEPT * loops.length) {
                    handedOver.add(batch);
                }
                loops[target].mailbox.post(batch);
                high |= loops[target].mailbox.depth() > PRESSURE_HIGH;
            }
        }
        pressed |= high;
    }

    /** Whether all other loops keep up again. */
    private boolean isRelieved() {
        for (SessionLoop loop : loops) {
            if (loop != this && loop.mailbox.depth() > PRESSURE_LOW) {
                return false;
            }
        }
        pressed = false;
        return true;
    }

    private void flushAll() {
        // A flush may fail and close its connection, which may note another; so no iterator, and
        // the size is read each time.
        for (int i = 0; i < dirty.size(); i++) {
            flush(dirty.get(i));
        }
        dirty.clear();
    }

    private void flush(TurnEnd output) {
        try {
            output.endTurn();
        } catch (RuntimeException | Error failure) {
            // The others are not to wait for it, and the loop's thread must not end with it.
            log.error("flush failed loop={}", index, failure);
        }
    }
}
