package io.muster.hub.api.clients;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.auth.guard.Bar;
import io.muster.auth.guard.Bars;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.time.Duration;

/**
 * Who is barred from signing in at present. Shared.
 *
 * <p>The identifier of a bar holds slashes, and perhaps a name that a client thought of; in the
 * path it may stand as it is or percent-encoded.
 */
public final class BarResource implements Resource {

    private static final String BARS = Routes.ROOT + "/bars";
    private static final String BAR = BARS + "/<id>";

    private final Bars bars;

    /** Over these bars. */
    public BarResource(Bars bars) {
        this.bars = bars;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, BARS, Needs.READ, this::list);
        routes.delete(BAR, this::lift, Needs.operate("bar.lift"));
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        Json.answer(
                ctx,
                200,
                page.answer(bars.list(page.after(), page.readLimit()), Bar::id, BarResource::view));
    }

    private void lift(Context ctx) {
        String id = ctx.pathParam("id");
        if (!bars.lift(id)) {
            throw ApiProblem.notFound("there is no bar '" + id + "'");
        }
        ctx.status(204);
    }

    private static ObjectNode view(Bar bar) {
        ObjectNode view = Json.object().put("id", bar.id()).put("guard", bar.guard().word());
        bar.name().ifPresent(name -> view.put("name", name));
        bar.address().ifPresent(address -> view.put("address", address));
        return view.put("count", bar.count()).put("secondsLeft", secondsUp(bar.remaining()));
    }

    /** Never 0: it is barred yet. */
    private static long secondsUp(Duration duration) {
        return duration.plusSeconds(1).minusNanos(1).toSeconds();
    }
}
