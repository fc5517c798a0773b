package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.ServiceUnavailableResponse;
import io.muster.broker.log.Quoted;
import io.muster.ca.RequestRefusedException;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management calls of EnOS. Shared. Who calls, and whether he may, is asked here and not by the
 * gate of {@code /api}: it depends on the signature and on the action that the query names.
 */
public final class EnosResource implements Resource {

    private static final Logger log = LoggerFactory.getLogger(EnosResource.class);

    private static final String TOKEN = "/apim-token-service/v2.0/token/get";
    private static final String CONNECT = "/connect-service/";
    private static final int FINE = 200;

    private final EnosAuthentication authentication;
    private final Acts acts;
    private final EnosDevices devices;
    private final EnosProducts products;
    private final EnosCertificates certificates;

    /** Of a hub. */
    public EnosResource(
            Operators operators,
            Acts acts,
            ManagedDevices managed,
            DeviceCertificates certificates,
            Clock clock,
            Ticker ticker) {
        this.authentication = new EnosAuthentication(operators, acts.trail(), clock, ticker);
        this.acts = acts;
        this.devices = new EnosDevices(managed);
        this.products = new EnosProducts(managed.registry().products());
        this.certificates = new EnosCertificates(certificates, managed.records(), clock);
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(TOKEN, this::token, Needs.ASKED_BY_RESOURCE);
        add(routes, "v2.1/devices", devices.actions());
        add(routes, "v2.4/devices", devices.laterActions());
        add(routes, "v2.1/products", products.actions());
        add(routes, "v2.0/certificates", certificates.actions());
        new FirstFormResource(authentication, acts, certificates).addTo(routes);
    }

    private void add(RoutesConfig routes, String path, Map<String, EnosAction> actions) {
        routes.post(CONNECT + path, ctx -> answer(ctx, actions), Needs.ASKED_BY_RESOURCE);
        if (actions.values().stream().anyMatch(action -> !action.isChange())) {
            Routes.read(
                    routes, CONNECT + path, Needs.ASKED_BY_RESOURCE, ctx -> answer(ctx, actions));
        }
    }

    /** Has an envelope of its own. */
    private void token(Context ctx) {
        try {
            Json.answer(
                    ctx,
                    FINE,
                    Json.object()
                            .put("status", 0)
                            .put("msg", "success")
                            .put("business", "apim-token-service")
                            .set("data", authentication.token(ctx)));
        } catch (RuntimeException e) {
            EnosProblem problem = problem(ctx, e);
            tellWhenToComeBack(ctx, problem);
            Json.answer(
                    ctx,
                    problem.code().httpStatus(),
                    Json.object()
                            .put("status", problem.code().number())
                            .put("msg", problem.message())
                            .put("business", "apim-token-service")
                            .set("data", NullNode.getInstance()));
        }
    }

    private void answer(Context ctx, Map<String, EnosAction> actions) {
        try {
            JsonNode data = run(ctx, actions);
            acts.end(ctx, FINE);
            answer(ctx, FINE, 0, "OK", data);
        } catch (RuntimeException e) {
            EnosProblem problem = problem(ctx, e);
            acts.end(ctx, problem.code().auditStatus());
            tellWhenToComeBack(ctx, problem);
            answer(
                    ctx,
                    problem.code().httpStatus(),
                    problem.code().number(),
                    problem.message(),
                    NullNode.getInstance());
        }
    }

    static void tellWhenToComeBack(Context ctx, EnosProblem problem) {
        if (problem.code() == Code.BUSY) {
            ctx.header("Retry-After", "1");
        }
    }

    private static void answer(Context ctx, int status, int code, String message, JsonNode data) {
        Json.answer(
                ctx,
                status,
                Json.object()
                        .put("code", code)
                        .put("msg", message)
                        .put("requestId", UUID.randomUUID().toString())
                        .set("data", data));
    }

    private JsonNode run(Context ctx, Map<String, EnosAction> actions) {
        boolean changes = ctx.method().name().equals("POST");
        Caller caller = authentication.identify(ctx);
        String name = String.valueOf(ctx.queryParam("action"));
        EnosAction named = actions.get(name);
        if (named == null || named.isChange() != changes) {
            throw EnosProblem.invalid(
                    "action '%s' is not one for %s here".formatted(name, ctx.method()));
        }
        EnosAction action = named.forRole(caller.role());
        EnosCall call = EnosCall.of(ctx, caller);
        if (changes && caller.role().includes(action.role())) {
            return authentication.once(
                    ctx, caller, () -> begin(caller, action, call), () -> action.work().run(call));
        }
        begin(caller, action, call);
        return action.work().run(call);
    }

    private void begin(Caller caller, EnosAction action, EnosCall call) {
        if (action.act().isEmpty()) {
            caller.require(action.role());
            return;
        }
        acts.begin(
                call.ctx(),
                caller,
                action.role(),
                action.act().get(),
                call.names(),
                action.protects());
    }

    private static EnosProblem noCertificate(RequestRefusedException refused) {
        String sentence = String.valueOf(refused.getMessage());
        return switch (refused.code()) {
            case DEVICE_UNKNOWN -> new EnosProblem(Code.NO_SUCH_DEVICE, sentence);
            case KEY_REUSED -> new EnosProblem(Code.KEY_BOUND, sentence);
            case RATE_LIMITED, REQUEST_UNDER_WAY -> new EnosProblem(Code.BUSY, sentence);
            case ISSUER_UNAVAILABLE -> new EnosProblem(Code.INTERNAL, sentence);
            default -> EnosProblem.invalid(refused.code() + ": " + sentence);
        };
    }

    /** The one table from what goes wrong inside to codes. */
    static EnosProblem problem(Context ctx, RuntimeException e) {
        String sentence = String.valueOf(e.getMessage());
        if (e instanceof EnosProblem problem) {
            return problem;
        }
        if (e instanceof RequestRefusedException refused) {
            return noCertificate(refused);
        }
        if (e instanceof ForbiddenResponse) {
            return new EnosProblem(Code.FORBIDDEN, sentence);
        }
        if (e instanceof NotFoundException) {
            return new EnosProblem(Code.NO_SUCH_DEVICE, sentence);
        }
        if (e instanceof ApiProblem api && api.status() < 500) {
            return EnosProblem.invalid(api.detail());
        }
        if (e instanceof HttpResponseException refused && refused.getStatus() < 500) {
            return EnosProblem.invalid(sentence);
        }
        if (e instanceof RegistryUnavailableException) {
            log.warn("request failed path={} cause={}", new Quoted(ctx.path()), e.toString());
            return new EnosProblem(
                    Code.INTERNAL, "the registry cannot be asked now; try again later");
        }
        if (e instanceof ServiceUnavailableResponse || e instanceof ApiProblem) {
            log.warn("request failed path={} cause={}", new Quoted(ctx.path()), e.toString());
            return new EnosProblem(Code.INTERNAL, sentence);
        }
        log.error("request failed method={} path={}", ctx.method(), new Quoted(ctx.path()), e);
        return new EnosProblem(Code.INTERNAL, "the hub failed; its log says why");
    }
}
