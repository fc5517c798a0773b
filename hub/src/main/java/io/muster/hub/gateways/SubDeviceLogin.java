package io.muster.hub.gateways;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;
import java.util.concurrent.atomic.AtomicLong;

/** A device that is signed in through a gateway. Shared. */
final class SubDeviceLogin {

    /** Less than the shortest idle limit, 1 s, so that nobody idles who reports within it. */
    private static final long HEARD_PAUSE_MILLIS = 250;

    private final DeviceId id;
    private final GatewayLink gateway;
    private final TopicPermissions permissions;
    private final AtomicLong heardMillis;

    /**
     * A login that begins.
     *
     * @param permissions what the device itself may use
     */
    SubDeviceLogin(DeviceId id, GatewayLink gateway, TopicPermissions permissions, long nowMillis) {
        this.id = id;
        this.gateway = gateway;
        this.permissions = permissions;
        this.heardMillis = new AtomicLong(nowMillis);
    }

    DeviceId id() {
        return id;
    }

    GatewayLink gateway() {
        return gateway;
    }

    TopicPermissions permissions() {
        return permissions;
    }

    /** The device was heard; whether that is worth telling, which it is not each time. */
    boolean heard(long nowMillis) {
        long before = heardMillis.get();
        return nowMillis - before >= HEARD_PAUSE_MILLIS
                && heardMillis.compareAndSet(before, nowMillis);
    }
}
