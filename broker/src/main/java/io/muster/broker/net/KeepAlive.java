package io.muster.broker.net;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a client may be silent: one and a half times its keep alive. What ends a silence is a
 * control packet, that is a whole one [MQTT-3.1.2-22]: bytes of a packet that is never finished
 * keep no connection, and a packet must not take longer than that to arrive.
 *
 * <p>A little is added for what is on the way: a client that looks once a second whether to send
 * PINGREQ, as Paho's do, may send it at the very moment at which its time is over.
 *
 * <p>Confined to the connection's loop.
 */
final class KeepAlive {

    static final Duration ON_THE_WAY = Duration.ofMillis(250);

    private final long silenceNanosMax;
    private long sinceNanos;

    /**
     * The silence begins.
     *
     * @param seconds the keep alive in force; 0 is off
     * @param nowNanos nanoseconds since any moment, as for all that follows
     */
    KeepAlive(int seconds, long nowNanos) {
        this.silenceNanosMax =
                seconds == 0 ? 0 : TimeUnit.SECONDS.toNanos(seconds) * 3 / 2 + ON_THE_WAY.toNanos();
        this.sinceNanos = nowNanos;
    }

    /** Whether there is a limit. */
    boolean isOn() {
        return silenceNanosMax > 0;
    }

    /** The client was heard, or could not be: its silence begins anew. */
    void restart(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /** What is left until the client counts as gone; 0 or less if it does. */
    long leftNanos(long nowNanos) {
        return silenceNanosMax - (nowNanos - sinceNanos);
    }
}
