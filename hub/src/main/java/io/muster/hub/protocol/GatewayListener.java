package io.muster.hub.protocol;

/** Is told of sign-ins through gateways. Called on any thread; must not block. */
@FunctionalInterface
public interface GatewayListener {

    /** What came of a sign-in. */
    enum Outcome {
        /** The device is signed in. */
        ACCEPTED,
        /** The signature is wrong, or there is no such device. */
        BAD_CREDENTIALS,
        /** It is disabled or activated already, or the gateway does not speak for it. */
        NOT_AUTHORIZED,
        /** Too many of late were wrong. */
        BANNED,
        /** Whether it may could not be found out. */
        UNAVAILABLE
    }

    /** A device was signed in, or was not. */
    void signedIn(Outcome outcome);
}
