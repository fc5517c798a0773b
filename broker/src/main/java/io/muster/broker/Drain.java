package io.muster.broker;

import io.muster.broker.protocol.Redirection;
import java.util.Optional;

/**
 * Sends the clients elsewhere, so that the broker can be stopped or relieved [MQTT5 4.11]. While it
 * drains, every CONNECT is refused and those who are connected are disconnected at a pace. Safe for
 * use by any thread; never blocks.
 */
public interface Drain {

    /** Clients a second, if nobody says otherwise. */
    int PER_SECOND = 500;

    /** The most clients a second. */
    int PER_SECOND_MAX = 1_000_000;

    /**
     * What is going on.
     *
     * @param redirection where the clients are sent
     * @param perSecond how many a second
     * @param clientsLeft how many are still connected
     */
    record Status(Redirection redirection, int perSecond, long clientsLeft) {}

    /**
     * Begins to drain; if the broker drains already, changes where to and how fast.
     *
     * @param perSecond clients to disconnect a second, 1 to {@link #PER_SECOND_MAX}
     * @throws IllegalArgumentException if it is not
     */
    void start(Redirection redirection, int perSecond);

    /** Ends the drain: clients are let in again. Does nothing if the broker does not drain. */
    void stop();

    /** What is going on; empty if the broker does not drain. */
    Optional<Status> status();
}
