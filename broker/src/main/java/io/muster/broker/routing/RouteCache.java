package io.muster.broker.routing;

import org.jspecify.annotations.Nullable;

/**
 * The topics that one publisher used of late, each with its {@link Route}. Confined to the thread
 * of the publisher's connection.
 *
 * <p>Each topic has one place, given by its hash code; another topic with the same place drives it
 * out. A publisher that has more topics than places, or two that collide, is served as well, only
 * slower. A connection that never publishes owns no places.
 */
public final class RouteCache {

    private final int size;
    private @Nullable Route @Nullable [] routes;

    /**
     * An empty cache.
     *
     * @param size number of places, a power of two
     */
    public RouteCache(int size) {
        if (Integer.bitCount(size) != 1 || size < 1) {
            throw new IllegalArgumentException("size must be a power of two, not " + size);
        }
        this.size = size;
    }

    /** The route of a topic: the one remembered, or a new one that knows nothing yet. */
    public Route route(String topic) {
        @Nullable Route[] places = routes;
        if (places == null) {
            places = new Route[size];
            routes = places;
        }
        int hash = topic.hashCode();
        int place = (hash ^ (hash >>> 16)) & (size - 1);
        Route route = places[place];
        if (route == null || !route.topic().equals(topic)) {
            route = new Route(topic);
            places[place] = route;
        }
        return route;
    }
}
