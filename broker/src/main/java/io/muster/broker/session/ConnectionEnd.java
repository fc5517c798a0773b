package io.muster.broker.session;

/** Why a connection ended. */
public enum ConnectionEnd {
    /** The client sent DISCONNECT and wants no will. */
    CLIENT_DISCONNECTED(false),
    /** The client sent DISCONNECT and asked for its will [MQTT5 3.14.2.1, 0x04]. */
    CLIENT_DISCONNECTED_WITH_WILL(true),
    /** The socket closed without DISCONNECT. */
    CONNECTION_LOST(true),
    /** Nothing came for one and a half keep-alive intervals [MQTT-3.1.2-22]. */
    KEEP_ALIVE_TIMEOUT(true),
    /** Publishers waited for the client, and it took nothing for too long. */
    STALLED(true),
    /** The client broke the protocol. */
    PROTOCOL_ERROR(true),
    /** A new connection with the same client identifier took over [MQTT-3.1.4-3]. */
    TAKEN_OVER(true),
    /** An operator ended it, or disabled the device. */
    ADMINISTRATIVE_ACTION(true),
    /**
     * What the client signed in with is good no more. It may be anybody: nothing of what it wanted
     * published, or was to be sent, leaves.
     */
    EXPELLED(false),
    /** The broker stops. */
    SERVER_SHUTTING_DOWN(true),
    /** The broker is being drained; the client is sent elsewhere for now [MQTT5 4.11]. */
    USE_ANOTHER_SERVER(true),
    /** The broker is being drained; the client is sent elsewhere for good [MQTT5 4.11]. */
    SERVER_MOVED(true);

    private final boolean publishesWill;

    ConnectionEnd(boolean publishesWill) {
        this.publishesWill = publishesWill;
    }

    /** Whether the will is published [MQTT-3.1.2-8, MQTT-3.1.2-10]. */
    public boolean publishesWill() {
        return publishesWill;
    }
}
