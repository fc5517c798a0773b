package io.muster.hub.api.access;

import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import java.util.Optional;

/**
 * A device that a request comes from, without any doubt. It has no role: it may do what a route
 * lets the device do that its path names. Immutable.
 *
 * @param id the device
 * @param certificate by which it proved that; empty if it was by its secret
 * @param address where from
 * @param signature of the request, if it has one
 */
public record DeviceCaller(
        DeviceId id,
        Optional<CertificateId> certificate,
        String address,
        Optional<String> signature) {

    private static final String ATTRIBUTE = "muster.device.caller";

    /** What the audit log calls it. */
    public String actor() {
        return "device:" + id;
    }

    /** The device that the request of {@code ctx} comes from; empty if it is an operator's. */
    public static Optional<DeviceCaller> of(Context ctx) {
        return Optional.ofNullable(ctx.attribute(ATTRIBUTE));
    }

    void isOf(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }
}
