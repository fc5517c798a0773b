package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.devices.registry.DeviceValues;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.GatewayServices;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import io.muster.hub.protocol.ServiceTopic;
import io.muster.hub.protocol.ServiceTopic.Root;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which service answers on which topic. Immutable, shared. */
final class ServiceTable {

    /** Not a service: answered by an application, if at all. */
    static final String RAW = "thing/model/up_raw";

    private static final String EVENT = "thing/event/";
    private static final String POST = "/post";

    /** Becomes a level of the topic of a report, so it is as short as that of a service. */
    private static final Pattern EVENT_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /** Longer ones are not even refused: there may be no room in the topic of the answer. */
    private static final int EVENT_NAME_READ = 128;

    /** What applications are told of requests, without the device. */
    private record Told(Kind kind, String name) {

        /** Of which there is only one. */
        private static Told all(Kind kind) {
            return new Told(kind, "");
        }
    }

    /** By the end of the topic behind {@code /sys}. */
    private final Map<String, Told> told = new HashMap<>();

    /** By the end of the topic behind {@code /sys}, and behind {@code /ext/session}. */
    private final Map<String, Service> services = new HashMap<>();

    private final Map<String, Service> sessions;
    private final Service events;
    private final Consumer<Report> reports;
    private final Clock clock;

    /**
     * All services.
     *
     * @param gateways those of gateways, and for whom they speak
     * @param reports is given what devices say
     */
    ServiceTable(
            ServedRegistry stored,
            GatewayServices gateways,
            RegistryThread registry,
            Consumer<Report> reports,
            Clock clock) {
        this.reports = reports;
        this.clock = clock;
        this.events = Service.atOnce(this::event);
        this.sessions = gateways.sessions();
        services.putAll(gateways.system(registry::run));
        addMeasurements(new Measurements(gateways, reports, clock));
        addStoredValues(new StoredValues(stored.values(), registry, reports, clock));
        addFirmware(new FirmwareReports(stored.firmware(), registry, reports, clock));
        services.put("thing/tsltemplate/get", Service.atOnce(request -> emptyModel()));
        put("thing/log/post", Told.all(Kind.LOG), reporting(Kind.LOG));
        put("network/status/report", Told.all(Kind.NETWORK), reporting(Kind.NETWORK));
        put("connection/state/post", Told.all(Kind.CONNECTION), reporting(Kind.CONNECTION));
        told.put(RAW, Told.all(Kind.RAW));
    }

    /** A service that tells applications something. */
    private void put(String rest, Told what, Service service) {
        services.put(rest, service);
        told.put(rest, what);
    }

    private void addMeasurements(Measurements measurements) {
        Kind now = Kind.MEASUREPOINTS;
        Kind late = Kind.LATE_MEASUREPOINTS;
        put("thing/measurepoint/post", Told.all(now), measurements.single(now));
        put("thing/measurepoint/post/batch", Told.all(now), measurements.batch(now));
        put("thing/measurepoint/resume", Told.all(late), measurements.single(late));
        put("thing/measurepoint/resume/batch", Told.all(late), measurements.batch(late));
    }

    private void addStoredValues(StoredValues stored) {
        DeviceValues.Kind attribute = DeviceValues.Kind.ATTRIBUTE;
        DeviceValues.Kind tag = DeviceValues.Kind.TAG;
        Told attributes = Told.all(Kind.ATTRIBUTES);
        Told tags = Told.all(Kind.TAGS);
        put("thing/attribute/update", attributes, stored.attributeUpdate());
        put("thing/attribute/delete", attributes, stored.delete(attribute, "attributes"));
        put("thing/tag/update", tags, stored.tagUpdate());
        put("thing/tag/delete", tags, stored.delete(tag, "tags"));
        services.put("thing/attribute/query", stored.query(attribute, "attributes"));
        services.put("thing/tag/query", stored.query(tag, "tags"));
    }

    private void addFirmware(FirmwareReports firmware) {
        put(
                "ota/device/inform",
                new Told(Kind.FIRMWARE, FirmwareReports.VERSION),
                firmware.inform());
        put(
                "ota/device/progress",
                new Told(Kind.FIRMWARE, FirmwareReports.PROGRESS),
                firmware.progress());
        services.put("ota/device/getversion", firmware.versions());
    }

    /** Where applications will hear of a request, or null if they will not. */
    @Nullable String reportedOn(ServiceTopic topic) {
        String rest = topic.rest();
        if (topic.root() == Root.SESSION) {
            return null;
        }
        Told known = isEvent(rest) ? new Told(Kind.EVENT, eventName(rest)) : told.get(rest);
        return known == null ? null : Report.topic(topic.device(), known.kind, known.name);
    }

    /** The service for a topic, or null. */
    @Nullable Service find(ServiceTopic topic) {
        String rest = topic.rest();
        if (topic.root() == Root.SESSION) {
            return sessions.get(rest);
        }
        return isEvent(rest) ? events : services.get(rest);
    }

    /** The method to count a request by: events of all names together. */
    static String countedAs(ServiceTopic topic) {
        return isEvent(topic.rest()) ? "thing.event.post" : topic.method();
    }

    /**
     * Whether a method belongs to a topic. That of an event need only say that it is one: the
     * Python SDK puts the event's name in the wrong place.
     */
    static boolean fits(ServiceTopic topic, String method) {
        return isEvent(topic.rest())
                ? method.startsWith("thing.event.")
                : topic.method().equals(method);
    }

    private static boolean isEvent(String rest) {
        int nameEnd = rest.length() - POST.length();
        return rest.startsWith(EVENT)
                && rest.endsWith(POST)
                && nameEnd > EVENT.length()
                && nameEnd <= EVENT.length() + EVENT_NAME_READ
                && rest.indexOf('/', EVENT.length()) == nameEnd;
    }

    /** Whoever uses another name is told so: the SDK for Node.js waits for an answer for ever. */
    private static String requireEventName(String rest) {
        String name = eventName(rest);
        if (!EVENT_NAME.matcher(name).matches()) {
            throw RefusedRequestException.badParameter(
                    "the name of the event is not 1 to 64 letters, digits and _ - .");
        }
        return name;
    }

    private static String eventName(String rest) {
        return rest.substring(EVENT.length(), rest.length() - POST.length());
    }

    private Reply event(Request request) {
        String name = requireEventName(request.rest());
        JsonNode params = request.object();
        JsonNode events = Parameters.requireObject("params.events", params.path("events"));
        long now = clock.millis();
        long time = Parameters.time("params.time", params.path("time"), now);
        reports.accept(new Report(request.device(), Kind.EVENT, name, time, now, events));
        return Reply.done();
    }

    /** What is passed on as it is. */
    private Service reporting(Kind kind) {
        return Service.atOnce(
                request -> {
                    long now = clock.millis();
                    reports.accept(Report.of(request.device(), kind, now, now, request.object()));
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
