package io.muster.devices.topics;

/** What a rule about topics says. */
public enum Effect {
    /** The client may use such topics. */
    ALLOW,
    /** It may not. */
    DENY
}
