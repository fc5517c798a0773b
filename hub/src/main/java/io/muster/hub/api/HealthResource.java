package io.muster.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;

/** Health pages for whoever restarts the hub or sends it traffic; they need no token. Shared. */
final class HealthResource implements Resource {

    private final Readiness readiness;

    HealthResource(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/health/live", ctx -> Json.answer(ctx, 200, Json.object().put("status", "UP")));
        routes.get("/health/ready", this::ready);
    }

    private void ready(Context ctx) {
        Map<String, String> problems = readiness.problems();
        if (problems.isEmpty()) {
            Json.answer(ctx, 200, Json.object().put("status", "UP"));
            return;
        }
        ObjectNode answer = Json.object().put("status", "DOWN");
        ObjectNode notReady = answer.putObject("notReady");
        problems.forEach(notReady::put);
        Json.answer(ctx, 503, answer);
    }
}
