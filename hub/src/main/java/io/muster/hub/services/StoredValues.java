package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Attributes and tags, which the registry keeps: {@code thing/attribute/...} and {@code
 * thing/tag/...}. Shared; the registry is asked on its own thread.
 */
final class StoredValues {

    private final DeviceValues values;
    private final RegistryThread registry;
    private final Consumer<Report> reports;
    private final Clock clock;

    /**
     * Attributes and tags in a registry.
     *
     * @param reports is given what devices change
     */
    StoredValues(
            DeviceValues values, RegistryThread registry, Consumer<Report> reports, Clock clock) {
        this.values = values;
        this.registry = registry;
        this.reports = reports;
        this.clock = clock;
    }

    /** {@code {"attributes":{"name":value}}}. */
    Service attributeUpdate() {
        return request -> {
            JsonNode attributes =
                    Parameters.requireObject(
                            "params.attributes", request.object().path("attributes"));
            Map<String, String> set = new LinkedHashMap<>();
            attributes
                    .properties()
                    .forEach(each -> set.put(each.getKey(), Envelope.text(each.getValue())));
            return change(request, Kind.ATTRIBUTE, set, Set.of(), attributes);
        };
    }

    /** {@code [{"tagKey":"k","tagValue":"v"}]}. */
    Service tagUpdate() {
        return request -> {
            Map<String, String> set = new LinkedHashMap<>();
            ObjectNode tags = Envelope.object();
            for (JsonNode tag : Parameters.requireArray("params", request.params())) {
                String key = Parameters.requireText("params[].tagKey", tag.path("tagKey"));
                String value = Parameters.requireText("params[].tagValue", tag.path("tagValue"));
                set.put(key, value);
                tags.put(key, value);
            }
            return change(request, Kind.TAG, set, Set.of(), tags);
        };
    }

    /** {@code {"attributes":["name"]}} or {@code {"tags":["name"]}}: none are all. */
    Service query(Kind kind, String listName) {
        return request -> {
            Set<String> wanted = names(request, listName);
            return registry.run(
                    request,
                    () -> {
                        Map<String, String> found = values.find(request.device(), kind);
                        if (!wanted.isEmpty()) {
                            found.keySet().retainAll(wanted);
                        }
                        ObjectNode data = Envelope.object();
                        found.forEach((name, value) -> data.set(name, shown(kind, value)));
                        return Reply.success(data);
                    });
        };
    }

    /** {@code {"attributes":["name"]}} or {@code {"tags":["name"]}}. */
    Service delete(Kind kind, String listName) {
        return request -> {
            Set<String> names = names(request, listName);
            ObjectNode gone = Envelope.object();
            names.forEach(name -> gone.set(name, NullNode.instance));
            return change(request, kind, Map.of(), names, gone);
        };
    }

    private static Set<String> names(Request request, String listName) {
        return Parameters.requireTexts("params." + listName, request.object().path(listName));
    }

    private static JsonNode shown(Kind kind, String value) {
        return kind == Kind.ATTRIBUTE ? Envelope.parse(value) : TextNode.valueOf(value);
    }

    private CompletionStage<Reply> change(
            Request request,
            Kind kind,
            Map<String, String> set,
            Set<String> removed,
            JsonNode told) {
        return registry.run(
                request,
                () -> {
                    values.change(request.device(), kind, set, removed);
                    long now = clock.millis();
                    reports.accept(Report.of(request.device(), reportKind(kind), now, now, told));
                    return Reply.done();
                });
    }

    private static Report.Kind reportKind(Kind kind) {
        return kind == Kind.ATTRIBUTE ? Report.Kind.ATTRIBUTES : Report.Kind.TAGS;
    }
}
