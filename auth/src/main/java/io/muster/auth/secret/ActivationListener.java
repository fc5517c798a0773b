package io.muster.auth.secret;

/**
 * Is told of devices that fetch their secret: dynamic activation. Called on any thread; must not
 * block.
 */
public interface ActivationListener {

    /** For those who do not want to know. */
    ActivationListener NONE =
            new ActivationListener() {
                @Override
                public void happened(Event event) {}

                @Override
                public void refused(Refusal reason) {}
            };

    /** What happens in an activation that was let in. */
    enum Event {
        /** The device was sent its secret for the first time on this connection. */
        BEGUN,
        /** It was sent once more, since the device had not said that it has it. */
        RESENT,
        /** The device said that it has it. */
        CONFIRMED,
        /** The connection ended before it said so, which some devices never do. */
        UNCONFIRMED,
        /** It was sent as often as it is, and the device, still connected, has not said so. */
        GAVE_UP
    }

    /** Why a device may not fetch its secret. */
    enum Refusal {
        /** It does not know the product's secret, or there is no such product. */
        WRONG_SIGNATURE,
        /** Its product has no dynamic activation. */
        SWITCHED_OFF,
        /** Its product asks for another digest, a present timestamp, or a certificate. */
        POLICY,
        /** It is not registered, and may not register itself. */
        UNKNOWN_DEVICE,
        /** An operator has barred it. */
        DISABLED,
        /** It has signed in with its own secret before. */
        ACTIVATED,
        /** It might have been told, but no more when it was looked at again. */
        CHANGED,
        /** The registry cannot be asked, or too many register themselves. */
        UNAVAILABLE
    }

    /** Something happened in an activation. */
    void happened(Event event);

    /** A device may not fetch its secret. */
    void refused(Refusal reason);
}
