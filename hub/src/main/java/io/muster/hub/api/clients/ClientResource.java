package io.muster.hub.api.clients;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.broker.Clients;
import io.muster.broker.spi.ConnectedClient;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import java.util.List;

/**
 * The connected clients. Shared.
 *
 * <p>A client identifier may hold any character, and that of a device always holds a slash; in the
 * path it may stand as it is or percent-encoded.
 */
public final class ClientResource implements Resource {

    private static final String CLIENTS = Routes.ROOT + "/clients";
    private static final String CLIENT = CLIENTS + "/<clientId>";

    private final Clients clients;

    /** Over these clients. */
    public ClientResource(Clients clients) {
        this.clients = clients;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, CLIENTS, Needs.READ, this::list);
        Routes.read(routes, CLIENT, Needs.READ, this::show);
        routes.delete(CLIENT, this::disconnect, Needs.operate("client.disconnect").toProtect());
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        List<ConnectedClient> connected = clients.list(page.after(), page.readLimit());
        Json.answer(
                ctx, 200, page.answer(connected, ConnectedClient::clientIdentifier, this::view));
    }

    private void show(Context ctx) {
        String identifier = identifier(ctx);
        Json.answer(
                ctx,
                200,
                view(clients.find(identifier).orElseThrow(() -> notConnected(identifier))));
    }

    private void disconnect(Context ctx) {
        String identifier = identifier(ctx);
        if (!Stages.await(clients.disconnect(identifier))) {
            throw notConnected(identifier);
        }
        ctx.status(204);
    }

    private static String identifier(Context ctx) {
        return ctx.pathParam("clientId");
    }

    private static ApiProblem notConnected(String identifier) {
        return ApiProblem.notFound("there is no connected client '" + identifier + "'");
    }

    private ObjectNode view(ConnectedClient client) {
        return Json.object()
                .put("clientId", client.clientIdentifier())
                .put("sentClientId", client.sentClientIdentifier())
                .put("principal", client.identity().principal())
                .put("address", client.remoteAddress().getAddress().getHostAddress())
                .put("port", client.remoteAddress().getPort())
                .put("listener", client.listener())
                .put("protocolLevel", client.protocolLevel())
                .put("keepAliveSeconds", client.keepAliveSeconds())
                .put("connectedAt", client.connectedAt().toString())
                .put("contested", clients.isContested(client.clientIdentifier()));
    }
}
