package io.muster.auth;

import io.muster.auth.spi.TopicPermissions;

/** Of who may use no topic at all. Immutable, shared. */
public final class NoTopics implements TopicPermissions {

    /** The only one. */
    public static final NoTopics INSTANCE = new NoTopics();

    private NoTopics() {}

    @Override
    public boolean mayPublish(String topicName) {
        return false;
    }

    @Override
    public boolean maySubscribe(String topicFilter) {
        return false;
    }
}
