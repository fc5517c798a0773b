package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.hub.api.Json;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.Resource;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Needs;
import java.util.Locale;

/** Tells whoever asks who he is. Shared, without state. */
public final class MeResource implements Resource {

    @Override
    public void addTo(RoutesConfig routes) {
        ManagementApi.read(routes, ManagementApi.ROOT + "/me", Needs.READ, MeResource::show);
    }

    private static void show(Context ctx) {
        Caller caller = Caller.of(ctx);
        ObjectNode view = Json.object().put("kind", caller.kind().name().toLowerCase(Locale.ROOT));
        if (!caller.name().isEmpty()) {
            view.put("name", caller.name());
        }
        view.put("role", caller.role().word());
        caller.expiresAt().ifPresent(time -> view.put("expiresAt", time.toString()));
        Json.answer(ctx, 200, view);
    }
}
