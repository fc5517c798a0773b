package io.muster.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.auth.application.StoredPassword;
import io.muster.devices.Application;
import io.muster.devices.registry.ApplicationRegistry;
import java.util.List;

/** The accounts of applications. Shared. A password goes in and never comes out. */
final class ApplicationResource {

    private static final String APPLICATIONS = ManagementApi.ROOT + "/applications";

    private static final int PASSWORD_LENGTH_MIN = 8;
    private static final int PASSWORD_LENGTH_MAX = 128;

    private final ApplicationRegistry registry;
    private final int scramIterations;

    ApplicationResource(ApplicationRegistry registry, int scramIterations) {
        this.registry = registry;
        this.scramIterations = scramIterations;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        routes.post(APPLICATIONS, this::create);
        ManagementApi.read(routes, APPLICATIONS, this::list);
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("username", "password"));
        String username = fields.requiredText("username");
        String password = fields.requiredText("password");
        requirePassword(password);
        Application application =
                Problems.unlessInvalid(
                        () -> {
                            StoredPassword stored = stored(password);
                            return registry.create(username, stored.hash(), stored.scramVerifier());
                        });
        Json.answer(ctx, 201, view(application));
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

    private static ObjectNode view(Application application) {
        return Json.object()
                .put("username", application.username())
                .put("createdAt", application.createdAt().toString());
    }
}
