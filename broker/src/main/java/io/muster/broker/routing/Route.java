package io.muster.broker.routing;

import org.jspecify.annotations.Nullable;

/**
 * What a publisher remembers of one topic: who is to get its messages, and whether it may publish
 * there. Confined to the publisher's thread; made by {@link RouteCache}.
 */
public final class Route {

    /**
     * Larger matches are not kept, since idle publishers would keep them, and subscribers long
     * gone, alive. Making them anew costs less than handing out the message that they are for.
     */
    static final int KEPT_MAX = 256;

    private final String topic;
    private Subscription @Nullable [] matches;
    private long version;
    private @Nullable Boolean publishAllowed;

    Route(String topic) {
        this.topic = topic;
    }

    /** The topic name. */
    public String topic() {
        return topic;
    }

    /**
     * The subscriptions that match now; those found before, as long as the tree has not changed.
     *
     * @param tree always the same one
     * @return only to be read
     */
    public Subscription[] matches(TopicTree tree) {
        // The version is read before the match: see TopicTree.
        long current = tree.version();
        Subscription[] kept = matches;
        if (kept != null && version == current) {
            return kept;
        }
        Subscription[] found = tree.match(topic);
        matches = found.length <= KEPT_MAX ? found : null;
        version = current;
        return found;
    }

    /**
     * Whether the publisher may publish to the topic; null if that has not been decided. A topic
     * with a decision has been checked to be a valid one, so it need not be checked again.
     */
    public @Nullable Boolean publishAllowed() {
        return publishAllowed;
    }

    /** Remembers the decision. */
    public void publishAllowed(boolean allowed) {
        publishAllowed = allowed;
    }
}
