package io.muster.hub.api;

import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.broker.Clients;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ConnectedClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Connected clients that a test names. */
public class FakeClients implements Clients {

    private final ConcurrentSkipListMap<String, ConnectedClient> connected =
            new ConcurrentSkipListMap<>();

    private final List<String> contested = new CopyOnWriteArrayList<>();
    private final List<String> forgotten = new CopyOnWriteArrayList<>();
    private final Map<String, CompletionStage<Boolean>> endings = new ConcurrentHashMap<>();
    private final AtomicReference<Runnable> afterDisconnect = new AtomicReference<>(() -> {});

    /** Connects a client. */
    public void connect(String clientIdentifier) {
        connectAs("test:" + clientIdentifier, clientIdentifier);
    }

    /** It belongs to this principal. */
    public void connectAs(String principal, String clientIdentifier) {
        connect(new Identity(principal, clientIdentifier, NoTopics.INSTANCE, Map.of()));
    }

    /** What is known of it besides. */
    public void connectWith(Map<String, String> attributes, String clientIdentifier) {
        connect(
                new Identity(
                        "test:" + clientIdentifier,
                        clientIdentifier,
                        NoTopics.INSTANCE,
                        attributes));
    }

    private void connect(Identity identity) {
        String clientIdentifier = identity.clientIdentifier();
        connected.put(
                clientIdentifier,
                new ConnectedClient(
                        clientIdentifier,
                        clientIdentifier + "|sent|",
                        identity,
                        new ConnectedClient.Origin(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
                                "mqtt"),
                        5,
                        60,
                        Instant.ofEpochMilli(1_700_000_000_000L)));
    }

    /** Whether such a client is connected. */
    public boolean isConnected(String clientIdentifier) {
        return connected.containsKey(clientIdentifier);
    }

    @Override
    public boolean isContested(String clientIdentifier) {
        return contested.contains(clientIdentifier);
    }

    /** Several clients fight for this identifier from now on. */
    void contest(String clientIdentifier) {
        contested.add(clientIdentifier);
    }

    @Override
    public List<ConnectedClient> list(String after, int limit) {
        return connected.tailMap(after, false).values().stream().limit(limit).toList();
    }

    @Override
    public Optional<ConnectedClient> find(String clientIdentifier) {
        return Optional.ofNullable(connected.get(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> send(String clientIdentifier, Message message) {
        return CompletableFuture.completedFuture(isConnected(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> permissionsChanged(String clientIdentifier) {
        return CompletableFuture.completedFuture(isConnected(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> publishPermissionsChanged(String clientIdentifier) {
        return CompletableFuture.completedFuture(isConnected(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> disconnect(String clientIdentifier) {
        boolean ended = connected.remove(clientIdentifier) != null;
        afterDisconnect.getAndSet(() -> {}).run();
        return CompletableFuture.completedFuture(ended);
    }

    @Override
    public CompletionStage<Boolean> disconnect(ConnectedClient connection) {
        return CompletableFuture.completedFuture(
                connected.remove(connection.clientIdentifier(), connection));
    }

    @Override
    public CompletionStage<Boolean> expel(ConnectedClient connection) {
        return disconnect(connection);
    }

    @Override
    public CompletionStage<Boolean> forgetIfAway(String clientIdentifier, String principal) {
        if (!isConnected(clientIdentifier)) {
            forgotten.add(clientIdentifier);
        }
        return CompletableFuture.completedFuture(!isConnected(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> forget(String clientIdentifier) {
        forgotten.add(clientIdentifier);
        CompletionStage<Boolean> later = endings.remove(clientIdentifier);
        return later == null ? disconnect(clientIdentifier) : later;
    }

    @Override
    public CompletionStage<Integer> permissionsChanged(Predicate<String> principals) {
        return CompletableFuture.completedFuture(identifiers(principals).size());
    }

    @Override
    public CompletionStage<Integer> disconnect(Predicate<String> principals) {
        List<String> ended = identifiers(principals);
        ended.forEach(connected::remove);
        afterDisconnect.getAndSet(() -> {}).run();
        return CompletableFuture.completedFuture(ended.size());
    }

    @Override
    public CompletionStage<Integer> forget(Predicate<String> principals) {
        forgotten.addAll(identifiers(principals));
        return disconnect(principals);
    }

    private List<String> identifiers(Predicate<String> principals) {
        return connected.values().stream()
                .filter(client -> principals.test(client.identity().principal()))
                .map(ConnectedClient::clientIdentifier)
                .toList();
    }

    /** Happens once, after the next time that somebody is disconnected. */
    public void afterDisconnect(Runnable event) {
        afterDisconnect.set(event);
    }

    /** The next time that this session is to be ended for good, it takes until then. */
    void endLater(String clientIdentifier, CompletionStage<Boolean> ending) {
        endings.put(clientIdentifier, ending);
    }

    /** Whose sessions were ended for good. */
    public List<String> forgotten() {
        return forgotten;
    }
}
