package io.muster.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Routes;
import io.muster.hub.monitoring.Readiness;
import java.util.Map;

/**
 * Health pages for whoever restarts the hub or sends it traffic, and metrics in the Prometheus text
 * format; they need no token. Shared.
 */
final class MonitoringResource {

    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final Readiness readiness;
    private final PrometheusMeterRegistry meters;

    MonitoringResource(Readiness readiness, PrometheusMeterRegistry meters) {
        this.readiness = readiness;
        this.meters = meters;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        Routes.read(
                routes,
                "/health/live",
                Needs.NOTHING,
                ctx -> Json.answer(ctx, 200, Json.object().put("status", "UP")));
        Routes.read(routes, "/health/ready", Needs.NOTHING, this::ready);
        Routes.read(
                routes,
                "/metrics",
                Needs.NOTHING,
                ctx -> ctx.contentType(TEXT_FORMAT).result(meters.scrape()));
    }

    private void ready(Context ctx) {
        Map<String, String> problems = readiness.problems();
        ObjectNode answer = Json.object().put("status", problems.isEmpty() ? "UP" : "DOWN");
        put(answer, "notReady", problems);
        put(answer, "warnings", readiness.warnings());
        Json.answer(ctx, problems.isEmpty() ? 200 : 503, answer);
    }

    private static void put(ObjectNode answer, String name, Map<String, String> parts) {
        if (!parts.isEmpty()) {
            ObjectNode reasons = answer.putObject(name);
            parts.forEach(reasons::put);
        }
    }
}
