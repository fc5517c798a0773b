package io.muster.broker.spi;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the sessions that outlive their connection. Sessions without an expiry interval never come
 * here.
 *
 * <p>Shared; no method blocks. Calls for one client identifier are made one after the other. A
 * stage may be completed by any thread; a failed one refuses the client as "server unavailable" and
 * changes nothing.
 */
public interface SessionStore {

    /** The stored session of this client identifier, if there is one. */
    CompletionStage<Optional<StoredSession>> find(String clientIdentifier);

    /**
     * A new, empty stored session, in place of any that was there.
     *
     * @param principal to whom it belongs
     */
    CompletionStage<StoredSession> create(String clientIdentifier, String principal);

    /** Forgets the stored session, if there is one. */
    CompletionStage<Void> remove(String clientIdentifier);
}
