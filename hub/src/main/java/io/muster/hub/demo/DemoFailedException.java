package io.muster.hub.demo;

/** A step of the demo failed; the message is one line for people. */
public final class DemoFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DemoFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
