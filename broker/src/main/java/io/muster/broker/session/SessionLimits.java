package io.muster.broker.session;

/**
 * Bounds of sessions.
 *
 * @param sessionsMax how many there may be
 * @param queueMessagesMax messages that may wait for one
 * @param queueBytesMax payload bytes that may wait for one
 */
public record SessionLimits(int sessionsMax, int queueMessagesMax, long queueBytesMax) {}
