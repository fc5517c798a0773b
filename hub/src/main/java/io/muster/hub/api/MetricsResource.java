package io.muster.hub.api;

import io.javalin.config.RoutesConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** The metrics in the Prometheus text format; no token needed. Shared. */
final class MetricsResource implements Resource {

    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry meters;

    MetricsResource(PrometheusMeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/metrics", ctx -> ctx.contentType(TEXT_FORMAT).result(meters.scrape()));
    }
}
