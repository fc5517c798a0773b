package io.muster.loadtest.scenario;

/** Who publishes to whom. */
public enum Topology {
    /** Subscriber i listens to device i alone. */
    P2P,
    /** Every subscriber listens to all devices through a wildcard. */
    FANIN,
    /** Device 0 publishes to all subscribers, the others only stay connected. */
    FANOUT,
    /** The subscribers are one shared group, which gets each message of each device once. */
    SHARED,
    /** Subscribers hear whatever other load testers publish; the devices, if any, are idle. */
    OUTSIDERS
}
