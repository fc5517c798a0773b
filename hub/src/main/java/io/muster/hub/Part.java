package io.muster.hub;

/** The parts of a running hub, in the order in which they are closed. */
enum Part {
    /** First nobody new is sent here. */
    READINESS("readiness"),
    /** The clients that could see the states of a stopping hub are about to be told to go. */
    STATE_PUBLISHER("device state publisher"),
    /** Waits for nobody once nothing is published any more. */
    PRESENT_STATES("present device states"),
    /** Certificates are not renewed any more. */
    TLS("TLS"),
    SERVER_CERTIFICATES("certificates of the hub itself"),
    /** No new clients, and those there are told. */
    BROKER("MQTT listeners"),
    ACTIVATION("dynamic activation"),
    REGISTRATION("registration by devices"),
    SERVICES("device services"),
    GATEWAYS("gateways"),
    AUTHENTICATION("authentication"),
    /** Nobody is left who came with a certificate. */
    CERTIFICATE_SIGN_IN("sign-in by certificate"),
    /** The states that the end of the connections left behind are written. */
    DIRECTORY("device directory"),
    /** Answers until here, so that the health pages tell what goes on. */
    MANAGEMENT_API("management API"),
    /** What could not be finished before is not any more. */
    ACCESS("access of applications"),
    /** Tells what was done until here. */
    OPERATORS("operators"),
    AUDIT("audit log"),
    /** What is revoked comes onto lists yet. */
    CERTIFICATES("certificates of devices"),
    OCSP("OCSP responder"),
    /** Nobody is left who asks for certificates, or for lists of what is revoked. */
    AUTHORITY("certificate authority"),
    METRICS("metrics"),
    REGISTRY("registry"),
    /** Free for the next hub only when nothing of this one is left. */
    DATA_FOLDER("data folder");

    private final String title;

    Part(String title) {
        this.title = title;
    }

    /** Its name for people. */
    String title() {
        return title;
    }
}
