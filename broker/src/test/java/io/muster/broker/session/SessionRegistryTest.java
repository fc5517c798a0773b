package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.SessionRegistry.ForeignSessionException;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.SessionRegistry.TooManySessionsException;
import io.muster.broker.session.memory.MemorySession;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.SessionStore;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSubscription;
import io.muster.broker.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.IntUnaryOperator;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionRegistryTest {

    private final HandLoops loops = new HandLoops(2);
    private final TopicTree tree = new TopicTree();
    private final List<Message> wills = new ArrayList<>();
    private final List<String> disconnected = new ArrayList<>();
    private final Store store = new Store();
    private final SessionRegistry registry = registry(loops, store);

    private SessionRegistry registry(HandLoops onLoops, SessionStore in) {
        assertThat(onLoops.timers()).isZero();
        return new SessionRegistry(
                in,
                tree,
                new SessionLimits(5, 10, 1_000, SessionLimits.QueuePolicy.DROP_NEWEST, 1_000),
                new TakeOvers(TakeOverLimits.NONE, () -> 0),
                new Observer(),
                wills::add);
    }

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

    /** A store that shows what it holds and can fail. */
    private static final class Store implements SessionStore {

        private final Map<String, StoredSession> sessions = new HashMap<>();
        private boolean broken;

        private <T> CompletionStage<T> answer(T value) {
            return broken
                    ? CompletableFuture.failedFuture(new IllegalStateException("store is broken"))
                    : CompletableFuture.completedFuture(value);
        }

        @Override
        public CompletionStage<Optional<StoredSession>> find(String clientIdentifier) {
            return answer(Optional.ofNullable(sessions.get(clientIdentifier)));
        }

        @Override
        public CompletionStage<StoredSession> create(String clientIdentifier, String principal) {
            StoredSession session = new MemorySession(principal, 10, 1_000);
            if (!broken) {
                sessions.put(clientIdentifier, session);
            }
            return answer(session);
        }

        @Override
        public CompletionStage<Void> remove(String clientIdentifier) {
            if (!broken) {
                sessions.remove(clientIdentifier);
            }
            return answer(clientIdentifier).thenAccept(removed -> {});
        }
    }

    // -------------------------------------------------------------------- what a client does

    private CompletableFuture<Opening> open(int loop, boolean cleanStart, boolean isLasting) {
        return open("client", loop, cleanStart, isLasting);
    }

    private CompletableFuture<Opening> open(
            String name, int loop, boolean cleanStart, boolean isLasting) {
        return loops.ask(
                        loop,
                        () ->
                                registry.open(
                                        new SessionRegistry.Request(
                                                name,
                                                "principal",
                                                cleanStart,
                                                isLasting,
                                                loops.loop(loop),
                                                SessionStage.REMOTE)))
                .toCompletableFuture();
    }

    /** Somebody else asks for the session named "client", and must not get it. */
    private void expectRefusedForAnother(boolean cleanStart) {
        CompletableFuture<Opening> opening =
                loops.ask(
                                1,
                                () ->
                                        registry.open(
                                                new SessionRegistry.Request(
                                                        "client",
                                                        "another",
                                                        cleanStart,
                                                        true,
                                                        loops.loop(1),
                                                        SessionStage.REMOTE)))
                        .toCompletableFuture();
        loops.runAll();
        assertThat(opening)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(ForeignSessionException.class)
                .withMessageContaining("another");
    }

    private Link enter(Opening opening, long expirySeconds) {
        return enter(opening, expirySeconds, null);
    }

    private Link enter(Opening opening, long expirySeconds, @Nullable Will will) {
        Session session = opening.session();
        Link link =
                new Link(
                        new RecordingOutput(),
                        SessionStage.client(session.clientIdentifier()),
                        10,
                        expirySeconds,
                        will);
        loops.in(
                session.loop().index(),
                () -> {
                    session.attach(link);
                    session.admit(link);
                    session.start();
                });
        opening.done().run();
        return link;
    }

    private void end(Session session) {
        loops.in(session.loop().index(), () -> session.end(ConnectionEnd.CONNECTION_LOST));
    }

    private Opening opened(CompletableFuture<Opening> opening) {
        loops.runAll();
        assertThat(opening).isCompleted();
        return opening.join();
    }

    private Session connect(int loop, boolean cleanStart, long expirySeconds) {
        Opening opening = opened(open(loop, cleanStart, expirySeconds > 0));
        enter(opening, expirySeconds);
        return opening.session();
    }

    private void subscribe(Session session, String filter) {
        loops.in(
                session.loop().index(),
                () ->
                        session.subscribe(
                                TopicFilter.parse(filter),
                                new SubscriptionOptions(Qos.AT_LEAST_ONCE, false, false, 0)));
    }

    private void expectNothingLeft() {
        assertThat(registry.all()).isEmpty();
        assertThat(store.sessions).isEmpty();
        assertThat(tree.size()).isZero();
        assertThat(loops.timers()).isZero();
    }

    // --------------------------------------------------------------------------------- opening

    @Test
    void aFirstConnectionGetsANewSessionOnItsLoop() {
        Opening opening = opened(open(1, false, true));
        assertThat(opening.isPresent()).isFalse();
        assertThat(opening.session().loop()).isSameAs(loops.loop(1));
        assertThat(registry.find("client")).containsSame(opening.session());
        assertThat(store.sessions).containsKey("client");
    }

    @Test
    void aSessionThatDoesNotLastNeverTouchesTheStore() {
        store.broken = true;
        Opening opening = opened(open(0, false, false).exceptionally(failure -> null));
        assertThat(opening).as("looks whether there is one").isNull();
        store.broken = false;
        Session session = connect(0, true, 0);
        assertThat(store.sessions).isEmpty();
        end(session);
        expectNothingLeft();
    }

    @Test
    void aClientThatComesBackOnAnotherLoopFindsItsSessionWhereItWas() {
        Session session = connect(0, false, 60);
        subscribe(session, "a");
        end(session);
        Opening opening = opened(open(1, false, true));
        assertThat(opening.isPresent()).isTrue();
        assertThat(opening.session()).isSameAs(session);
        assertThat(session.loop()).isSameAs(loops.loop(0));
        assertThat(tree.size()).isEqualTo(1);
    }

    @Test
    void aCleanStartForgetsTheSessionAndBeginsOnTheNewLoop() {
        Session session = connect(0, false, 60);
        subscribe(session, "a");
        end(session);
        Opening opening = opened(open(1, true, true));
        assertThat(opening.isPresent()).isFalse();
        assertThat(opening.session()).isNotSameAs(session);
        assertThat(opening.session().loop()).isSameAs(loops.loop(1));
        assertThat(tree.size()).isZero();
        assertThat(loops.timers()).isZero();
        assertThat(registry.all()).containsExactly(opening.session());
    }

    @Test
    void aNewConnectionTakesOverBeforeItIsOpened() {
        Session session = connect(0, false, 60);
        CompletableFuture<Opening> opening = open(1, false, true);
        assertThat(opening).as("the other loop must agree").isNotDone();
        assertThat(disconnected).isEmpty();
        assertThat(opened(opening).session()).isSameAs(session);
        assertThat(disconnected).containsExactly("client");
        assertThat(session.client()).isNull();
    }

    @Test
    void takingOverASessionWithoutExpiryGivesANewOne() {
        Session session = connect(0, true, 0);
        Opening opening = opened(open(1, false, true));
        assertThat(opening.isPresent()).isFalse();
        assertThat(opening.session()).isNotSameAs(session);
        assertThat(disconnected).containsExactly("client");
    }

    @Test
    void openingsForOneClientFollowEachOther() {
        CompletableFuture<Opening> first = open(0, false, true);
        CompletableFuture<Opening> second = open(1, false, true);
        CompletableFuture<Opening> third = open(0, false, true);
        CompletableFuture<Opening> other = open("other", 1, false, true);
        loops.runAll();
        assertThat(first).isCompleted();
        assertThat(other).isCompleted();
        assertThat(second).isNotDone();
        enter(first.join(), 60);
        loops.runAll();
        assertThat(second).isCompleted();
        assertThat(second.join().isPresent()).isTrue();
        assertThat(third).isNotDone();
        assertThat(disconnected).containsExactly("client");
        enter(second.join(), 60);
        loops.runAll();
        assertThat(third).isCompleted();
    }

    @Test
    void aRefusedOpeningLetsTheNextGoOn() {
        Opening first = opened(open(0, false, true));
        CompletableFuture<Opening> second = open(0, false, true);
        loops.in(0, first.session()::settle);
        first.done().run();
        assertThat(opened(second).isPresent()).isFalse();
        assertThat(second.join().session()).isNotSameAs(first.session());
    }

    @Test
    void thousandsMayWaitForOneClientIdentifier() {
        Opening first = opened(open(0, true, false));
        for (int i = 0; i < 4; i++) {
            enter(opened(open("other" + i, 0, true, false)), 0);
        }
        List<CompletableFuture<Opening>> waiting = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            waiting.add(open(0, true, false));
        }
        store.broken = true;
        loops.in(0, first.session()::settle);
        first.done().run();
        loops.runAll();
        assertThat(waiting)
                .allSatisfy(
                        each ->
                                assertThat(each)
                                        .failsWithin(Duration.ZERO)
                                        .withThrowableThat()
                                        .withMessageContaining("store is broken"));
    }

    // -------------------------------------------------------------------------------- refusals

    @Test
    void refusesMoreSessionsThanAllowedAndTakesMoreWhenOneHasGone() {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Opening opening = opened(open("client" + i, 0, false, true));
            enter(opening, 60);
            sessions.add(opening.session());
        }
        CompletableFuture<Opening> refused = open("one more", 0, false, true);
        assertThat(refused).isCompletedExceptionally();
        assertThat(refused.handle((opening, failure) -> failure).join())
                .extracting(
                        failure ->
                                failure instanceof CompletionException
                                        ? failure.getCause()
                                        : failure)
                .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                .isInstanceOf(TooManySessionsException.class)
                .hasMessageContaining("5");
        assertThat(opened(open("client0", 1, true, true)).isPresent()).isFalse();
        loops.in(0, () -> sessions.get(1).makeRoom(false));
        assertThat(opened(open("one more", 0, false, true)).isPresent()).isFalse();
    }

    @Test
    void aBrokenStoreRefusesAndLeavesNothingBehind() {
        store.broken = true;
        for (boolean cleanStart : new boolean[] {true, false}) {
            CompletableFuture<Opening> refused = open(0, cleanStart, true);
            loops.runAll();
            assertThat(refused).isCompletedExceptionally();
            expectNothingLeft();
        }
        store.broken = false;
        assertThat(opened(open(0, false, true)).isPresent()).isFalse();
    }

    @Test
    void aBrokenStoreDoesNotHurtASessionInMemory() {
        Session session = connect(0, false, 60);
        end(session);
        store.broken = true;
        assertThat(opened(open(1, false, true)).session()).isSameAs(session);
    }

    // ------------------------------------------------------------------------ other principals

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesAConnectedSessionToItsPrincipal(boolean cleanStart) {
        Session session = connect(0, false, 60);
        subscribe(session, "a");
        expectRefusedForAnother(cleanStart);
        assertThat(session.client()).isNotNull();
        assertThat(disconnected).isEmpty();
        assertThat(tree.size()).isEqualTo(1);
        assertThat(opened(open(1, false, true)).session())
                .as("its own principal takes it over as ever")
                .isSameAs(session);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesASessionThatWaitsToItsPrincipal(boolean cleanStart) {
        Session session = connect(0, false, 60);
        subscribe(session, "a");
        end(session);
        expectRefusedForAnother(cleanStart);
        assertThat(registry.find("client")).containsSame(session);
        assertThat(tree.size()).isEqualTo(1);
        loops.advance(60_000);
        expectNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesAStoredSessionToItsPrincipal(boolean cleanStart) {
        StoredSession stored = stored("a");
        expectRefusedForAnother(cleanStart);
        assertThat(store.sessions).containsEntry("client", stored);
        assertThat(registry.all()).isEmpty();
        assertThat(opened(open(0, false, true)).isPresent()).isTrue();
    }

    @Test
    void storesWhoseASessionIs() {
        connect(0, false, 60);
        assertThat(store.sessions.values())
                .extracting(StoredSession::principal)
                .containsExactly("principal");
    }

    // --------------------------------------------------------------------------------- restore

    private StoredSession stored(String... filters) {
        StoredSession stored = new MemorySession("principal", 10, 1_000);
        stored.expirySeconds(60);
        for (String filter : filters) {
            stored.subscribe(new StoredSubscription(filter, Qos.AT_LEAST_ONCE, false, false, 0));
        }
        stored.enqueue(
                new Delivery(
                        SessionStage.message("waits", Qos.AT_LEAST_ONCE),
                        Qos.AT_LEAST_ONCE,
                        false,
                        SubscriptionIdentifiers.NONE,
                        null));
        store.sessions.put("client", stored);
        return stored;
    }

    @Test
    void restoresASessionFromTheStore() {
        StoredSession stored = stored("a", "b/+");
        Opening opening = opened(open(1, false, true));
        assertThat(opening.isPresent()).isTrue();
        assertThat(tree.size()).isEqualTo(2);
        assertThat(tree.match("b/c")).hasSize(1);
        assertThat(loops.loop(1).counters().queued().get()).isEqualTo(1);
        enter(opening, 60);
        assertThat(stored.queuedMessages()).isZero();
        assertThat(loops.loop(1).counters().queued().get()).isZero();
    }

    @Test
    void aRestoredSessionThatGetsNoConnectionExpiresInItsTime() {
        stored("a");
        Opening opening = opened(open(1, false, true));
        loops.in(1, opening.session()::settle);
        opening.done().run();
        loops.advance(59_999);
        assertThat(registry.all()).hasSize(1);
        loops.advance(1);
        expectNothingLeft();
        assertThat(loops.loop(1).counters().queued().get()).isZero();
    }

    @Test
    void aCleanStartForgetsTheStoredSession() {
        stored("a");
        Opening opening = opened(open(1, true, true));
        assertThat(opening.isPresent()).isFalse();
        assertThat(store.sessions.get("client")).isNotNull();
        assertThat(store.sessions.get("client").subscriptions()).isEmpty();
        assertThat(tree.size()).isZero();
    }

    @Test
    void aCleanStartThatDoesNotLastLeavesNothingInTheStore() {
        stored("a");
        Opening opening = opened(open(1, true, false));
        assertThat(opening.isPresent()).isFalse();
        assertThat(store.sessions).isEmpty();
    }

    @Test
    void aDamagedStoredSessionRefusesAndLeavesNothingBehind() {
        stored("good", "bad/#/filter");
        assertThat(open(1, false, true)).isCompletedExceptionally();
        assertThat(registry.all()).isEmpty();
        assertThat(tree.size()).isZero();
    }

    // ------------------------------------------------------------------------------- in the end

    @Test
    void nothingIsLeftOfASessionThatExpired() {
        Session session = connect(0, false, 60);
        subscribe(session, "a");
        subscribe(session, "b");
        end(session);
        assertThat(tree.size()).isEqualTo(2);
        loops.advance(60_000);
        expectNothingLeft();
    }

    @Test
    void publishesWillsThroughTheRouter() {
        Opening opening = opened(open(0, true, false));
        enter(opening, 0, SessionStage.will(0));
        end(opening.session());
        assertThat(wills).hasSize(1);
        assertThat(disconnected).containsExactly("client");
    }

    // ------------------------------------------------------------------------------------ races

    /**
     * A session expires, or its connection is lost, while two connections on two loops ask for it;
     * in whatever order things happen, in the end there is one session, with one connection.
     */
    @Test
    void inEveryOrderOneConnectionHasTheOneSession() {
        int orders = EveryOrder.of(choice -> race(choice, false));
        assertThat(orders).isGreaterThan(20);
    }

    @Test
    void inEveryOrderACleanStartLeavesOneSession() {
        int orders = EveryOrder.of(choice -> race(choice, true));
        assertThat(orders).isGreaterThan(20);
    }

    private static void race(IntUnaryOperator choice, boolean cleanStart) {
        SessionRegistryTest run = new SessionRegistryTest();
        Session session = run.connect(0, false, 1);
        run.subscribe(session, "a");
        if (choice.applyAsInt(2) == 0) {
            run.end(session);
        } else {
            run.loops.loop(0).execute(() -> session.end(ConnectionEnd.CONNECTION_LOST));
        }
        List<Session> entered = new ArrayList<>();
        for (int loop = 0; loop < 2; loop++) {
            SessionLoop here = run.loops.loop(loop);
            here.execute(() -> run.enterLater(here, cleanStart, entered));
        }
        // Long after: what is connected by then stays connected.
        run.loops.runEverything(choice);
        assertThat(entered).hasSize(2);
        Session last = entered.get(1);
        assertThat(run.registry.all()).containsExactly(last);
        assertThat(last.client()).isNotNull();
        assertThat(run.store.sessions).containsOnlyKeys("client");
        assertThat(run.disconnected).as("the first, and the one taken over").hasSize(2);
        assertThat(run.tree.size()).isEqualTo(last == session ? 1 : 0);
        run.end(last);
        run.loops.advance(100_000);
        run.expectNothingLeft();
        assertThat(run.connections()).isZero();
    }

    private void enterLater(SessionLoop here, boolean cleanStart, List<Session> entered) {
        registry.open(
                        new SessionRegistry.Request(
                                "client", "principal", cleanStart, true, here, SessionStage.REMOTE))
                .thenAccept(
                        opening ->
                                opening.session()
                                        .loop()
                                        .execute(
                                                () -> {
                                                    entered.add(opening.session());
                                                    enter(opening, 100);
                                                }));
    }

    private long connections() {
        return loops.loop(0).counters().connections().get()
                + loops.loop(1).counters().connections().get();
    }
}
