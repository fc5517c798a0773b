package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The keys of programs that manage the hub. Shared. A secret is shown once, when it is made. */
public final class ApiKeyResource implements Resource {

    private static final String KEYS = Routes.ROOT + "/api-keys";
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
        routes.post(KEY + "/secret", this::rotate, Needs.admin("api-key.secret.rotate"));
        Routes.read(routes, KEYS, Needs.toSee(Role.ADMIN), this::list);
        Routes.read(routes, KEY, Needs.toSee(Role.ADMIN), this::show);
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
        answer(ctx, 201, key, withSecret(key));
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
        ApiKey.Change change = new ApiKey.Change(fields.text("name"), role, disabled, expiry);
        ObjectNode before = view(find(ctx));
        ApiKey changed =
                Problems.unlessInvalid(
                        () -> keys.change(ctx.pathParam("id"), change, Conditions.revision(ctx)));
        Changed.tell(ctx, before, view(changed));
        answer(ctx, 200, changed, view(changed));
    }

    /** A new secret; who signs or comes in with the one before has time to change over. */
    private void rotate(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("overlapSeconds"));
        ApiKey key =
                keys.rotateSecret(ctx.pathParam("id"), fields.overlap(), Conditions.revision(ctx));
        ObjectNode view = withSecret(key);
        Acts.detail(
                ctx, "secret, the one before is good for " + fields.overlap().toSeconds() + " s");
        key.secrets()
                .previousAt(clock.instant())
                .ifPresent(
                        previous -> view.put("previousGoodUntil", previous.goodUntil().toString()));
        answer(ctx, 200, key, view);
    }

    private static ObjectNode withSecret(ApiKey key) {
        return view(key)
                .put("secret", key.secret().reveal())
                .put("token", Operators.bearerOf(key.id(), key.secret()));
    }

    private static void answer(Context ctx, int status, ApiKey key, ObjectNode view) {
        Conditions.tell(ctx, key.standing().revision());
        Json.answer(ctx, status, view);
    }

    private void delete(Context ctx) {
        keys.delete(ctx.pathParam("id"), Conditions.revision(ctx));
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
        ApiKey key = find(ctx);
        answer(ctx, 200, key, view(key));
    }

    private ApiKey find(Context ctx) {
        String id = ctx.pathParam("id");
        return keys.find(id)
                .orElseThrow(() -> ApiProblem.notFound("there is no API key '" + id + "'"));
    }

    private static ObjectNode view(ApiKey key) {
        ObjectNode view =
                Json.object()
                        .put("id", key.id())
                        .put("name", key.name())
                        .put("role", key.role().word())
                        .put("disabled", key.disabled())
                        .put("revision", key.standing().revision())
                        .put("createdAt", key.createdAt().toString());
        key.expiresAt().ifPresent(time -> view.put("expiresAt", time.toString()));
        key.lastUsedAt().ifPresent(time -> view.put("lastUsedAt", time.toString()));
        return view;
    }
}
