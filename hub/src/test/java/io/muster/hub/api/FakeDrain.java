package io.muster.hub.api;

import io.muster.broker.Drain;
import io.muster.broker.protocol.Redirection;
import java.util.Optional;

/** A drain of three clients that never go. */
final class FakeDrain implements Drain {

    private Optional<Status> status = Optional.empty();

    @Override
    public synchronized void start(Redirection redirection, int perSecond) {
        status = Optional.of(new Status(redirection, perSecond, 3));
    }

    @Override
    public synchronized void stop() {
        status = Optional.empty();
    }

    @Override
    public synchronized Optional<Status> status() {
        return status;
    }
}
