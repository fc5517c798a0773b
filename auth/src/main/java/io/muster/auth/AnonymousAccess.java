package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lets clients in that present nothing, on the listeners where the operator wants that; shared by
 * all threads.
 *
 * <p>A client is anonymous if it sends neither user name nor password and has no certificate. On a
 * listener that is not named, or with any of the three, it goes to the authenticator chain: wrong
 * credentials never turn into anonymous access.
 */
public final class AnonymousAccess implements Authenticator {

    private static final Identity ANONYMOUS =
            new Identity(
                    SignInListener.ANONYMOUS,
                    "",
                    TopicPolicy.forAnonymous(),
                    Map.of("kind", SignInListener.ANONYMOUS));

    private final Set<String> listeners;
    private final Authenticator chain;
    private final SignInListener listener;

    /**
     * Anonymous access before {@code chain}, which is closed with it.
     *
     * @param listeners names of the listeners where anonymous clients are let in
     * @param listener is told of the clients that are let in here
     */
    public AnonymousAccess(Set<String> listeners, Authenticator chain, SignInListener listener) {
        this.listeners = Set.copyOf(listeners);
        this.chain = chain;
        this.listener = listener;
    }

    /**
     * Anonymous access and nothing else: whoever presents credentials is refused.
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
        boolean presentsNothing =
                credentials.username().isEmpty()
                        && credentials.password().isEmpty()
                        && credentials.peerCertificates().isEmpty();
        if (!presentsNothing || !listeners.contains(credentials.listener())) {
            return chain.authenticate(credentials);
        }
        AuthResult result =
                SessionSpace.setApart(AuthResult.accept(ANONYMOUS), credentials.clientIdentifier());
        listener.decided(SignInListener.ANONYMOUS, result);
        return CompletableFuture.completedFuture(result);
    }

    @Override
    public void close() {
        chain.close();
    }

    /** Stands where the chain would: refuses everybody. */
    private record NoAuthenticators(SignInListener listener) implements Authenticator {

        private static final AuthResult REFUSED =
                AuthResult.deny(DenyReason.BAD_CREDENTIALS, "only anonymous clients are let in");

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            listener.decided(SignInListener.END_OF_CHAIN, REFUSED);
            return CompletableFuture.completedFuture(REFUSED);
        }
    }
}
