package io.muster.hub.api.applications;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.auth.application.StoredPassword;
import io.muster.devices.application.Application;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.roles.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.applications.UnwrittenBarException;
import java.util.List;

/** The accounts of applications. Shared. A password goes in and never comes out. */
public final class ApplicationResource implements Resource {

    private static final String APPLICATIONS = Routes.ROOT + "/applications";
    private static final String APPLICATION = APPLICATIONS + "/{username}";

    private static final int PASSWORD_LENGTH_MIN = 8;
    private static final int PASSWORD_LENGTH_MAX = 128;

    private final AccessChanges access;
    private final ApplicationRegistry registry;
    private final int scramIterations;

    /**
     * Over these accounts.
     *
     * @param scramIterations of the passwords of new accounts
     */
    public ApplicationResource(AccessChanges access, int scramIterations) {
        this.access = access;
        this.registry = access.registry();
        this.scramIterations = scramIterations;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(APPLICATIONS, this::create, Needs.admin("application.create"));
        Routes.read(routes, APPLICATIONS, Needs.READ, this::list);
        Routes.read(routes, APPLICATION, Needs.READ, this::show);
        routes.patch(APPLICATION, this::update, Needs.admin("application.update"));
        routes.delete(APPLICATION, this::delete, Needs.admin("application.delete"));
        routes.put(
                APPLICATION + "/password",
                this::changePassword,
                Needs.admin("application.password"));
        routes.post(
                APPLICATION + "/disable",
                this::disable,
                Needs.admin("application.disable").toProtect());
        routes.post(APPLICATION + "/enable", this::enable, Needs.admin("application.enable"));
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("username", "password", "roles"));
        String username = fields.requiredText("username");
        String password = fields.requiredText("password");
        List<String> roles = fields.texts("roles").orElse(List.of(Role.ALL_TOPICS.name()));
        requirePassword(password);
        Application application =
                Problems.unlessInvalid(
                        () -> {
                            StoredPassword stored = stored(password);
                            return registry.create(
                                    username, stored.hash(), stored.scramVerifier(), roles);
                        });
        Acts.object(ctx, username);
        Changed.tell(ctx, Json.object(), view(application));
        answer(ctx, 201, application);
    }

    /** One at a time: each takes some 20 MB while it runs, and an operator is in no hurry. */
    private synchronized StoredPassword stored(String password) {
        return StoredPassword.of(password, scramIterations);
    }

    private static void requirePassword(String password) {
        int length = password.codePointCount(0, password.length());
        if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX) {
            throw ApiProblem.badRequest(
                    "the field 'password' has %d characters, but must have %d to %d"
                            .formatted(length, PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX));
        }
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        List<Application> applications = registry.list(page.after(), page.readLimit());
        Json.answer(
                ctx,
                200,
                page.answer(applications, Application::username, ApplicationResource::view));
    }

    private void show(Context ctx) {
        answer(ctx, 200, find(ctx));
    }

    private Application find(Context ctx) {
        return registry.find(username(ctx))
                .orElseThrow(
                        () ->
                                ApiProblem.notFound(
                                        "there is no application '" + username(ctx) + "'"));
    }

    private void update(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("roles"));
        List<String> roles =
                fields.texts("roles")
                        .orElseThrow(() -> ApiProblem.badRequest("the field 'roles' is missing"));
        ObjectNode before =
                registry.find(username(ctx)).map(ApplicationResource::view).orElseGet(Json::object);
        Application changed =
                Stages.await(
                        Problems.unlessInvalid(
                                () ->
                                        access.changeRoles(
                                                username(ctx), roles, Conditions.revision(ctx))));
        Changed.tell(ctx, before, view(changed));
        answer(ctx, 200, changed);
    }

    private void changePassword(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("password"));
        String password = fields.requiredText("password");
        requirePassword(password);
        Application changed =
                Stages.await(
                        Problems.unlessInvalid(
                                () ->
                                        access.changePassword(
                                                username(ctx),
                                                stored(password),
                                                Conditions.revision(ctx))));
        Acts.detail(ctx, "password");
        answer(ctx, 200, changed);
    }

    private void disable(Context ctx) {
        RequestFields.of(ctx, List.of());
        try {
            answer(ctx, 200, Stages.await(access.disable(username(ctx), Conditions.revision(ctx))));
        } catch (UnwrittenBarException notDurable) {
            throw ApiProblem.unavailable(
                    "application '%s' is disabled and disconnected, but that could not be written"
                                    .formatted(username(ctx))
                            + " yet; the hub goes on trying, and forgets it if it is stopped"
                            + " before");
        }
    }

    private void enable(Context ctx) {
        RequestFields.of(ctx, List.of());
        answer(ctx, 200, access.enable(username(ctx), Conditions.revision(ctx)));
    }

    private static void answer(Context ctx, int status, Application application) {
        Conditions.tell(ctx, application.standing().revision());
        Json.answer(ctx, status, view(application));
    }

    private void delete(Context ctx) {
        Stages.await(access.delete(username(ctx), Conditions.revision(ctx)));
        ctx.status(204);
    }

    /**
     * The account that the path names.
     *
     * @throws ApiProblem (400) if none can be called so
     */
    private static String username(Context ctx) {
        return Problems.unlessInvalid(() -> Application.requireUsername(ctx.pathParam("username")));
    }

    private static ObjectNode view(Application application) {
        Application.Standing standing = application.standing();
        ArrayNode roles = Json.array();
        standing.roles().forEach(roles::add);
        ObjectNode view = Json.object().put("username", application.username());
        view.set("roles", roles);
        return view.put("disabled", standing.isDisabled())
                .put("revision", standing.revision())
                .put("createdAt", application.createdAt().toString());
    }
}
