package io.muster.hub.cli;

/** A command cannot do what it was asked for; the message is for people. */
final class CommandFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandFailedException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    CommandFailedException(String message) {
        super(message);
        this.exitCode = Muster.FAILED;
    }

    int exitCode() {
        return exitCode;
    }
}
