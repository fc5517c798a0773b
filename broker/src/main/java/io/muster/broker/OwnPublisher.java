package io.muster.broker;

import io.muster.broker.message.Message;
import io.muster.broker.metrics.Limit;
import io.muster.broker.pace.HeldPublishers.Publisher;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.session.Room;
import io.muster.broker.session.SessionLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Publishes messages of the hub's own on one loop. As a client that publishes does, it waits for a
 * connected subscriber that does not keep up, so that none misses a message; what waits goes on in
 * its order.
 *
 * <p>{@link #publish} may be called by any thread, the rest is confined to the loop. How much waits
 * is for those to bound who publish.
 */
final class OwnPublisher implements Publisher {

    private record Waiting(Message message, CompletableFuture<Void> routed) {}

    private final SessionLoop loop;
    private final Router router;
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    OwnPublisher(SessionLoop loop, Router router) {
        this.loop = loop;
        this.router = router;
    }

    /** The stage is complete when all sessions have the message. */
    CompletionStage<Void> publish(Message message) {
        Waiting next = new Waiting(message, new CompletableFuture<>());
        loop.execute(() -> add(next));
        return next.routed();
    }

    private void add(Waiting next) {
        waiting.add(next);
        if (waiting.size() == 1) {
            goOn();
        }
    }

    @Override
    public void goOn() {
        for (Waiting next = waiting.peek(); next != null; next = waiting.peek()) {
            try {
                Subscriber behind = router.behind(next.message());
                if (behind != null) {
                    loop.held().hold(this, Limit.SLOW_SUBSCRIBER, new Room(behind));
                    return;
                }
                router.passOn(next.message());
            } catch (RuntimeException failed) {
                // An authenticator's permissions may throw; the next message has its turn.
                next.routed().completeExceptionally(failed);
            }
            waiting.remove();
            next.routed().complete(null);
        }
    }
}
