package io.muster.devices;

/**
 * What is shown of a device's state. {@link #next} is the only place that says which status follows
 * which.
 */
public enum DeviceStatus {
    /** Registered, never signed in. */
    INACTIVE,
    /** Signed in and connected. */
    ONLINE,
    /** Was online before, is not now. */
    OFFLINE,
    /** Barred by an operator, whatever it was before. */
    DISABLED;

    /**
     * The status after {@code event}; this status itself if the event changes nothing.
     *
     * @param activated whether the device has ever signed in; decides what enabling returns to
     */
    public DeviceStatus next(DeviceEvent event, boolean activated) {
        return switch (event) {
            case SIGNED_IN -> this == DISABLED ? DISABLED : ONLINE;
            case CONNECTION_LOST, IDLED -> this == ONLINE ? OFFLINE : this;
            case DISABLED -> DISABLED;
            case ENABLED -> this == DISABLED ? restored(activated) : this;
        };
    }

    private static DeviceStatus restored(boolean activated) {
        return activated ? OFFLINE : INACTIVE;
    }
}
