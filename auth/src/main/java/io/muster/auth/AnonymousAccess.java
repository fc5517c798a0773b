package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets clients in that nobody knows, on the listeners where the operator wants that; shared by all
 * threads.
 *
 * <p>A client that sends neither user name nor password and has no certificate is anonymous at
 * once. One with credentials goes to the authenticator chain; if nobody there knows them, or they
 * are wrong, it is anonymous too: it gains nothing that it would not get without them, and whether
 * the name is known still cannot be told. Any other refusal stands: a disabled or banned client,
 * and a registry that cannot be asked, never turn into anonymous access. Neither does an enhanced
 * authentication that fails: who asks for one wants to know whom it speaks with.
 */
public final class AnonymousAccess implements EnhancedAuthenticator {

    private static final Logger log = LoggerFactory.getLogger(AnonymousAccess.class);

    private static final Identity ANONYMOUS =
            new Identity(
                    SignInListener.ANONYMOUS,
                    "",
                    new AnonymousTopics(),
                    Map.of("kind", SignInListener.ANONYMOUS));

    private final Set<String> listeners;
    private final EnhancedAuthenticator chain;
    private final SignInListener listener;

    /**
     * Anonymous access before {@code chain}, which is closed with it.
     *
     * @param listeners names of the listeners where anonymous clients are let in
     * @param listener is told of the clients that are let in here
     */
    public AnonymousAccess(
            Set<String> listeners, EnhancedAuthenticator chain, SignInListener listener) {
        this.listeners = Set.copyOf(listeners);
        this.chain = chain;
        this.listener = listener;
    }

    /**
     * Anonymous access and nothing else: everybody is anonymous on these listeners, and refused on
     * others.
     *
     * @param listeners names of the listeners where anonymous clients are let in
     * @param listener is told of each outcome
     * @throws IllegalArgumentException if there are no listeners, since nobody could sign in
     */
    public AnonymousAccess(Set<String> listeners, SignInListener listener) {
        this(listeners, new NoAuthenticators(listener), listener);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is neither an authenticator nor a listener with anonymous access");
        }
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        if (!listeners.contains(credentials.listener())) {
            return chain.authenticate(credentials);
        }
        boolean presentsNothing =
                credentials.username().isEmpty()
                        && credentials.password().isEmpty()
                        && credentials.peerCertificates().isEmpty();
        if (presentsNothing) {
            return CompletableFuture.completedFuture(
                    letIn(SignInListener.ANONYMOUS, credentials.clientIdentifier()));
        }
        String listenerName = credentials.listener();
        String clientIdentifier = credentials.clientIdentifier();
        return chain.authenticate(credentials)
                .thenApply(result -> orAnonymous(result, listenerName, clientIdentifier));
    }

    private AuthResult orAnonymous(
            AuthResult result, String listenerName, String clientIdentifier) {
        if (!(result instanceof AuthResult.Deny deny)
                || deny.reason() != DenyReason.BAD_CREDENTIALS) {
            return result;
        }
        log.info(
                "client not known, let in as anonymous listener={} refusal=\"{}\"",
                listenerName,
                deny.detail());
        return letIn(SignInListener.ANONYMOUS_INSTEAD, clientIdentifier);
    }

    private AuthResult letIn(String way, String clientIdentifier) {
        AuthResult result = SessionSpace.setApart(AuthResult.accept(ANONYMOUS), clientIdentifier);
        listener.decided(way, result);
        return result;
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return chain.begin(method, credentials);
    }

    @Override
    public void close() {
        chain.close();
    }

    /** Stands where the chain would: refuses everybody. */
    private record NoAuthenticators(SignInListener listener) implements EnhancedAuthenticator {

        private static final AuthResult REFUSED =
                AuthResult.deny(DenyReason.BAD_CREDENTIALS, "only anonymous clients are let in");

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            listener.decided(SignInListener.END_OF_CHAIN, REFUSED);
            return CompletableFuture.completedFuture(REFUSED);
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            listener.decided(SignInListener.END_OF_CHAIN, REFUSED);
            return Optional.empty();
        }
    }
}
