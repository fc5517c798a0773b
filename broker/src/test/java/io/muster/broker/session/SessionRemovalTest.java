package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.memory.MemorySession;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.SessionStore;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Sessions that are ended for good, whatever state they are in. */
class SessionRemovalTest {

    private final HandLoops loops = new HandLoops(2);
    private final TopicTree tree = new TopicTree();
    private final List<String> disconnected = new ArrayList<>();
    private final Store store = new Store();
    private final SessionRegistry registry =
            new SessionRegistry(
                    store,
                    tree,
                    new SessionLimits(5, 10, 1_000, SessionLimits.QueuePolicy.DROP_NEWEST, 1_000),
                    new TakeOvers(TakeOverLimits.NONE, () -> 0),
                    new Observer(),
                    will -> {});

    private final class Observer implements ClientObserver {
        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return CompletableFuture.completedFuture(Admission.ADMITTED);
        }

        @Override
        public void disconnected(ConnectedClient client) {
            disconnected.add(client.clientIdentifier());
        }

        @Override
        public void published(ConnectedClient client) {}
    }

    /** A store that can fail to forget. */
    private static final class Store implements SessionStore {

        private final Map<String, StoredSession> sessions = new HashMap<>();
        private boolean broken;

        @Override
        public CompletionStage<Optional<StoredSession>> find(String clientIdentifier) {
            return CompletableFuture.completedFuture(
                    Optional.ofNullable(sessions.get(clientIdentifier)));
        }

        @Override
        public CompletionStage<StoredSession> create(String clientIdentifier, String principal) {
            StoredSession session = new MemorySession(principal, 10, 1_000);
            sessions.put(clientIdentifier, session);
            return CompletableFuture.completedFuture(session);
        }

        @Override
        public CompletionStage<Void> remove(String clientIdentifier) {
            if (broken) {
                return CompletableFuture.failedFuture(new IllegalStateException("store is broken"));
            }
            sessions.remove(clientIdentifier);
            return CompletableFuture.completedFuture(null);
        }
    }

    private CompletableFuture<Opening> open(int loop) {
        return loops.ask(
                        loop,
                        () ->
                                registry.open(
                                        new SessionRegistry.Request(
                                                "client",
                                                "principal",
                                                false,
                                                true,
                                                loops.loop(loop),
                                                SessionStage.REMOTE)))
                .toCompletableFuture();
    }

    private void enter(Opening opening) {
        Session session = opening.session();
        Link link = new Link(new RecordingOutput(), SessionStage.client("client"), 10, 60, null);
        loops.in(
                session.loop().index(),
                () -> {
                    session.attach(link);
                    session.admit(link);
                    session.start();
                    session.subscribe(
                            TopicFilter.parse("a/b"),
                            new SubscriptionOptions(Qos.AT_LEAST_ONCE, false, false, 0));
                });
        opening.done().run();
    }

    private Session connect() {
        CompletableFuture<Opening> opening = open(0);
        loops.runAll();
        enter(opening.join());
        return opening.join().session();
    }

    private CompletableFuture<Boolean> remove(String name) {
        CompletableFuture<Boolean> removed = registry.remove(name).toCompletableFuture();
        loops.runAll();
        return removed;
    }

    private void expectNothingLeft() {
        assertThat(registry.all()).isEmpty();
        assertThat(store.sessions).isEmpty();
        assertThat(tree.match("a/b")).isEmpty();
    }

    @Test
    void aConnectedSessionEndsWithItsConnectionItsSubscriptionsAndItsName() {
        connect();

        assertThat(remove("client")).isCompletedWithValue(true);

        assertThat(disconnected).containsExactly("client");
        expectNothingLeft();
    }

    @Test
    void aSessionThatWaitsForItsClientEndsAndOneThatIsInTheStoreOnly() {
        Session session = connect();
        loops.in(0, () -> session.end(ConnectionEnd.CONNECTION_LOST));
        store.sessions.put("stored", new MemorySession("principal", 10, 1_000));

        assertThat(remove("client")).isCompletedWithValue(true);
        assertThat(remove("stored")).isCompletedWithValue(true);

        expectNothingLeft();
        assertThat(remove("stored")).isCompletedWithValue(false);
    }

    @Test
    void itEndsInItsTurnAndTheNextBeginsAnew() {
        CompletableFuture<Opening> first = open(0);
        loops.runAll();
        CompletableFuture<Boolean> removed = remove("client");
        CompletableFuture<Opening> next = open(1);
        loops.runAll();
        assertThat(removed).isNotDone();
        assertThat(next).isNotDone();

        enter(first.join());
        loops.runAll();

        assertThat(removed).isCompletedWithValue(true);
        assertThat(next.join().isPresent()).isFalse();
    }

    @Test
    void aStoreThatCannotForgetIsToldOfAndDoesNotStandInTheWayForEver() {
        store.sessions.put("stored", new MemorySession("principal", 10, 1_000));
        store.broken = true;
        assertThat(remove("stored")).isCompletedExceptionally();

        store.broken = false;

        assertThat(remove("stored")).isCompletedWithValue(true);
    }
}
