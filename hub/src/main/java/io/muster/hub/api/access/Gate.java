package io.muster.hub.api.access;

import io.javalin.config.JavalinConfig;
import io.javalin.config.RouterConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.router.Endpoint;
import io.javalin.router.ParsedEndpoint;
import io.javalin.router.matcher.PathParser;
import io.javalin.security.Roles;
import io.javalin.security.RouteRole;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.audit.AuditTrail.Stranger;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stands before all routes under {@code /api}: who comes must say who he is, have the role that the
 * route needs, and what he does is in the audit log before it is answered. Shared.
 *
 * <p>Who he is is asked before a route is looked for, so that strangers do not learn which
 * resources there are.
 */
public final class Gate {

    private static final String API = "/api/*";
    private static final String CHALLENGE = "Bearer realm=\"muster\"";
    private static final Set<String> LOOKING = Set.of("GET", "HEAD");

    private final Operators operators;
    private final DeviceCallers devices;
    private final Acts acts;
    private final RouterConfig router;

    private Gate(Operators operators, DeviceCallers devices, Acts acts, RouterConfig router) {
        this.operators = operators;
        this.devices = devices;
        this.acts = acts;
        this.router = router;
    }

    /** Puts a gate before the routes of {@code javalin}. */
    public static void addTo(JavalinConfig javalin, Callers callers, Acts acts) {
        Gate gate = new Gate(callers.operators(), callers.devices(), acts, javalin.router);
        javalin.routes.before(API, gate::identify);
        javalin.routes.beforeMatched(API, gate::admit);
        javalin.routes.after(API, ctx -> acts.end(ctx, ctx.statusCode()));
    }

    /**
     * Checks that each route says what it needs.
     *
     * @throws IllegalStateException naming the first that does not
     */
    public static void requireNeeds(List<ParsedEndpoint> endpoints) {
        for (ParsedEndpoint parsed : endpoints) {
            Endpoint endpoint = parsed.endpoint;
            if (endpoint.method.isHttpMethod()) {
                requireNeeds(endpoint);
            }
        }
    }

    private static void requireNeeds(Endpoint endpoint) {
        String route = endpoint.method.name() + " " + endpoint.path;
        Roles roles = endpoint.metadata(Roles.class);
        Needs needs = needs(route, roles == null ? Set.of() : roles.getRoles());
        if (!LOOKING.contains(endpoint.method.name()) && needs.act().isEmpty()) {
            throw new IllegalStateException(route + " changes something, but names no act");
        }
        if (endpoint.path.startsWith("/api/") && needs.role().isEmpty()) {
            throw new IllegalStateException(route + " is open to everybody");
        }
    }

    private static Needs needs(String route, Set<? extends RouteRole> roles) {
        if (roles.size() == 1 && roles.iterator().next() instanceof Needs needs) {
            return needs;
        }
        throw new IllegalStateException(route + " does not say which role it needs");
    }

    private void identify(Context ctx) {
        Optional<DeviceCaller> device = devices.identify(ctx);
        if (device.isPresent()) {
            device.get().isOf(ctx);
            return;
        }
        String authorization = ctx.header("Authorization");
        if (authorization == null) {
            // No offer of Basic: a browser would keep a password and send it along with the
            // requests of other pages.
            ctx.header("WWW-Authenticate", CHALLENGE);
            throw new UnauthorizedResponse(
                    "send the operator token or an API key as 'Authorization: Bearer ...', or user"
                            + " name and password as Basic");
        }
        Operators.Answer answer = operators.identify(authorization, from(ctx));
        if (answer instanceof Operators.Answer.Refused refused) {
            throw refusal(ctx, refused);
        }
        ((Operators.Answer.Known) answer).caller().isOf(ctx);
    }

    /** The other end of the connection. */
    public static InetSocketAddress from(Context ctx) {
        // Jetty gives a literal address, which needs no look-up.
        return new InetSocketAddress(ctx.req().getRemoteAddr(), ctx.req().getRemotePort());
    }

    private HttpResponseException refusal(Context ctx, Operators.Answer.Refused refused) {
        if (refused.isNotFoundOut()) {
            return new ServiceUnavailableResponse(refused.told());
        }
        tell(ctx, refused);
        ctx.header("WWW-Authenticate", CHALLENGE + ", error=\"invalid_token\"");
        return new UnauthorizedResponse(refused.told());
    }

    private void tell(Context ctx, Operators.Answer.Refused refused) {
        acts.trail()
                .refused(
                        Stranger.OPERATOR,
                        refused.name(),
                        ctx.req().getRemoteAddr(),
                        refused.status(),
                        refused.why());
    }

    private void admit(Context ctx) {
        Needs needs =
                needs(ctx.method() + " " + ctx.path(), ctx.routeRoles())
                        .ofRequest(ctx.queryParam("secrets") != null);
        Optional<DeviceCaller> device = DeviceCaller.of(ctx);
        if (device.isPresent()) {
            admit(ctx, needs, device.get());
            return;
        }
        Caller caller = Caller.of(ctx);
        Role role = needs.role().orElseThrow();
        Optional<String> act = needs.act();
        if (act.isEmpty()) {
            caller.require(role);
        } else {
            acts.begin(ctx, caller, role, act.get(), names(ctx), needs.protects());
        }
    }

    /** A device acts for itself only, and does nothing that is not let to devices. */
    private void admit(Context ctx, Needs needs, DeviceCaller device) {
        devices.requireFewEnough(device);
        DeviceId id = device.id();
        boolean isItsOwn =
                needs.ofDevice()
                        && id.productKey().equals(pathParam(ctx, "productKey"))
                        && id.deviceKey().equals(pathParam(ctx, "deviceKey"));
        if (!isItsOwn) {
            devices.forbidden(device, needs.act().orElse("look"), ctx.path());
            throw new RequestRefusedException(
                    RefusalCode.NOT_AUTHORIZED,
                    "device '" + id + "' may not do this; a device asks for its own certificates");
        }
        if (needs.act().isPresent()) {
            devices.requireFirst(device);
            acts.begin(ctx, device, needs.act().get(), names(ctx), needs.protects());
        }
    }

    private static @Nullable String pathParam(Context ctx, String name) {
        return ctx.pathParamMap().get(name);
    }

    /** The parameters of the path, in its order. */
    private List<String> names(Context ctx) {
        Endpoint route = ctx.endpoints().matchedHttpEndpoint();
        if (route == null) {
            return List.of();
        }
        return List.copyOf(
                new PathParser(route.path, router).extractPathParams(ctx.path()).values());
    }
}
