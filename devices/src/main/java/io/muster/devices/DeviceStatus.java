package io.muster.devices;

/** What is shown of a device's state. */
public enum DeviceStatus {
    /** Registered, never signed in. */
    INACTIVE,
    /** Signed in and connected. */
    ONLINE,
    /** Was online before, is not now. */
    OFFLINE,
    /** Barred by an operator, whatever it was before. */
    DISABLED
}
