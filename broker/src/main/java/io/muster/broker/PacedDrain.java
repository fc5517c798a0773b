package io.muster.broker;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.Redirection;
import io.muster.broker.session.Session;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drain of the sessions of a broker.
 *
 * <p>Somebody calls {@link #tick} every {@link #TICK_MILLIS}; each tick ends as many connections as
 * the pace allows for the time since the one before. A tick that comes late makes up for a second
 * at most, lest a stall be followed by a storm of reconnects elsewhere. The sessions are walked
 * through once, from tick to tick, and again from the beginning while anybody is connected: a
 * CONNECT that was being answered when the drain began may get in behind the walk.
 *
 * <p>Shared; {@link #tick} is confined to one thread.
 */
final class PacedDrain implements Drain {

    /** Time between two ticks. */
    static final long TICK_MILLIS = 100;

    private static final Logger log = LoggerFactory.getLogger(PacedDrain.class);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Collection<Session> sessions;
    private final LongSupplier clients;
    private final LongSupplier nanoTime;
    private volatile @Nullable Order order;

    // Confined to the thread of the ticks.
    private @Nullable Order followed;
    private Iterator<Session> walk = Collections.emptyIterator();
    private long lastNanos;

    /** What the pace has allowed and was not used, in billionths of a client. */
    private long credit;

    private record Order(Redirection redirection, int perSecond) {}

    /**
     * A drain that does not drain.
     *
     * @param sessions all sessions, as they come and go
     * @param clients how many of them are connected
     * @param nanoTime the time, in nanoseconds since any moment
     */
    PacedDrain(Collection<Session> sessions, LongSupplier clients, LongSupplier nanoTime) {
        this.sessions = sessions;
        this.clients = clients;
        this.nanoTime = nanoTime;
    }

    @Override
    public void start(Redirection redirection, int perSecond) {
        if (perSecond < 1 || perSecond > PER_SECOND_MAX) {
            throw new IllegalArgumentException(
                    "%d clients a second; must be 1 to %d".formatted(perSecond, PER_SECOND_MAX));
        }
        order = new Order(redirection, perSecond);
        log.info(
                "draining moved={} serverReference={} perSecond={} clients={}",
                redirection.moved(),
                new Quoted(redirection.serverReference().orElse("-")),
                perSecond,
                clients.getAsLong());
    }

    @Override
    public void stop() {
        if (order != null) {
            order = null;
            log.info("draining stopped clients={}", clients.getAsLong());
        }
    }

    @Override
    public Optional<Status> status() {
        return Optional.ofNullable(order)
                .map(now -> new Status(now.redirection(), now.perSecond(), clients.getAsLong()));
    }

    /** Where clients are sent; empty if they may stay. */
    Optional<Redirection> redirection() {
        return Optional.ofNullable(order).map(Order::redirection);
    }

    /** Ends as many connections as are due. */
    void tick() {
        Order now = order;
        long nanos = nanoTime.getAsLong();
        if (now != null && followed != null) {
            credit += Math.min(nanos - lastNanos, SECOND_NANOS) * now.perSecond();
            disconnectDue(now.redirection());
        } else {
            credit = 0;
            walk = Collections.emptyIterator();
        }
        followed = now;
        lastNanos = nanos;
    }

    private void disconnectDue(Redirection redirection) {
        if (!walk.hasNext() && clients.getAsLong() > 0) {
            walk = sessions.iterator();
        }
        while (credit >= SECOND_NANOS && walk.hasNext()) {
            Session session = walk.next();
            if (session.client() != null) {
                credit -= SECOND_NANOS;
                session.loop().execute(() -> session.end(redirection.end()));
            }
        }
        // What nobody was there to use is not saved up for those who come.
        credit = Math.min(credit, SECOND_NANOS);
    }
}
