package io.muster.hub.protocol;

/**
 * Is told of what devices and the hub asked of each other. Called on any thread; must not block.
 */
public interface ServiceListener {

    /** What came of a command. */
    enum Outcome {
        /** Whatever its code. */
        ANSWERED,
        /** It has no answer to wait for. */
        SENT,
        /** The device did not answer in time. */
        TIMED_OUT,
        /** The device is not connected. */
        NOT_CONNECTED,
        /** Too many were under way. */
        TOO_MANY,
        /** It was no command. */
        REFUSED,
        /** The hub stopped. */
        STOPPED
    }

    /**
     * A request of a device was answered.
     *
     * @param method one of the contract's; events of all names are {@code thing.event.post}
     * @param code of the answer
     */
    void served(String method, int code);

    /** A command to a device came to its end. */
    void commanded(Outcome outcome);
}
