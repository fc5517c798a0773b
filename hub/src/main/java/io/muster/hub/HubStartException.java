package io.muster.hub;

/**
 * The hub could not start. The message names the part that failed and why; everything that was
 * already open has been closed. If the cause is an {@link IllegalArgumentException}, the
 * configuration is at fault.
 */
public final class HubStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HubStartException(Part part, RuntimeException cause) {
        super("the hub did not start: " + part.title() + ": " + cause.getMessage(), cause);
    }
}
