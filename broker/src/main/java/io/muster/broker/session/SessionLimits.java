package io.muster.broker.session;

/**
 * Bounds of sessions.
 *
 * @param sessionsMax how many there may be
 * @param queueMessagesMax messages that may wait for one
 * @param queueBytesMax bytes that may wait for one, as {@link
 *     io.muster.broker.message.Message#bytes} counts
 * @param queuePolicy what happens when more come
 * @param stallMillis how long a client may take nothing while publishers wait for it; in ten times
 *     that it must have caught up
 */
public record SessionLimits(
        int sessionsMax,
        int queueMessagesMax,
        long queueBytesMax,
        QueuePolicy queuePolicy,
        long stallMillis) {

    /**
     * Whether publishers wait for a connected client that does not keep up; otherwise they are told
     * when its queue is full.
     */
    boolean holdsPublishers() {
        return queuePolicy != QueuePolicy.REFUSE;
    }

    /** Messages of QoS 1 and 2 that wait for a connected client from which on publishers wait. */
    int behindMessages() {
        return Math.max(1, queueMessagesMax / 2);
    }

    /** The same of bytes. */
    long behindBytes() {
        return queueBytesMax / 2;
    }

    /** Messages of QoS 1 and 2 that may be left when publishers go on. */
    int caughtUpMessages() {
        return queueMessagesMax / 4;
    }

    /** The same of bytes. */
    long caughtUpBytes() {
        return queueBytesMax / 4;
    }

    /** What happens to a message for a session whose queue is full. */
    public enum QueuePolicy {
        /** What waits longest is dropped; a message of QoS 0 never drives out one of QoS 1 or 2. */
        DROP_OLDEST,
        /** The message that comes is dropped. */
        DROP_NEWEST,
        /**
         * A publisher that can be told is refused; a message that nobody can be told of, or that
         * was accepted before the session was seen to be full, is dropped.
         */
        REFUSE
    }
}
