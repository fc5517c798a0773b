package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.GatewayServices;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measure points: {@code thing/measurepoint/...}. Shared; works on the caller's thread. */
final class Measurements {

    private static final String POINTS = "measurepoints";
    private static final int BATCH_MAX = 1_000;

    private final GatewayServices gateways;
    private final Consumer<Report> reports;
    private final Clock clock;

    /**
     * Measure points that are passed on.
     *
     * @param gateways know for whom devices speak besides themselves
     * @param reports is given what devices say
     */
    Measurements(GatewayServices gateways, Consumer<Report> reports, Clock clock) {
        this.gateways = gateways;
        this.reports = reports;
        this.clock = clock;
    }

    /** A service that takes the points of one time. */
    Service single(Kind kind) {
        return Service.atOnce(
                request -> {
                    reports.accept(
                            report(request.device(), kind, "params", request.object(), now()));
                    return Reply.done();
                });
    }

    /**
     * A service that takes those of several times, all or none; without the wrong ones where the
     * device wants that.
     */
    Service batch(Kind kind) {
        return Service.atOnce(
                request -> {
                    batch(request, kind).forEach(reports);
                    return Reply.done();
                });
    }

    private List<Report> batch(Request request, Kind kind) {
        JsonNode entries = Parameters.requireArray("params", request.params());
        if (entries.size() > BATCH_MAX) {
            throw RefusedRequestException.badParameter(
                    "params has %d entries; at most %d are allowed"
                            .formatted(entries.size(), BATCH_MAX));
        }
        boolean skipping = request.envelope().path("skipInvalidMeasurepoints").asBoolean(false);
        long now = now();
        List<Report> batch = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            try {
                batch.add(entry(request, kind, "params[" + i + "]", entries.get(i), now));
            } catch (RefusedRequestException wrong) {
                if (!skipping) {
                    throw wrong;
                }
            }
        }
        return batch;
    }

    private Report entry(Request request, Kind kind, String name, JsonNode entry, long now) {
        Parameters.requireObject(name, entry);
        DeviceId speaker = request.device();
        String productKey = entry.path("productKey").asText(speaker.productKey());
        String deviceKey = entry.path("deviceKey").asText(speaker.deviceKey());
        boolean isOwn =
                productKey.equals(speaker.productKey()) && deviceKey.equals(speaker.deviceKey());
        DeviceId subject = isOwn ? speaker : subDevice(request, name, productKey + "/" + deviceKey);
        return report(subject, kind, name, entry, now);
    }

    private DeviceId subDevice(Request request, String name, String device) {
        boolean alsoOffline = request.envelope().path("allowOfflineSubDevice").asBoolean(false);
        return gateways.speaksFor(request.device(), device, alsoOffline)
                .orElseThrow(
                        () ->
                                new RefusedRequestException(
                                        ReplyCode.NOT_PERMITTED,
                                        "%s is about another device, for which %s may not speak"
                                                .formatted(name, request.device())));
    }

    private static Report report(
            DeviceId device, Kind kind, String name, JsonNode values, long now) {
        JsonNode points = Parameters.requireObject(name + "." + POINTS, values.path(POINTS));
        long time = Parameters.time(name + ".time", values.path("time"), now);
        return Report.of(device, kind, time, now, points);
    }

    private long now() {
        return clock.millis();
    }
}
