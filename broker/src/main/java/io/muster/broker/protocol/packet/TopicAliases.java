package io.muster.broker.protocol.packet;

import org.jspecify.annotations.Nullable;

/**
 * The topic aliases that the broker gives to the topics it sends one client most [MQTT5 3.3.2.3.4].
 *
 * <p>Each topic has one place, given by its hash code, and each place one alias. The first topic
 * that comes to a place has it, until another comes there twice without the first in between; so
 * hot topics have their aliases soon, and topics that come once cost the others nothing.
 *
 * <p>Confined to the connection's loop.
 */
public final class TopicAliases {

    /** More would make the client remember more than it gains. */
    private static final int MAX = 64;

    private final @Nullable String[] holders;
    private final @Nullable String[] candidates;

    /**
     * No topic has an alias yet.
     *
     * @param topicAliasMaximum how many the client takes; 0 is none
     */
    public TopicAliases(int topicAliasMaximum) {
        int places = Math.min(topicAliasMaximum, MAX);
        this.holders = new String[places];
        this.candidates = new String[places];
    }

    /**
     * The alias to send with a topic: 0 is none, a positive one is new and goes with the topic, a
     * negative one stands for it.
     */
    int aliasOf(String topic) {
        if (holders.length == 0) {
            return 0;
        }
        int place = Math.floorMod(topic.hashCode(), holders.length);
        if (topic.equals(holders[place])) {
            candidates[place] = null;
            return -(place + 1);
        }
        if (holders[place] != null && !topic.equals(candidates[place])) {
            candidates[place] = topic;
            return 0;
        }
        holders[place] = topic;
        candidates[place] = null;
        return place + 1;
    }
}
