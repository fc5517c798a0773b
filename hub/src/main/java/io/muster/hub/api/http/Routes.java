package io.muster.hub.api.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.security.RouteRole;

/** Where the routes of the API are, and how they are registered. Shared, without state. */
public final class Routes {

    /** Where version 1 of the API is. */
    public static final String ROOT = "/api/v1";

    private Routes() {}

    /**
     * Registers {@code handler} for GET, and for HEAD, which must have the same status and header
     * [RFC 9110 9.3.2]: whoever probes with HEAD must not take a hub for ready that is not.
     *
     * @param needs what it needs of whoever calls it
     */
    public static void read(RoutesConfig routes, String path, RouteRole needs, Handler handler) {
        routes.get(path, handler, needs);
        routes.head(path, handler, needs);
    }
}
