package io.muster.broker.session;

import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.metrics.Limit;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.memory.MemorySession;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.SessionStore;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSubscription;
import io.muster.broker.topic.TopicFilter;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sessions, connected or not, by client identifier; and the one place where a session begins,
 * is resumed or is taken over.
 *
 * <p>Openings for one client identifier happen one after the other: each waits until the one before
 * has been {@linkplain Opening#done finished}, so that of two clients with one name the second
 * finds the first either connected or gone, and an observer is told of them in order.
 *
 * <p>Shared; never blocks.
 */
public final class SessionRegistry {

    private static final Logger log = LoggerFactory.getLogger(SessionRegistry.class);

    /** Sessions and their messages that a loop sweeps before it turns to its sockets again. */
    private static final int EXPIRED_PER_TURN = 1_000;

    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Void>> openings = new ConcurrentHashMap<>();
    private final SessionStore store;
    private final TopicTree tree;
    private final SessionLimits limits;
    private final TakeOvers takeOvers;
    private final SessionHost host;

    /**
     * What a connection asks for when it opens a session.
     *
     * @param clientIdentifier the canonical client identifier
     * @param principal who asks; a session that belongs to another is refused
     * @param cleanStart whether a session that is there is to be forgotten [MQTT-3.1.2-4]
     * @param isLasting whether the session shall outlive the connection
     * @param loop where the connection is; a new session will live there
     * @param remoteAddress where the client is, for the log
     */
    public record Request(
            String clientIdentifier,
            String principal,
            boolean cleanStart,
            boolean isLasting,
            SessionLoop loop,
            InetSocketAddress remoteAddress) {}

    /**
     * A session, opened for one connection.
     *
     * @param session the session; it has no connection
     * @param isPresent whether it was there before [MQTT-3.2.2-2]
     * @param done to be run once, when the connection has been accepted or refused; until then no
     *     other opening of the same client identifier goes on
     */
    public record Opening(Session session, boolean isPresent, Runnable done) {}

    /** There are as many sessions as there may be. */
    public static final class TooManySessionsException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TooManySessionsException(int sessionsMax) {
            super(
                    "there are " + sessionsMax + " sessions, no more are allowed",
                    null,
                    false,
                    false);
        }
    }

    /** Several clients take the client identifier from each other; the present one stays. */
    public static final class ContestedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private ContestedException(String clientIdentifier) {
            super(
                    "client identifier "
                            + clientIdentifier
                            + " is contested, and the present connection stays for now",
                    null,
                    false,
                    false);
        }
    }

    /** The session belongs to another principal than the one that asks for it. */
    public static final class ForeignSessionException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private ForeignSessionException(Request request) {
            super(
                    "session "
                            + request.clientIdentifier()
                            + " belongs to another principal than "
                            + request.principal(),
                    null,
                    false,
                    false);
        }
    }

    /**
     * An empty registry.
     *
     * @param store keeps what outlives connections
     * @param tree where the sessions' subscriptions stand
     * @param limits bounds of sessions
     * @param takeOvers how often one session may be taken over
     * @param observer told when a client's connection has ended
     * @param wills routes the wills; called on the loop of the session
     */
    public SessionRegistry(
            SessionStore store,
            TopicTree tree,
            SessionLimits limits,
            TakeOvers takeOvers,
            ClientObserver observer,
            Consumer<Message> wills) {
        this.store = store;
        this.tree = tree;
        this.limits = limits;
        this.takeOvers = takeOvers;
        this.host = new Host(observer, wills);
    }

    /** The session of this client identifier, connected or not. */
    public Optional<Session> find(String clientIdentifier) {
        return Optional.ofNullable(sessions.get(clientIdentifier));
    }

    /** All sessions, as they come and go. */
    public Collection<Session> all() {
        return Collections.unmodifiableCollection(sessions.values());
    }

    /**
     * Drops what has expired in the queues of the sessions [MQTT-3.3.2-5], each on its loop, a part
     * of them in each turn. To be called now and then by a thread that is no event loop: it looks
     * at all sessions.
     */
    public void removeExpired() {
        Map<SessionLoop, Queue<Session>> due = new HashMap<>();
        for (Session session : sessions.values()) {
            if (session.holdsExpired()) {
                due.computeIfAbsent(session.loop(), loop -> new ArrayDeque<>()).add(session);
            }
        }
        due.forEach((loop, queue) -> loop.execute(() -> removeExpired(loop, queue)));
    }

    private static void removeExpired(SessionLoop loop, Queue<Session> due) {
        int work = 0;
        while (work < EXPIRED_PER_TURN && !due.isEmpty()) {
            work += 1 + due.remove().removeExpired();
        }
        if (!due.isEmpty()) {
            loop.execute(() -> removeExpired(loop, due));
        }
    }

    /**
     * Opens a session for a connection; whoever has it now loses it. A session that belongs to
     * another principal is left as it is, whether connected, waiting or stored.
     *
     * @return the opening, completed by any thread; fails with {@link ForeignSessionException},
     *     {@link ContestedException}, {@link TooManySessionsException} or with what the store says
     */
    public CompletionStage<Opening> open(Request request) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> before = openings.put(request.clientIdentifier(), mine);
        Runnable done =
                () -> {
                    openings.remove(request.clientIdentifier(), mine);
                    mine.complete(null);
                };
        return opened(request, before, done)
                .whenComplete(
                        (opening, failure) -> {
                            if (failure != null) {
                                done.run();
                            }
                        });
    }

    /**
     * Ends the session of a client identifier for good, connected or not, in memory and in the
     * store; in its turn among the openings.
     *
     * @return whether there was one; fails with what the store says
     */
    public CompletionStage<Boolean> remove(String clientIdentifier) {
        return remove(clientIdentifier, principal -> true);
    }

    /** The same, unless the session belongs to another principal than these by then. */
    public CompletionStage<Boolean> remove(String clientIdentifier, Predicate<String> principals) {
        return inTurn(clientIdentifier, () -> removeNow(clientIdentifier, principals, false));
    }

    /** The same, unless a client is connected by then. */
    public CompletionStage<Boolean> removeIfAway(
            String clientIdentifier, Predicate<String> principals) {
        return inTurn(clientIdentifier, () -> removeNow(clientIdentifier, principals, true));
    }

    private CompletionStage<Boolean> inTurn(
            String clientIdentifier, Supplier<CompletionStage<Boolean>> removal) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> before = openings.put(clientIdentifier, mine);
        CompletionStage<Void> turn =
                before == null ? CompletableFuture.completedFuture(null) : before;
        return turn.thenCompose(ignored -> removal.get())
                .whenComplete(
                        (removed, failure) -> {
                            openings.remove(clientIdentifier, mine);
                            mine.complete(null);
                        });
    }

    private CompletionStage<Boolean> removeNow(
            String clientIdentifier, Predicate<String> principals, boolean onlyIfAway) {
        Session present = sessions.get(clientIdentifier);
        if (present != null && !principals.test(present.principal())) {
            return CompletableFuture.completedFuture(false);
        }
        if (present != null) {
            return onLoop(present.loop(), () -> removed(present, onlyIfAway))
                    .thenCompose(removed -> removed)
                    .thenCompose(
                            removed ->
                                    removed
                                            ? store.remove(clientIdentifier).thenApply(done -> true)
                                            : CompletableFuture.completedFuture(false));
        }
        return store.find(clientIdentifier)
                .thenCompose(
                        found ->
                                found.isEmpty() || !principals.test(found.get().principal())
                                        ? CompletableFuture.completedFuture(false)
                                        : store.remove(clientIdentifier)
                                                .thenApply(removed -> true));
    }

    private static CompletionStage<Boolean> removed(Session present, boolean onlyIfAway) {
        return onlyIfAway && present.client() != null
                ? CompletableFuture.completedFuture(false)
                : present.remove().thenApply(closed -> true);
    }

    /**
     * Ends this very connection, and nothing if it has ended, whoever has its client identifier by
     * now.
     *
     * @return complete when it is closed: true, or false if it had ended before
     */
    public CompletionStage<Boolean> end(ConnectedClient connection, ConnectionEnd cause) {
        Session session = sessions.get(connection.clientIdentifier());
        return session == null
                ? CompletableFuture.completedFuture(false)
                : onLoop(session.loop(), () -> endNow(session, connection, cause))
                        .thenCompose(ended -> ended);
    }

    private static CompletionStage<Boolean> endNow(
            Session session, ConnectedClient connection, ConnectionEnd cause) {
        return connection.isSameAs(session.client())
                ? session.end(cause).thenApply(done -> true)
                : CompletableFuture.completedFuture(false);
    }

    /**
     * A queue of openings unwinds by way of the loop: each would stand on the stack of the one
     * before it otherwise.
     */
    private CompletionStage<Opening> opened(
            Request request, @Nullable CompletableFuture<Void> before, Runnable done) {
        return before == null
                ? CompletableFuture.<Void>completedFuture(null)
                        .thenCompose(ignored -> openNow(request, done))
                : before.thenComposeAsync(
                        ignored -> openNow(request, done), request.loop()::execute);
    }

    private CompletionStage<Opening> openNow(Request request, Runnable done) {
        Session present = sessions.get(request.clientIdentifier());
        if (present == null) {
            return openStored(request, done);
        }
        if (!present.principal().equals(request.principal())) {
            return CompletableFuture.failedFuture(new ForeignSessionException(request));
        }
        return onLoop(present.loop(), () -> makeRoom(present, request))
                .thenCompose(
                        usable ->
                                usable
                                        ? CompletableFuture.completedFuture(
                                                new Opening(present, true, done))
                                        : openNew(request, done));
    }

    /** On the session's loop; whether the session is there to be resumed. */
    private boolean makeRoom(Session present, Request request) {
        ConnectedClient holder = present.client();
        if (holder != null) {
            takeOver(present, holder, request);
        }
        return present.makeRoom(!request.cleanStart());
    }

    private void takeOver(Session present, ConnectedClient holder, Request request) {
        TakeOvers.Verdict verdict = takeOvers.attempt(request.clientIdentifier());
        if (verdict == TakeOvers.Verdict.REFUSED) {
            present.loop().counters().limited(Limit.TAKE_OVERS);
            throw new ContestedException(request.clientIdentifier());
        }
        present.loop().counters().takenOver().increment();
        if (verdict == TakeOvers.Verdict.ALLOWED_AND_CONTESTED) {
            log.warn(
                    "client contested, several take it from each other client={} principal={}"
                            + " address={} other={}",
                    new Quoted(request.clientIdentifier()),
                    new Quoted(request.principal()),
                    holder.remoteAddress(),
                    request.remoteAddress());
        }
    }

    /** There is no session in memory, but there may be one in the store. */
    private CompletionStage<Opening> openStored(Request request, Runnable done) {
        return store.find(request.clientIdentifier())
                .thenCompose(
                        found ->
                                found.isPresent()
                                        ? openFound(request, found.get(), done)
                                        : openNew(request, done));
    }

    private CompletionStage<Opening> openFound(
            Request request, StoredSession stored, Runnable done) {
        if (!stored.principal().equals(request.principal())) {
            return CompletableFuture.failedFuture(new ForeignSessionException(request));
        }
        if (request.cleanStart()) {
            return store.remove(request.clientIdentifier())
                    .thenCompose(ignored -> openNew(request, done));
        }
        return onLoop(request.loop(), () -> new Opening(restore(request, stored), true, done));
    }

    private CompletionStage<Opening> openNew(Request request, Runnable done) {
        if (sessions.size() >= limits.sessionsMax()) {
            return CompletableFuture.failedFuture(
                    new TooManySessionsException(limits.sessionsMax()));
        }
        CompletionStage<StoredSession> state =
                request.isLasting()
                        ? store.create(request.clientIdentifier(), request.principal())
                        : CompletableFuture.completedFuture(
                                new MemorySession(
                                        request.principal(),
                                        limits.queueMessagesMax(),
                                        limits.queueBytesMax()));
        return state.thenApply(
                created ->
                        new Opening(register(request, created, request.isLasting()), false, done));
    }

    private Session restore(Request request, StoredSession stored) {
        // Read before anything is registered: a damaged one leaves nothing behind.
        Map<TopicFilter, StoredSubscription> subscriptions = new HashMap<>();
        for (StoredSubscription subscription : stored.subscriptions()) {
            subscriptions.put(TopicFilter.parse(subscription.filter()), subscription);
        }
        Session session = register(request, stored, true);
        subscriptions.forEach(
                (filter, each) ->
                        tree.subscribe(
                                Subscription.of(filter, session, SubscriptionOptions.of(each))));
        session.restored();
        return session;
    }

    private Session register(Request request, StoredSession state, boolean isStored) {
        Session session =
                new Session(
                        request.clientIdentifier(), request.loop(), state, isStored, limits, host);
        sessions.put(request.clientIdentifier(), session);
        return session;
    }

    private static <T> CompletionStage<T> onLoop(SessionLoop loop, Supplier<T> work) {
        if (loop.inLoop()) {
            return CompletableFuture.completedFuture(work.get());
        }
        return CompletableFuture.supplyAsync(work, loop::execute);
    }

    /** What the sessions need of the broker. */
    private final class Host implements SessionHost {

        private final ClientObserver observer;
        private final Consumer<Message> wills;

        private Host(ClientObserver observer, Consumer<Message> wills) {
            this.observer = observer;
            this.wills = wills;
        }

        @Override
        public void subscribe(Subscription subscription) {
            tree.subscribe(subscription);
        }

        @Override
        public boolean unsubscribe(String filter, Subscriber subscriber) {
            return tree.unsubscribe(TopicFilter.parse(filter), subscriber);
        }

        @Override
        public boolean redeliver(
                String share, Message message, Subscriber leaving, boolean readyOnly) {
            return tree.redeliver(share, message, leaving, readyOnly);
        }

        @Override
        public boolean publishWill(Message will, ConnectedClient leaving) {
            boolean may = false;
            try {
                may = observer.mayLeaveWill(leaving);
            } catch (RuntimeException failure) {
                log.error(
                        "observer failed client={}",
                        new Quoted(leaving.clientIdentifier()),
                        failure);
            }
            if (may) {
                wills.accept(will);
            }
            return may;
        }

        @Override
        public void disconnected(ConnectedClient client, ConnectionEnd cause) {
            log.info(
                    "client disconnected client={} principal={} cause={}",
                    new Quoted(client.clientIdentifier()),
                    new Quoted(client.identity().principal()),
                    cause);
            try {
                observer.disconnected(client);
            } catch (RuntimeException failure) {
                // Not the client's fault, and the session's end must not stop half-way.
                log.error(
                        "observer failed client={}",
                        new Quoted(client.clientIdentifier()),
                        failure);
            }
        }

        @Override
        public void discarded(Session session, boolean isStored) {
            // In this order: an opening that no longer finds the session must not find its stored
            // state either.
            if (isStored) {
                store.remove(session.clientIdentifier());
            }
            sessions.remove(session.clientIdentifier(), session);
        }
    }
}
