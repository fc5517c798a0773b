package io.muster.broker.session;

import io.muster.broker.message.Message;
import io.muster.broker.spi.StoredSession;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How busy a session is, as publishers on other threads see it. Written on the session's loop,
 * except {@link #expect} and {@link #letsGoOn}; read by any thread, without locks.
 *
 * <p>A message that another loop has for the session is expected before it is on its way, and no
 * longer when it is counted among those that wait. So whoever adds up both sees it at least once at
 * any moment, and a publisher that looks before each message finds exactly when there is no room.
 * Only those who look at the same moment on several loops do not see each other: that is one
 * message for each loop.
 */
final class Load {

    private static final VarHandle CONNECTED = handle("connected", boolean.class);
    private static final VarHandle WAITING = handle("waiting", int.class);
    private static final VarHandle WAITING_BYTES = handle("waitingBytes", long.class);
    private static final VarHandle OWED = handle("owed", int.class);
    private static final VarHandle OWED_BYTES = handle("owedBytes", long.class);
    private static final VarHandle EARLIEST_EXPIRY = handle("earliestExpiryMillis", long.class);
    private static final VarHandle UNACKNOWLEDGED = handle("unacknowledged", int.class);
    private static final VarHandle WAITED_FOR = handle("waitedFor", boolean.class);
    private static final VarHandle EXPECTED = handle("expected", long.class);

    /** Where in {@link #expected} the messages stand; their bytes are below. */
    private static final int MESSAGES_SHIFT = 40;

    private static final long BYTES_MASK = (1L << MESSAGES_SHIFT) - 1;

    private final SessionLimits limits;

    // All through their handles only.
    @SuppressWarnings("UnusedVariable")
    private boolean connected;

    @SuppressWarnings("UnusedVariable")
    private int waiting;

    @SuppressWarnings("UnusedVariable")
    private long waitingBytes;

    /** Those of QoS 1 and 2 among the waiting. */
    @SuppressWarnings("UnusedVariable")
    private int owed;

    @SuppressWarnings("UnusedVariable")
    private long owedBytes;

    @SuppressWarnings("UnusedVariable")
    private long earliestExpiryMillis = Message.NEVER;

    @SuppressWarnings("UnusedVariable")
    private int unacknowledged;

    @SuppressWarnings("UnusedVariable")
    private boolean waitedFor;

    @SuppressWarnings("UnusedVariable")
    private long expected;

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

    /** What waits has changed. */
    void note(StoredSession state) {
        WAITING.setOpaque(this, state.queuedMessages());
        WAITING_BYTES.setOpaque(this, state.queuedBytes());
        OWED.setOpaque(this, state.queuedMessages() - state.queuedQosZero());
        OWED_BYTES.setOpaque(this, state.queuedBytes() - state.queuedQosZeroBytes());
        EARLIEST_EXPIRY.setOpaque(this, state.earliestExpiryMillis());
        UNACKNOWLEDGED.setOpaque(this, state.unacknowledgedCount());
    }

    /** A message is on its way here from another loop. Any thread. */
    void expect(Message message) {
        EXPECTED.getAndAdd(this, expectation(message));
    }

    /** A message that was expected has come. */
    void arrived(Message message) {
        EXPECTED.getAndAdd(this, -expectation(message));
    }

    private static long expectation(Message message) {
        return (1L << MESSAGES_SHIFT) + message.bytes();
    }

    boolean isConnected() {
        return (boolean) CONNECTED.getOpaque(this);
    }

    boolean hasRoomFor(Message message) {
        // Before those that wait: what comes meanwhile is seen twice rather than not at all.
        long expectedNow = expectedNow();
        return (int) WAITING.getOpaque(this) + messages(expectedNow) < limits.queueMessagesMax()
                && (long) WAITING_BYTES.getOpaque(this) + bytes(expectedNow) + message.bytes()
                        <= limits.queueBytesMax();
    }

    /** Whether so much of QoS 1 and 2 waits, or is expected, that publishers are to wait. */
    boolean isBehind() {
        long expectedNow = expectedNow();
        return (int) OWED.getOpaque(this) + messages(expectedNow) >= limits.behindMessages()
                || (long) OWED_BYTES.getOpaque(this) + bytes(expectedNow) >= limits.behindBytes();
    }

    /** Whether so little of QoS 1 and 2 is left that publishers may go on. */
    boolean hasCaughtUp() {
        long expectedNow = expectedNow();
        return (int) OWED.getOpaque(this) + messages(expectedNow) <= limits.caughtUpMessages()
                && (long) OWED_BYTES.getOpaque(this) + bytes(expectedNow) <= limits.caughtUpBytes();
    }

    /** The same, asked by a publisher that waits, which is noted if it waits on. Any thread. */
    boolean letsGoOn() {
        boolean hasCaughtUp = hasCaughtUp();
        if (!hasCaughtUp) {
            WAITED_FOR.setOpaque(this, true);
        }
        return hasCaughtUp;
    }

    /** Whether one has waited on since this was last asked. */
    boolean takeWaitedFor() {
        boolean was = (boolean) WAITED_FOR.getOpaque(this);
        WAITED_FOR.setOpaque(this, false);
        return was;
    }

    /** Whether a message that waits has expired, so that it will make room for one that comes. */
    boolean holdsExpired(long nowMillis) {
        return (long) EARLIEST_EXPIRY.getOpaque(this) <= nowMillis;
    }

    /** Messages that are on their way here. */
    int expectedMessages() {
        return messages(expectedNow());
    }

    /** Messages that wait, are expected, or are sent and not acknowledged. */
    int messages() {
        return (int) WAITING.getOpaque(this)
                + expectedMessages()
                + (int) UNACKNOWLEDGED.getOpaque(this);
    }

    private long expectedNow() {
        return (long) EXPECTED.getAcquire(this);
    }

    private static int messages(long expected) {
        return (int) (expected >>> MESSAGES_SHIFT);
    }

    private static long bytes(long expected) {
        return expected & BYTES_MASK;
    }
}
