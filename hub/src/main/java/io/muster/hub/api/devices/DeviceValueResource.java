package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Routes;
import io.muster.hub.protocol.Envelope;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** The attributes and tags of a device. Shared. */
final class DeviceValueResource {

    private final DeviceResource devices;
    private final DeviceRecords records;
    private final DeviceValues values;

    DeviceValueResource(DeviceResource devices, DeviceRecords records, DeviceValues values) {
        this.devices = devices;
        this.records = records;
        this.values = values;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        add(
                routes,
                DeviceResource.DEVICE + "/attributes",
                Kind.ATTRIBUTE,
                "device.attributes.change");
        add(routes, DeviceResource.DEVICE + "/tags", Kind.TAG, "device.tags.change");
    }

    private void add(RoutesConfig routes, String path, Kind kind, String act) {
        Routes.read(routes, path, Needs.READ, ctx -> show(ctx, kind));
        routes.patch(path, ctx -> change(ctx, kind), Needs.operate(act));
    }

    private void show(Context ctx, Kind kind) {
        answer(ctx, devices.find(ctx).id(), kind);
    }

    /** A value replaces what has its name, null removes it, the rest stays. */
    private void change(Context ctx, Kind kind) {
        DeviceId id = DeviceResource.id(ctx);
        OptionalLong revision = Conditions.revision(ctx);
        Map<String, String> set = new LinkedHashMap<>();
        Set<String> removed = new HashSet<>();
        RequestFields.free(ctx)
                .properties()
                .forEach(
                        field -> {
                            if (field.getValue().isNull()) {
                                removed.add(field.getKey());
                            } else {
                                set.put(field.getKey(), stored(kind, field));
                            }
                        });
        Problems.unlessInvalid(
                () -> {
                    values.change(id, kind, set, removed, revision);
                    return id;
                });
        Changed.tellNames(ctx, set.keySet(), removed);
        answer(ctx, id, kind);
    }

    /** First the revision, so that it is never newer than what it is told of. */
    private void answer(Context ctx, DeviceId id, Kind kind) {
        records.find(id).ifPresent(details -> Conditions.tell(ctx, details.revision()));
        Json.answer(ctx, 200, view(id, kind));
    }

    private static String stored(Kind kind, Map.Entry<String, JsonNode> field) {
        if (kind == Kind.ATTRIBUTE) {
            return Json.text(field.getValue());
        }
        if (!field.getValue().isTextual()) {
            throw ApiProblem.badRequest("the tag '" + field.getKey() + "' is not a text or null");
        }
        return field.getValue().textValue();
    }

    private ObjectNode view(DeviceId id, Kind kind) {
        ObjectNode view = Json.object();
        values.find(id, kind)
                .forEach(
                        (name, value) ->
                                view.set(
                                        name,
                                        kind == Kind.ATTRIBUTE
                                                ? Envelope.parse(value)
                                                : TextNode.valueOf(value)));
        return view;
    }
}
