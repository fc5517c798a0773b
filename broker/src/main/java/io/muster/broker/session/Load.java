package io.muster.broker.session;

import io.muster.broker.message.Message;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How busy a session is, as publishers on other threads see it: at most a moment old. Written on
 * the session's loop, except {@link #expect}; read by any thread, without locks or fences.
 */
final class Load {

    private static final VarHandle CONNECTED = handle("connected", boolean.class);
    private static final VarHandle WAITING = handle("waiting", int.class);
    private static final VarHandle WAITING_BYTES = handle("waitingBytes", long.class);
    private static final VarHandle EARLIEST_EXPIRY = handle("earliestExpiryMillis", long.class);
    private static final VarHandle UNACKNOWLEDGED = handle("unacknowledged", int.class);
    private static final VarHandle EXPECTED = handle("expected", int.class);

    private final SessionLimits limits;

    // All through their handles only.
    @SuppressWarnings("UnusedVariable")
    private boolean connected;

    @SuppressWarnings("UnusedVariable")
    private int waiting;

    @SuppressWarnings("UnusedVariable")
    private long waitingBytes;

    @SuppressWarnings("UnusedVariable")
    private long earliestExpiryMillis = Message.NEVER;

    @SuppressWarnings("UnusedVariable")
    private int unacknowledged;

    @SuppressWarnings("UnusedVariable")
    private int expected;

    Load(SessionLimits limits) {
        this.limits = limits;
    }

    private static VarHandle handle(String field, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(Load.class, field, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    void connected(boolean isConnected) {
        CONNECTED.setOpaque(this, isConnected);
    }

    void queue(int messages, long bytes, long expiryMillis, int messagesUnacknowledged) {
        WAITING.setOpaque(this, messages);
        WAITING_BYTES.setOpaque(this, bytes);
        EARLIEST_EXPIRY.setOpaque(this, expiryMillis);
        UNACKNOWLEDGED.setOpaque(this, messagesUnacknowledged);
    }

    /** A message of a shared subscription is on its way here from another loop. Any thread. */
    void expect() {
        EXPECTED.getAndAdd(this, 1);
    }

    /** A message that was expected has come. */
    void arrived() {
        EXPECTED.getAndAdd(this, -1);
    }

    boolean isConnected() {
        return (boolean) CONNECTED.getOpaque(this);
    }

    boolean hasRoomFor(Message message) {
        return waitingOrExpected() < limits.queueMessagesMax()
                && (long) WAITING_BYTES.getOpaque(this) + message.bytes() <= limits.queueBytesMax();
    }

    /** Whether a message that waits has expired, so that it will make room for one that comes. */
    boolean holdsExpired(long nowMillis) {
        return (long) EARLIEST_EXPIRY.getOpaque(this) <= nowMillis;
    }

    /** Messages that wait, are expected, or are sent and not acknowledged. */
    int messages() {
        return waitingOrExpected() + (int) UNACKNOWLEDGED.getOpaque(this);
    }

    private int waitingOrExpected() {
        return (int) WAITING.getOpaque(this) + (int) EXPECTED.getOpaque(this);
    }
}
