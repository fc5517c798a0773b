package io.muster.broker.session;

/**
 * Bounds of sessions.
 *
 * @param sessionsMax how many there may be
 * @param queueMessagesMax messages that may wait for one
 * @param queueBytesMax bytes that may wait for one, as {@link
 *     io.muster.broker.message.Message#bytes} counts
 * @param queuePolicy what happens when more come
 */
public record SessionLimits(
        int sessionsMax, int queueMessagesMax, long queueBytesMax, QueuePolicy queuePolicy) {

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
