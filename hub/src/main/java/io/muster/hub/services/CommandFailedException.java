package io.muster.hub.services;

/** A command has no answer. It has no stack trace: it is an outcome and not a fault. */
public final class CommandFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why there is no answer. */
    public enum Reason {
        /** The device is not connected, so it was not asked. */
        NOT_CONNECTED,
        /** It was asked, and did not answer in time; what it did is not known. */
        TIMED_OUT,
        /** Too many commands are under way, so it was not asked. */
        TOO_MANY
    }

    CommandFailedException(Reason reason, String sentence) {
        super(sentence, null, false, false);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
