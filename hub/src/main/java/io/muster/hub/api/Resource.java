package io.muster.hub.api;

import io.javalin.config.RoutesConfig;

/** Some paths of the HTTP server and what answers there. Shared by its threads. */
interface Resource {

    /** Registers the routes; called once, before the server starts. */
    void addTo(RoutesConfig routes);
}
