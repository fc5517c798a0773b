package io.muster.hub.api;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.auth.application.StoredPassword;
import io.muster.broker.Clients;
import io.muster.broker.Drain;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.registry.ApplicationRegistry;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.hub.monitoring.Readiness;

/**
 * The parts of a hub that its management API shows and changes.
 *
 * @param registry products and devices
 * @param applications accounts of applications
 * @param scramIterations of the passwords of new accounts, see {@link StoredPassword}
 * @param directory live states of devices
 * @param clients connected clients
 * @param drain sends them elsewhere
 * @param readiness whether the hub is ready
 * @param meters its metrics
 */
public record ManagedHub(
        DeviceRegistry registry,
        ApplicationRegistry applications,
        int scramIterations,
        DeviceDirectory directory,
        Clients clients,
        Drain drain,
        Readiness readiness,
        PrometheusMeterRegistry meters) {}
