package io.muster.hub.api.gateways;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.registry.topology.SubDevice;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.devices.DeviceResource;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import io.muster.hub.gateways.Gateways;
import java.util.List;
import java.util.Optional;

/** The devices that a gateway speaks for. Shared. */
public final class SubDeviceResource implements Resource {

    private static final String SUB_DEVICES = DeviceResource.DEVICE + "/subdevices";
    private static final String SUB_DEVICE = SUB_DEVICES + "/{subProductKey}/{subDeviceKey}";

    private final DeviceResource devices;
    private final DeviceDirectory directory;
    private final Gateways gateways;

    /** Of a hub. */
    public SubDeviceResource(ManagedDevices managed) {
        this.devices = new DeviceResource(managed);
        this.directory = managed.directory();
        this.gateways = managed.gateways();
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, SUB_DEVICES, Needs.READ, this::list);
        routes.put(SUB_DEVICE, this::add, Needs.operate("device.subdevice.add"));
        routes.delete(SUB_DEVICE, this::remove, Needs.operate("device.subdevice.remove"));
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        DeviceId gateway = devices.find(ctx).id();
        List<SubDevice> read = gateways.list(gateway, after(page), page.readLimit());
        Json.answer(ctx, 200, page.answer(read, each -> each.id().toString(), this::view));
    }

    private static Optional<DeviceId> after(Page page) {
        if (page.after().isEmpty()) {
            return Optional.empty();
        }
        int slash = page.after().indexOf('/');
        if (slash < 0) {
            throw ApiProblem.badRequest(
                    "the query parameter 'after' is not productKey/deviceKey, as 'next' is");
        }
        return Optional.of(
                Problems.unlessInvalid(
                        () ->
                                new DeviceId(
                                        page.after().substring(0, slash),
                                        page.after().substring(slash + 1))));
    }

    private ObjectNode view(SubDevice subDevice) {
        DeviceId id = subDevice.id();
        ObjectNode view =
                Json.object().put("productKey", id.productKey()).put("deviceKey", id.deviceKey());
        Stages.await(directory.find(id))
                .map(Device::status)
                .ifPresent(status -> view.put("state", status.name()));
        return view.put("signedIn", gateways.isSignedIn(subDevice.gateway(), id))
                .put("addedAt", subDevice.addedAt().toString());
    }

    /** As an operator says so, and not since the device has proved it. */
    private void add(Context ctx) {
        Conditions.requireNone(ctx, "what a gateway speaks for");
        DeviceId gateway = devices.find(ctx).id();
        DeviceId subDevice = subDevice(ctx);
        SubDevice added =
                Problems.unlessInvalid(
                                () -> {
                                    gateways.add(gateway, subDevice);
                                    return gateways.find(subDevice);
                                })
                        .orElseThrow(() -> unknown(gateway, subDevice));
        Json.answer(ctx, 200, view(added));
    }

    private void remove(Context ctx) {
        Conditions.requireNone(ctx, "what a gateway speaks for");
        DeviceId gateway = devices.find(ctx).id();
        DeviceId subDevice = subDevice(ctx);
        if (!Stages.await(gateways.remove(gateway, subDevice))) {
            throw unknown(gateway, subDevice);
        }
        ctx.status(204);
    }

    private static ApiProblem unknown(DeviceId gateway, DeviceId subDevice) {
        return ApiProblem.notFound(
                "gateway '" + gateway + "' does not speak for '" + subDevice + "'");
    }

    private static DeviceId subDevice(Context ctx) {
        return Problems.unlessInvalid(
                () -> new DeviceId(ctx.pathParam("subProductKey"), ctx.pathParam("subDeviceKey")));
    }
}
