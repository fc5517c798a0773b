package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.FirmwareOffer;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The firmware of devices: {@code ota/device/...}. The registry keeps what a device said last.
 * Shared; the registry is asked on its own thread.
 */
final class FirmwareReports {

    /** What applications are told of: the version that runs, and how far an upgrade is. */
    static final String VERSION = "version";

    static final String PROGRESS = "progress";

    private final FirmwareTable table;
    private final RegistryThread registry;
    private final Consumer<Report> reports;
    private final Clock clock;

    /**
     * Firmware in a registry.
     *
     * @param reports is given what devices say
     */
    FirmwareReports(
            FirmwareTable table, RegistryThread registry, Consumer<Report> reports, Clock clock) {
        this.table = table;
        this.registry = registry;
        this.reports = reports;
        this.clock = clock;
    }

    /** {@code {"version":"1.2"}}: this is what the device runs. */
    Service inform() {
        return request -> {
            String version =
                    Parameters.requireText("params.version", request.object().path("version"));
            return keep(request, VERSION, () -> table.reportVersion(request.device(), version));
        };
    }

    /** {@code {"step":"50","desc":"..."}}: so far is its upgrade. */
    Service progress() {
        return request -> {
            String step = step(request.object().path("step"));
            String description = request.object().path("desc").asText("");
            return keep(
                    request,
                    PROGRESS,
                    () -> table.reportProgress(request.device(), step, description));
        };
    }

    /** The SDKs send a text; a number says the same. */
    private static String step(JsonNode step) {
        if (!step.isTextual() && !step.isIntegralNumber()) {
            throw RefusedRequestException.badParameter("params.step is not a text or a number");
        }
        return step.asText();
    }

    private CompletionStage<Reply> keep(Request request, String name, Runnable write) {
        return registry.run(
                request,
                () -> {
                    write.run();
                    long now = clock.millis();
                    reports.accept(
                            new Report(
                                    request.device(),
                                    Kind.FIRMWARE,
                                    name,
                                    now,
                                    now,
                                    request.params()));
                    return Reply.done();
                });
    }

    /** What is offered to the devices of the product, the newest first. */
    Service versions() {
        return request ->
                registry.run(
                        request,
                        () -> {
                            ArrayNode offers = Envelope.array();
                            table.list(request.device().productKey())
                                    .forEach(each -> offers.add(FirmwareOffer.of(each)));
                            return Reply.success(offers);
                        });
    }
}
