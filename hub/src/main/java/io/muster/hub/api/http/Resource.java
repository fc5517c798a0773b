package io.muster.hub.api.http;

import io.javalin.config.RoutesConfig;

/** Some routes of the management API. */
public interface Resource {

    /** Registers the routes, each with what it needs of whoever calls it. */
    void addTo(RoutesConfig routes);
}
