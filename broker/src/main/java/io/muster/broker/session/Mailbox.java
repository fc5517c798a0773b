package io.muster.broker.session;

import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;

/**
 * What other loops have for one loop.
 *
 * <p>Anybody may post; only the owner drains. A drain is scheduled by the post that finds none
 * scheduled, so a loop is woken once however many batches come, and the flag is cleared
 * <em>before</em> the queue is emptied: a batch that comes in between is either seen by this drain
 * or schedules the next. Nothing is lost and nothing is drained twice.
 *
 * <p>The queue itself has no bound, because a batch of acknowledged messages must not be dropped;
 * the bound is that loops whose batches wait here stop reading from their publishers while {@link
 * #depth} is above a watermark.
 */
final class Mailbox {

    private static final int CHUNK = 64;

    /** Batches taken in one go, so that a flood does not keep the loop from its sockets. */
    private static final int DRAIN_MAX = 256;

    /** The variant without Unsafe, of whose use later Java versions warn. */
    private final Queue<Batch> batches = new MpscUnboundedAtomicArrayQueue<>(CHUNK);

    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicInteger depth = new AtomicInteger();
    private final Executor owner;
    private final Runnable drain = this::drain;

    Mailbox(Executor owner) {
        this.owner = owner;
    }

    /** Hands a batch over. Any thread. */
    void post(Batch batch) {
        depth.addAndGet(batch.deliveries());
        batches.add(batch);
        if (scheduled.compareAndSet(false, true)) {
            owner.execute(drain);
        }
    }

    /** Number of deliveries that wait. Any thread. */
    int depth() {
        return depth.get();
    }

    private void drain() {
        scheduled.set(false);
        for (int taken = 0; taken < DRAIN_MAX; taken++) {
            Batch batch = batches.poll();
            if (batch == null) {
                return;
            }
            depth.addAndGet(-batch.deliveries());
            batch.deliverAll();
        }
        if (!batches.isEmpty() && scheduled.compareAndSet(false, true)) {
            owner.execute(drain);
        }
    }
}
