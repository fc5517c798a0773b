package io.muster.hub;

import io.muster.broker.Broker;
import io.muster.hub.commands.ApplicationCommands;
import io.muster.hub.commands.Commands;
import io.muster.hub.commands.Timer;
import io.muster.hub.gateways.GatewayClients;
import io.muster.hub.gateways.Gateways;
import io.muster.hub.gateways.SubDeviceSignIn;
import io.muster.hub.monitoring.GatewayMetrics;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.ServiceMetrics;
import io.muster.hub.services.DeviceServices;
import io.muster.hub.services.Outlet;
import io.muster.hub.services.ServedRegistry;
import java.time.Clock;

/**
 * What devices, gateways and applications ask of each other, put together on a broker.
 *
 * @param clients connected clients, and the devices behind gateways
 * @param commands asks devices to do something
 */
record ServedDevices(GatewayClients clients, Commands commands) {

    /**
     * Begins to serve.
     *
     * @param stored what the registry keeps for devices
     * @param gateways what there is of gateways
     * @param signIn finds out whether gateways know the secrets of devices
     */
    static ServedDevices open(
            OpenParts open,
            Broker broker,
            ServedRegistry stored,
            Gateways gateways,
            SubDeviceSignIn signIn,
            HubMetrics metrics) {
        Clock clock = Clock.systemUTC();
        ServiceMetrics counted = new ServiceMetrics(metrics.registry());
        GatewayMetrics logins =
                new GatewayMetrics(metrics.registry(), gateways.subDevices()::count);
        GatewayClients clients = new GatewayClients(broker.clients(), gateways.subDevices());
        Commands commands = new Commands(clients::send, Timer.JDK, clock, counted);
        DeviceServices services =
                open.open(
                        Part.SERVICES,
                        () ->
                                new DeviceServices(
                                        stored,
                                        gateways.services(signIn, logins),
                                        commands,
                                        clock,
                                        new Outlet(broker::answer, broker::passOn),
                                        counted));
        gateways.start(broker.clients(), commands::nextId, services::refused);
        DeviceServices.FILTERS.forEach(
                filter -> broker.subscribe(filter, services::reportedOn, services::received));
        ApplicationCommands applications =
                new ApplicationCommands(
                        commands,
                        client -> clients.find(client).map(found -> found.identity().permissions()),
                        broker::answer,
                        counted);
        broker.subscribe(ApplicationCommands.FILTER, applications::received);
        return new ServedDevices(clients, commands);
    }
}
