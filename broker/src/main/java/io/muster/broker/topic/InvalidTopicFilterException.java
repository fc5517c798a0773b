package io.muster.broker.topic;

/**
 * A text is not a valid topic filter. The message says in a short sentence what is wrong with it.
 * Carries no stack trace: clients cause it, and it is caught where they are answered.
 */
public final class InvalidTopicFilterException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    InvalidTopicFilterException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
