package io.muster.hub.api;

import io.javalin.config.RoutesConfig;

/** Some routes of the management API. */
public interface Resource {

    /** Registers the routes. */
    void addTo(RoutesConfig routes);
}
