package io.muster.broker;

import io.muster.broker.message.Message;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Session;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.spi.ConnectedClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The connected clients by way of their sessions. A page is found by looking at all of them once:
 * operators look seldom, and an order kept up by every connect would cost each client.
 */
final class SessionClients implements Clients {

    private static final Comparator<ConnectedClient> BY_IDENTIFIER =
            Comparator.comparing(ConnectedClient::clientIdentifier);

    private final SessionRegistry sessions;
    private final TakeOvers takeOvers;

    SessionClients(SessionRegistry sessions, TakeOvers takeOvers) {
        this.sessions = sessions;
        this.takeOvers = takeOvers;
    }

    @Override
    public List<ConnectedClient> list(String after, int limit) {
        PriorityQueue<ConnectedClient> page = new PriorityQueue<>(BY_IDENTIFIER.reversed());
        sessions.all().stream()
                .map(SessionClients::connected)
                .filter(Objects::nonNull)
                .filter(client -> client.clientIdentifier().compareTo(after) > 0)
                .forEach(
                        client -> {
                            page.add(client);
                            if (page.size() > limit) {
                                page.remove();
                            }
                        });
        return page.stream().sorted(BY_IDENTIFIER).toList();
    }

    @Override
    public Optional<ConnectedClient> find(String clientIdentifier) {
        return sessions.find(clientIdentifier).map(SessionClients::connected);
    }

    /** Whoever may still be refused is not connected yet. */
    private static @Nullable ConnectedClient connected(Session session) {
        return session.isConnected() ? session.client() : null;
    }

    @Override
    public boolean isContested(String clientIdentifier) {
        return takeOvers.isContested(clientIdentifier);
    }

    @Override
    public CompletionStage<Boolean> disconnect(String clientIdentifier) {
        Session session = sessions.find(clientIdentifier).orElse(null);
        if (session == null) {
            return CompletableFuture.completedFuture(false);
        }
        return ended(session);
    }

    @Override
    public CompletionStage<Boolean> disconnect(ConnectedClient connection) {
        return sessions.end(connection, ConnectionEnd.ADMINISTRATIVE_ACTION);
    }

    @Override
    public CompletionStage<Boolean> expel(ConnectedClient connection) {
        return sessions.end(connection, ConnectionEnd.EXPELLED);
    }

    @Override
    public CompletionStage<Boolean> forgetIfAway(String clientIdentifier, String principal) {
        return sessions.removeIfAway(clientIdentifier, principal::equals);
    }

    private static CompletionStage<Boolean> ended(Session session) {
        return CompletableFuture.supplyAsync(() -> disconnect(session), session.loop()::execute)
                .thenCompose(closed -> closed);
    }

    @Override
    public CompletionStage<Boolean> send(String clientIdentifier, Message message) {
        return sessions.find(clientIdentifier)
                .map(session -> send(session, message))
                .orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    @Override
    public CompletionStage<Boolean> permissionsChanged(String clientIdentifier) {
        return sessions.find(clientIdentifier)
                .map(session -> PermissionWalk.begin(session.loop(), List.of(session)))
                .map(walk -> walk.thenApply(connected -> connected > 0))
                .orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    @Override
    public CompletionStage<Boolean> publishPermissionsChanged(String clientIdentifier) {
        return sessions.find(clientIdentifier)
                .map(
                        session ->
                                CompletableFuture.supplyAsync(
                                        session::publishPermissionsChanged,
                                        session.loop()::execute))
                .orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    @Override
    public CompletionStage<Integer> permissionsChanged(Predicate<String> principals) {
        Map<SessionLoop, List<Session>> byLoop =
                sessions.all().stream()
                        .filter(session -> principals.test(session.principal()))
                        .collect(Collectors.groupingBy(Session::loop));
        List<CompletableFuture<Integer>> walks = new ArrayList<>();
        byLoop.forEach((loop, its) -> walks.add(PermissionWalk.begin(loop, its)));
        return CompletableFuture.allOf(walks.toArray(CompletableFuture[]::new))
                .thenApply(done -> walks.stream().mapToInt(CompletableFuture::join).sum());
    }

    @Override
    public CompletionStage<Integer> disconnect(Predicate<String> principals) {
        return ofAll(principals, SessionClients::ended);
    }

    @Override
    public CompletionStage<Integer> forget(Predicate<String> principals) {
        return ofAll(
                principals,
                session ->
                        ended(session)
                                .thenCompose(
                                        wasConnected ->
                                                sessions.remove(
                                                                session.clientIdentifier(),
                                                                principals)
                                                        .thenApply(left -> left || wasConnected)));
    }

    private CompletionStage<Integer> ofAll(
            Predicate<String> principals, Function<Session, CompletionStage<Boolean>> action) {
        List<CompletableFuture<Boolean>> underWay =
                sessions.all().stream()
                        .filter(session -> principals.test(session.principal()))
                        .map(session -> action.apply(session).toCompletableFuture())
                        .toList();
        return CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
                .thenApply(done -> (int) underWay.stream().filter(CompletableFuture::join).count());
    }

    private static CompletableFuture<Boolean> send(Session session, Message message) {
        return CompletableFuture.supplyAsync(() -> session.send(message), session.loop()::execute);
    }

    /**
     * The connection first: an opening that waits for its admission would hold up the rest. Its end
     * may take a while, and who comes meanwhile is another: he waits until the session is gone, and
     * keeps his own.
     */
    @Override
    public CompletionStage<Boolean> forget(String clientIdentifier) {
        CompletionStage<Boolean> closed = disconnect(clientIdentifier);
        return sessions.remove(clientIdentifier)
                .thenCombine(closed, (wasThere, wasConnected) -> wasThere);
    }

    private static CompletionStage<Boolean> disconnect(Session session) {
        boolean wasConnected = session.client() != null;
        return session.end(ConnectionEnd.ADMINISTRATIVE_ACTION).thenApply(closed -> wasConnected);
    }
}
