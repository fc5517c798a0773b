package io.muster.broker.routing;

/** Placeholder that the routing room replaces. */
public record TopicFilter(String text) {}
