package io.muster.broker;

import io.muster.broker.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Where a listener of the hub will publish what it makes of a message. Whoever publishes such
 * messages waits for the subscribers of that topic as for those of its own.
 */
@FunctionalInterface
public interface OnwardTopic {

    /**
     * The topic, or null if nothing comes of the message that somebody should be waited for. Called
     * on event loops, before the message is given to anybody: must return at once, and change
     * nothing.
     */
    @Nullable String of(Message message);
}
