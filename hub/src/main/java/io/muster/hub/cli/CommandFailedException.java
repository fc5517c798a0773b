package io.muster.hub.cli;

/** A command cannot do what it was asked for; the message is for people. */
final class CommandFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CommandFailedException(String message) {
        super(message);
    }
}
