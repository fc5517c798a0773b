package io.muster.devices;

/** What happens to a device and may change its {@link DeviceStatus}. */
public enum DeviceEvent {
    /** It proved who it is and is connected; also when it sends data again after it was idle. */
    SIGNED_IN,
    /** Its connection ended, for whatever cause. */
    CONNECTION_LOST,
    /** It is connected, but sent no data for its idle limit. */
    IDLED,
    /** An operator bars it. */
    DISABLED,
    /** An operator lifts the bar. */
    ENABLED
}
