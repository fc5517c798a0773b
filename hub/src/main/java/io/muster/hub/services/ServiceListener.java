package io.muster.hub.services;

/**
 * Is told of what devices and the hub asked of each other. Called on any thread; must not block.
 */
public interface ServiceListener {

    /**
     * A request of a device was answered.
     *
     * @param method one of the contract's; events of all names are {@code thing.event.post}
     * @param code of the answer
     */
    void served(String method, int code);

    /**
     * A command to a device came to its end.
     *
     * @param outcome {@code answered}, {@code timed_out}, {@code not_connected} or {@code refused}
     */
    void commanded(String outcome);
}
