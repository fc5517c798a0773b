package io.muster.broker.session.memory;

import io.muster.broker.spi.SessionStore;
import io.muster.broker.spi.StoredSession;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps sessions in memory: they outlive their connections, but not the process. Shared. */
public final class MemorySessionStore implements SessionStore {

    private final Map<String, StoredSession> sessions = new ConcurrentHashMap<>();
    private final int queueMessagesMax;
    private final long queueBytesMax;

    /**
     * An empty store.
     *
     * @param queueMessagesMax messages that may wait for one session
     * @param queueBytesMax bytes that may wait for one session, as {@link
     *     io.muster.broker.message.Message#bytes} counts
     */
    public MemorySessionStore(int queueMessagesMax, long queueBytesMax) {
        this.queueMessagesMax = queueMessagesMax;
        this.queueBytesMax = queueBytesMax;
    }

    @Override
    public CompletionStage<Optional<StoredSession>> find(String clientIdentifier) {
        return CompletableFuture.completedFuture(
                Optional.ofNullable(sessions.get(clientIdentifier)));
    }

    @Override
    public CompletionStage<StoredSession> create(String clientIdentifier, String principal) {
        StoredSession session = new MemorySession(principal, queueMessagesMax, queueBytesMax);
        sessions.put(clientIdentifier, session);
        return CompletableFuture.completedFuture(session);
    }

    @Override
    public CompletionStage<Void> remove(String clientIdentifier) {
        sessions.remove(clientIdentifier);
        return CompletableFuture.completedFuture(null);
    }
}
