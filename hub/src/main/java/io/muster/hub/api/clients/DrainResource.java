package io.muster.hub.api.clients;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.broker.Drain;
import io.muster.broker.protocol.Redirection;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends the clients elsewhere, and lets them in again. Shared. */
public final class DrainResource implements Resource {

    private static final String DRAIN = Routes.ROOT + "/drain";

    private static final String REFERENCE = "serverReference";
    private static final String MOVED = "moved";
    private static final String PER_SECOND = "perSecond";

    /** A name or an address, the latter in brackets if it is of IPv6, and perhaps a port. */
    private static final Pattern SERVER =
            Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([1-9][0-9]{0,4}))?");

    private static final int PORT_MAX = 65_535;

    private static final int REFERENCE_LENGTH_MAX = 1_024;

    private final Drain drain;

    /** Over this drain. */
    public DrainResource(Drain drain) {
        this.drain = drain;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(DRAIN, this::start, Needs.admin("drain.start"));
        Routes.read(routes, DRAIN, Needs.READ, this::show);
        routes.delete(DRAIN, this::stop, Needs.admin("drain.stop"));
    }

    private void start(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of(REFERENCE, MOVED, PER_SECOND));
        Optional<String> reference = fields.text(REFERENCE);
        reference.ifPresent(DrainResource::requireReference);
        int perSecond =
                fields.wholeNumber(PER_SECOND, 1, Drain.PER_SECOND_MAX).orElse(Drain.PER_SECOND);
        drain.start(new Redirection(fields.flag(MOVED), reference), perSecond);
        show(ctx);
    }

    private static void requireReference(String reference) {
        if (reference.length() > REFERENCE_LENGTH_MAX || !isReference(reference)) {
            throw ApiProblem.badRequest(
                    "the field 'serverReference' must be host names or addresses, each with or"
                            + " without a port, separated by single spaces, at most "
                            + REFERENCE_LENGTH_MAX
                            + " characters");
        }
    }

    /** Servers with a space between two [MQTT5 4.11]. */
    private static boolean isReference(String reference) {
        return Arrays.stream(reference.split(" ", -1)).allMatch(DrainResource::isServer);
    }

    private static boolean isServer(String text) {
        Matcher server = SERVER.matcher(text);
        return server.matches()
                && (server.group(1) == null || Integer.parseInt(server.group(1)) <= PORT_MAX);
    }

    private void stop(Context ctx) {
        drain.stop();
        ctx.status(204);
    }

    private void show(Context ctx) {
        ObjectNode answer = Json.object();
        Optional<Drain.Status> status = drain.status();
        answer.put("draining", status.isPresent());
        status.ifPresent(now -> describe(now, answer));
        Json.answer(ctx, 200, answer);
    }

    private static void describe(Drain.Status now, ObjectNode answer) {
        now.redirection().serverReference().ifPresent(text -> answer.put(REFERENCE, text));
        answer.put(MOVED, now.redirection().moved())
                .put(PER_SECOND, now.perSecond())
                .put("clientsLeft", now.clientsLeft());
    }
}
