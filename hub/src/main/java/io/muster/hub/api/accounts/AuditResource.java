package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditFilter;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** The audit log, newest rows first. Shared. It is only read here; nobody changes it over HTTP. */
public final class AuditResource implements Resource {

    private static final Set<String> FILTERS = Set.of("from", "to", "actor", "object", "act");

    private final AuditLog log;

    /** Of a hub. */
    public AuditResource(AuditLog log) {
        this.log = log;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, Routes.ROOT + "/audit", Needs.toSee(Role.ADMIN), this::list);
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx, FILTERS, Set.of());
        AuditFilter filter =
                new AuditFilter(
                        time(ctx, "from"),
                        time(ctx, "to"),
                        text(ctx, "actor"),
                        text(ctx, "object"),
                        text(ctx, "act"));
        Json.answer(
                ctx,
                200,
                page.answer(
                        log.list(filter, before(page.after()), page.readLimit()),
                        row -> Long.toString(row.id()),
                        AuditResource::view));
    }

    /** Newest first, so that what comes after a row has a smaller number. */
    private static long before(String after) {
        if (after.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (!after.matches("[0-9]{1,18}")) {
            throw ApiProblem.badRequest(
                    "the query parameter 'after' must be the number of a row, such as next says");
        }
        return Long.parseLong(after);
    }

    private static Optional<Instant> time(Context ctx, String name) {
        return text(ctx, name)
                .map(
                        text -> {
                            try {
                                return Instant.ofEpochMilli(Instant.parse(text).toEpochMilli());
                            } catch (DateTimeException | ArithmeticException e) {
                                throw ApiProblem.badRequest(
                                        "the query parameter '"
                                                + name
                                                + "' must be a time such as"
                                                + " 2026-03-01T12:00:00Z");
                            }
                        });
    }

    private static Optional<String> text(Context ctx, String name) {
        return Optional.ofNullable(ctx.queryParam(name));
    }

    private static ObjectNode view(AuditRow row) {
        AuditEntry entry = row.entry();
        ObjectNode view =
                Json.object()
                        .put("id", row.id())
                        .put("time", entry.time().toString())
                        .put("actor", entry.actor());
        if (!entry.address().isEmpty()) {
            view.put("address", entry.address());
        }
        view.put("act", entry.act());
        if (!entry.object().isEmpty()) {
            view.put("object", entry.object());
        }
        view.put("outcome", entry.outcome().word());
        if (entry.status() != 0) {
            view.put("status", entry.status());
        }
        if (!entry.detail().isEmpty()) {
            view.put("detail", entry.detail());
        }
        return view;
    }
}
