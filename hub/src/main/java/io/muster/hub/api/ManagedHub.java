package io.muster.hub.api;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.guard.Bars;
import io.muster.broker.Clients;
import io.muster.broker.Drain;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.monitoring.Readiness;

/**
 * The parts of a hub that its management API shows and changes.
 *
 * @param devices products and devices
 * @param signIns who may sign in besides devices, and who may not for some time
 * @param clients connected clients
 * @param drain sends them elsewhere
 * @param readiness whether the hub is ready
 * @param meters its metrics
 * @param certificates those of devices
 */
public record ManagedHub(
        ManagedDevices devices,
        SignIns signIns,
        Clients clients,
        Drain drain,
        Readiness readiness,
        PrometheusMeterRegistry meters,
        DeviceCertificates certificates) {

    /**
     * Who may sign in besides devices, and who may not for some time.
     *
     * @param access accounts of applications and their roles
     * @param scramIterations of the passwords of new accounts, see {@link StoredPassword}
     * @param bars who is barred at present
     */
    public record SignIns(AccessChanges access, int scramIterations, Bars bars) {}
}
