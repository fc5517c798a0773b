package io.muster.devices;

/** What happens to a device and may change its {@link DeviceStatus}. */
public enum DeviceEvent {
    /** It proved who it is and is connected; also when it is heard again after it was idle. */
    SIGNED_IN,
    /** Its connection ended, for whatever cause. */
    CONNECTION_LOST,
    /** It is connected, but was not heard for the idle timeout. */
    IDLED,
    /** An operator bars it. */
    DISABLED,
    /** An operator lifts the bar. */
    ENABLED
}
