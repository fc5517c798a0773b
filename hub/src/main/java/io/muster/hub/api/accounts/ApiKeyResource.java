package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.ApiProblem;
import io.muster.hub.api.Json;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.Page;
import io.muster.hub.api.Problems;
import io.muster.hub.api.RequestFields;
import io.muster.hub.api.Resource;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The keys of programs that manage the hub. Shared. A secret is shown once, when it is made. */
public final class ApiKeyResource implements Resource {

    private static final String KEYS = ManagementApi.ROOT + "/api-keys";
    private static final String KEY = KEYS + "/{id}";
    private static final String NEVER = "never";

    /** Later times are no plans. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final ApiKeys keys;
    private final Clock clock;

    /** Of a hub. */
    public ApiKeyResource(ApiKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(KEYS, this::create, Needs.admin("api-key.create"));
        routes.patch(KEY, this::change, Needs.admin("api-key.change"));
        routes.delete(KEY, this::delete, Needs.admin("api-key.delete"));
        ManagementApi.read(routes, KEYS, Needs.toSee(Role.ADMIN), this::list);
        ManagementApi.read(routes, KEY, Needs.toSee(Role.ADMIN), this::show);
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("name", "role", "expiresAt"));
        Role role = Problems.unlessInvalid(() -> Role.ofWord(fields.requiredText("role")));
        Expiry expiry = fields.text("expiresAt").map(this::expiry).orElse(Expiry.NEVER);
        String name = fields.text("name").orElse("API key");
        ApiKey key = Problems.unlessInvalid(() -> keys.create(name, role, expiry));
        Acts.object(ctx, key.id());
        Acts.detail(ctx, "role " + role.word() + ", " + words(expiry));
        ctx.header("Location", KEYS + "/" + key.id());
        Json.answer(
                ctx,
                201,
                view(key)
                        .put("secret", key.secret().reveal())
                        .put("token", Operators.bearerOf(key.id(), key.secret())));
    }

    private Expiry expiry(String text) {
        if (text.equals(NEVER)) {
            return Expiry.NEVER;
        }
        Optional<Instant> time = parse(text);
        if (time.filter(clock.instant()::isBefore).filter(LATEST::isAfter).isEmpty()) {
            throw ApiProblem.badRequest(
                    "the field 'expiresAt' must be a time to come such as 2030-01-01T00:00:00Z, or"
                            + " never");
        }
        return new Expiry(time.map(Instant::toEpochMilli).map(Instant::ofEpochMilli));
    }

    private static Optional<Instant> parse(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String words(Expiry expiry) {
        return expiry.at().map(time -> "expires " + time).orElse("expires never");
    }

    private void change(Context ctx) {
        RequestFields fields =
                RequestFields.of(ctx, List.of("name", "role", "disabled", "expiresAt"));
        Optional<Role> role =
                fields.text("role").map(word -> Problems.unlessInvalid(() -> Role.ofWord(word)));
        Optional<Boolean> disabled = fields.optionalFlag("disabled");
        Optional<Expiry> expiry = fields.text("expiresAt").map(this::expiry);
        Acts.detail(
                ctx,
                Changed.words(
                        List.of(
                                role.map(value -> "role " + value.word()),
                                disabled.map(value -> value ? "disabled" : "enabled"),
                                expiry.map(ApiKeyResource::words),
                                fields.text("name").map(value -> "name"))));
        ApiKey.Change change = new ApiKey.Change(fields.text("name"), role, disabled, expiry);
        Json.answer(
                ctx,
                200,
                view(Problems.unlessInvalid(() -> keys.change(ctx.pathParam("id"), change))));
    }

    private void delete(Context ctx) {
        keys.delete(ctx.pathParam("id"));
        ctx.status(204);
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        Json.answer(
                ctx,
                200,
                page.answer(
                        keys.list(page.after(), page.readLimit()),
                        ApiKey::id,
                        ApiKeyResource::view));
    }

    private void show(Context ctx) {
        String id = ctx.pathParam("id");
        Json.answer(
                ctx,
                200,
                view(
                        keys.find(id)
                                .orElseThrow(
                                        () ->
                                                ApiProblem.notFound(
                                                        "there is no API key '" + id + "'"))));
    }

    private static ObjectNode view(ApiKey key) {
        ObjectNode view =
                Json.object()
                        .put("id", key.id())
                        .put("name", key.name())
                        .put("role", key.role().word())
                        .put("disabled", key.disabled())
                        .put("createdAt", key.createdAt().toString());
        key.expiresAt().ifPresent(time -> view.put("expiresAt", time.toString()));
        key.lastUsedAt().ifPresent(time -> view.put("lastUsedAt", time.toString()));
        return view;
    }
}
