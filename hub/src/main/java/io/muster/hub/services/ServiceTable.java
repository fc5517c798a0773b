package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.devices.registry.DeviceValues;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ServiceTopic;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which service answers on which topic. Immutable, shared. */
final class ServiceTable {

    private static final String EVENT = "thing/event/";
    private static final String POST = "/post";

    /** Becomes a level of the topic of a report, so it is as short as that of a service. */
    private static final Pattern EVENT_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private final Map<String, Service> services = new HashMap<>();
    private final Service events;
    private final Consumer<Report> reports;
    private final Clock clock;

    /**
     * All services.
     *
     * @param reports is given what devices say
     */
    ServiceTable(
            DeviceValues values, RegistryThread registry, Consumer<Report> reports, Clock clock) {
        this.reports = reports;
        this.clock = clock;
        this.events = Service.atOnce(this::event);
        addMeasurements(new Measurements(reports, clock));
        addStoredValues(new StoredValues(values, registry, reports, clock));
        services.put("thing/tsltemplate/get", Service.atOnce(request -> emptyModel()));
        services.put("ota/device/inform", reporting(Kind.FIRMWARE, "version"));
        services.put("ota/device/progress", reporting(Kind.FIRMWARE, "progress"));
        services.put(
                "ota/device/getversion",
                Service.atOnce(request -> Reply.success(Envelope.array())));
        services.put("thing/log/post", reporting(Kind.LOG, ""));
        services.put("network/status/report", reporting(Kind.NETWORK, ""));
        services.put("connection/state/post", reporting(Kind.CONNECTION, ""));
    }

    private void addMeasurements(Measurements measurements) {
        services.put("thing/measurepoint/post", measurements.single(Kind.MEASUREPOINTS));
        services.put("thing/measurepoint/post/batch", measurements.batch(Kind.MEASUREPOINTS));
        services.put("thing/measurepoint/resume", measurements.single(Kind.LATE_MEASUREPOINTS));
        services.put(
                "thing/measurepoint/resume/batch", measurements.batch(Kind.LATE_MEASUREPOINTS));
    }

    private void addStoredValues(StoredValues stored) {
        services.put("thing/attribute/update", stored.attributeUpdate());
        services.put(
                "thing/attribute/query", stored.query(DeviceValues.Kind.ATTRIBUTE, "attributes"));
        services.put(
                "thing/attribute/delete", stored.delete(DeviceValues.Kind.ATTRIBUTE, "attributes"));
        services.put("thing/tag/update", stored.tagUpdate());
        services.put("thing/tag/query", stored.query(DeviceValues.Kind.TAG, "tags"));
        services.put("thing/tag/delete", stored.delete(DeviceValues.Kind.TAG, "tags"));
    }

    /** The service for the end of a topic, or null. */
    @Nullable Service find(String rest) {
        Service service = services.get(rest);
        return service == null && !eventName(rest).isEmpty() ? events : service;
    }

    /** The method to count a request by: events of all names together. */
    static String countedAs(ServiceTopic topic) {
        return eventName(topic.rest()).isEmpty() ? topic.method() : "thing.event.post";
    }

    /**
     * Whether a method belongs to a topic. That of an event need only say that it is one: the
     * Python SDK puts the event's name in the wrong place.
     */
    static boolean fits(ServiceTopic topic, String method) {
        return eventName(topic.rest()).isEmpty()
                ? topic.method().equals(method)
                : method.startsWith("thing.event.");
    }

    /** The name of an event by its topic, else empty. */
    private static String eventName(String rest) {
        boolean isEvent =
                rest.startsWith(EVENT)
                        && rest.endsWith(POST)
                        && rest.length() > EVENT.length() + POST.length();
        String name = isEvent ? rest.substring(EVENT.length(), rest.length() - POST.length()) : "";
        return EVENT_NAME.matcher(name).matches() ? name : "";
    }

    private Reply event(Request request) {
        JsonNode params = request.object();
        JsonNode events = Parameters.requireObject("params.events", params.path("events"));
        long now = clock.millis();
        long time = Parameters.time("params.time", params.path("time"), now);
        reports.accept(
                new Report(
                        request.device(),
                        Kind.EVENT,
                        eventName(request.rest()),
                        time,
                        now,
                        events));
        return Reply.done();
    }

    /** What is passed on as it is. */
    private Service reporting(Kind kind, String name) {
        return Service.atOnce(
                request -> {
                    long now = clock.millis();
                    reports.accept(
                            new Report(request.device(), kind, name, now, now, request.object()));
                    return Reply.done();
                });
    }

    /** There are no models here, so each product has the empty one. */
    private static Reply emptyModel() {
        ObjectNode model = Envelope.object();
        model.putObject("tslAttributeMap");
        model.putObject("tslMeasurepointMap");
        model.putObject("tslEventMap");
        model.putObject("tslServiceMap");
        return Reply.success(model);
    }
}
