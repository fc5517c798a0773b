package io.muster.hub.api.devices;

import io.javalin.config.RoutesConfig;
import io.muster.hub.api.http.Resource;

/** All that the management API knows of products and devices. Shared. */
public final class DeviceResources implements Resource {

    private final ManagedDevices managed;

    /** Resources of these. */
    public DeviceResources(ManagedDevices managed) {
        this.managed = managed;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        DeviceResource devices = new DeviceResource(managed);
        devices.addTo(routes);
        new ProductResource(managed.registry(), devices).addTo(routes);
        new ImportResource(managed.registry()).addTo(routes);
        new SecretResource(managed.registry(), devices, managed.sessions().clients()).addTo(routes);
        new DeviceValueResource(devices, managed.records(), managed.values()).addTo(routes);
        CommandResource commands = new CommandResource(devices, managed.commands());
        commands.addTo(routes);
        new FirmwareResource(managed, devices, commands).addTo(routes);
    }
}
