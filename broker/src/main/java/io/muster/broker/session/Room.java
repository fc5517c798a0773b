package io.muster.broker.session;

import io.muster.broker.pace.HeldPublishers.Condition;
import io.muster.broker.routing.Subscriber;

/** What a publisher waits for that is held because of a subscriber. */
public record Room(Subscriber subscriber) implements Condition {

    @Override
    public boolean holds() {
        return subscriber.hasCaughtUp();
    }
}
