package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.firmware.Firmware;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.firmware.ReportedFirmware;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Routes;
import io.muster.hub.commands.Command;
import io.muster.hub.protocol.FirmwareOffer;
import java.time.Duration;
import java.util.List;

/** The firmware that is offered to devices, and what they say of theirs. Shared. */
final class FirmwareResource {

    private static final String OFFERED = Routes.ROOT + "/products/{productKey}/firmware";
    private static final String VERSION = OFFERED + "/{version}";
    private static final String REPORTED = DeviceResource.DEVICE + "/firmware";

    private final DeviceResource devices;
    private final CommandResource commands;
    private final FirmwareTable table;
    private final ManagedDevices managed;

    FirmwareResource(ManagedDevices managed, DeviceResource devices, CommandResource commands) {
        this.managed = managed;
        this.devices = devices;
        this.commands = commands;
        this.table = managed.firmware();
    }

    /** Registers the routes. An offer makes the devices of a whole product install something. */
    void addTo(RoutesConfig routes) {
        Routes.read(routes, OFFERED, Needs.READ, this::list);
        Routes.read(routes, VERSION, Needs.READ, ctx -> Json.answer(ctx, 200, view(find(ctx))));
        routes.put(VERSION, this::offer, Needs.admin("firmware.offer"));
        routes.delete(VERSION, this::withdraw, Needs.admin("firmware.withdraw"));
        Routes.read(routes, REPORTED, Needs.READ, this::reported);
        routes.post(REPORTED, this::upgrade, Needs.operate("device.upgrade"));
    }

    private void list(Context ctx) {
        String productKey = ProductResource.find(managed.registry(), ctx).productKey();
        ArrayNode items = Json.array();
        table.list(productKey).forEach(each -> items.add(view(each)));
        Json.answer(ctx, 200, Json.object().set("items", items));
    }

    private void offer(Context ctx) {
        Conditions.requireNone(ctx, "firmware");
        RequestFields fields = RequestFields.of(ctx, List.of("url", "size", "sign", "signMethod"));
        int size =
                fields.wholeNumber("size", 1, Integer.MAX_VALUE)
                        .orElseThrow(() -> ApiProblem.badRequest("the field 'size' is missing"));
        ObjectNode before =
                table.find(ctx.pathParam("productKey"), ctx.pathParam("version"))
                        .map(FirmwareResource::view)
                        .orElseGet(Json::object);
        Firmware offered =
                Problems.unlessInvalid(
                        () -> {
                            Firmware firmware =
                                    new Firmware(
                                            ctx.pathParam("version"),
                                            fields.requiredText("url"),
                                            size,
                                            fields.requiredText("sign"),
                                            fields.requiredText("signMethod"));
                            table.offer(ctx.pathParam("productKey"), firmware);
                            return firmware;
                        });
        Changed.tell(ctx, before, view(offered));
        Json.answer(ctx, 200, view(offered));
    }

    private void withdraw(Context ctx) {
        Conditions.requireNone(ctx, "firmware");
        ObjectNode before = view(find(ctx));
        if (!table.withdraw(ctx.pathParam("productKey"), ctx.pathParam("version"))) {
            throw notOffered(ctx.pathParam("productKey"), ctx.pathParam("version"));
        }
        Changed.tell(ctx, before, Json.object());
        ctx.status(204);
    }

    private Firmware find(Context ctx) {
        return find(ctx.pathParam("productKey"), ctx.pathParam("version"));
    }

    private Firmware find(String productKey, String version) {
        return table.find(productKey, version).orElseThrow(() -> notOffered(productKey, version));
    }

    private static ApiProblem notOffered(String productKey, String version) {
        return ApiProblem.notFound(
                "firmware '%s' is not offered to product '%s'".formatted(version, productKey));
    }

    private void reported(Context ctx) {
        ReportedFirmware reported = table.reported(devices.find(ctx).id());
        ObjectNode view = Json.object();
        reported.running()
                .ifPresent(
                        running ->
                                view.put("version", running.version())
                                        .put("versionAt", running.at().toString()));
        reported.progress()
                .ifPresent(
                        progress ->
                                view.put("step", progress.step())
                                        .put("description", progress.description())
                                        .put("stepAt", progress.at().toString()));
        Json.answer(ctx, 200, view);
    }

    /** Asks a connected device to take a version that is offered. */
    private void upgrade(Context ctx) {
        Conditions.requireNone(ctx, "the firmware of a device");
        RequestFields fields = RequestFields.of(ctx, List.of("version", "timeoutSeconds"));
        Duration timeout = CommandResource.timeout(fields);
        DeviceId id = devices.find(ctx).id();
        Firmware firmware = find(id.productKey(), fields.requiredText("version"));
        Acts.detail(ctx, "version: " + firmware.version());
        commands.ask(
                ctx, id, new Command("ota.device.upgrade", FirmwareOffer.of(firmware), timeout));
    }

    private static ObjectNode view(Firmware firmware) {
        return Json.object()
                .put("version", firmware.version())
                .put("url", firmware.url())
                .put("size", firmware.size())
                .put("sign", firmware.sign())
                .put("signMethod", firmware.signMethod());
    }
}
