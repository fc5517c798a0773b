package io.muster.hub.api.applications;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The roles of applications. Shared. */
public final class RoleResource implements Resource {

    private static final String ROLES = Routes.ROOT + "/roles";
    private static final String ROLE = ROLES + "/{role}";

    private static final Set<String> RULE_FIELDS = Set.of("effect", "use", "filter");

    private final AccessChanges access;

    /** The roles that {@code access} changes. */
    public RoleResource(AccessChanges access) {
        this.access = access;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, ROLES, Needs.READ, this::list);
        Routes.read(routes, ROLE, Needs.READ, this::show);
        routes.put(ROLE, this::put, Needs.admin("role.set"));
        routes.delete(ROLE, this::delete, Needs.admin("role.delete"));
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        List<Role> roles = access.roleRegistry().list(page.after(), page.readLimit());
        Json.answer(ctx, 200, page.answer(roles, Role::name, RoleResource::view));
    }

    private void show(Context ctx) {
        String name = ctx.pathParam("role");
        answer(
                ctx,
                access.roleRegistry()
                        .find(name)
                        .orElseThrow(() -> ApiProblem.notFound("there is no role '" + name + "'")));
    }

    private static void answer(Context ctx, Role role) {
        Conditions.tell(ctx, role.revision());
        Json.answer(ctx, 200, view(role));
    }

    private void put(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("rules"));
        List<RoleRule> rules = rules(fields.json("rules"));
        ObjectNode before =
                access.roleRegistry()
                        .find(ctx.pathParam("role"))
                        .map(RoleResource::told)
                        .orElseGet(Json::object);
        Role role =
                Stages.await(
                        Problems.unlessInvalid(
                                () ->
                                        access.putRole(
                                                ctx.pathParam("role"),
                                                rules,
                                                Conditions.revisionOrNone(ctx))));
        Changed.tell(ctx, before, told(role));
        answer(ctx, role);
    }

    /** Short, for the audit log. */
    private static ObjectNode told(Role role) {
        return Json.object()
                .put(
                        "rules",
                        role.rules().stream()
                                .map(RoleRule::toString)
                                .collect(Collectors.joining("; ", "[", "]")));
    }

    private void delete(Context ctx) {
        Stages.await(
                Problems.unlessInvalid(
                        () -> access.deleteRole(ctx.pathParam("role"), Conditions.revision(ctx))));
        ctx.status(204);
    }

    private static List<RoleRule> rules(JsonNode array) {
        if (!array.isArray()) {
            throw ApiProblem.badRequest("the field 'rules' must be an array of rules");
        }
        if (array.size() > Role.RULES_MAX) {
            throw ApiProblem.badRequest(
                    "the field 'rules' has %d rules, but at most %d are allowed"
                            .formatted(array.size(), Role.RULES_MAX));
        }
        List<RoleRule> rules = new ArrayList<>();
        for (JsonNode each : array) {
            rules.add(rule(each, "rules[" + rules.size() + "]"));
        }
        return rules;
    }

    private static RoleRule rule(JsonNode rule, String place) {
        if (!rule.isObject()) {
            throw ApiProblem.badRequest(place + " must be an object with effect, use and filter");
        }
        for (Iterator<String> names = rule.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!RULE_FIELDS.contains(name)) {
                throw ApiProblem.badRequest(
                        place
                                + " has the unknown field '"
                                + name
                                + "'; allowed are effect, use, filter");
            }
        }
        JsonNode filter = rule.path("filter");
        if (!filter.isTextual()) {
            throw ApiProblem.badRequest(place + ".filter must be a text");
        }
        Effect effect = word(Effect.class, rule.path("effect"), place + ".effect");
        Use use = rule.has("use") ? word(Use.class, rule.path("use"), place + ".use") : Use.ANY;
        try {
            return new RoleRule(effect, use, filter.textValue());
        } catch (IllegalArgumentException wrong) {
            throw ApiProblem.badRequest(place + ".filter: " + wrong.getMessage());
        }
    }

    private static <E extends Enum<E>> E word(Class<E> words, JsonNode value, String place) {
        return Arrays.stream(words.getEnumConstants())
                .filter(word -> lower(word).equals(value.textValue()))
                .findFirst()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        place
                                                + " must be one of "
                                                + String.join(
                                                        ", ",
                                                        Arrays.stream(words.getEnumConstants())
                                                                .map(RoleResource::lower)
                                                                .toList())));
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode view(Role role) {
        ArrayNode rules = Json.array();
        role.rules()
                .forEach(
                        rule ->
                                rules.addObject()
                                        .put("effect", lower(rule.effect()))
                                        .put("use", lower(rule.use()))
                                        .put("filter", rule.filter()));
        ObjectNode view = Json.object().put("name", role.name());
        view.set("rules", rules);
        view.put("revision", role.revision()).put("builtIn", role.isBuiltIn());
        if (!role.isBuiltIn()) {
            view.put("createdAt", role.createdAt().toString())
                    .put("updatedAt", role.updatedAt().toString());
        }
        return view;
    }
}
