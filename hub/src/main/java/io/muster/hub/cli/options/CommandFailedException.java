package io.muster.hub.cli.options;

/** A command cannot do what it was asked for; the message is for people. */
public final class CommandFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With a sentence for people. */
    public CommandFailedException(String message) {
        super(message);
    }
}
