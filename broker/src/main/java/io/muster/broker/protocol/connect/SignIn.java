package io.muster.broker.protocol.connect;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.broker.protocol.AuthDialogue;
import io.muster.broker.protocol.ClientChannel;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.Reauthentication;
import io.muster.broker.protocol.packet.EnhancedAuthentication;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.spi.ClientObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the authenticator who a client is: by what stands in its CONNECT, or by a dialogue if the
 * CONNECT names an authentication method. An authenticator that fails lets nobody in. Shared.
 */
final class SignIn {

    private static final Logger log = LoggerFactory.getLogger(SignIn.class);

    private final Authenticator authenticator;
    private final ClientObserver observer;
    private final long deadlineMillis;

    /**
     * Signs in whom {@code authenticator} knows.
     *
     * @param observer told of clients that sign in again and are refused
     * @param deadlineMillis how long a client may take to sign in again; the caller looks after the
     *     time of the first sign-in
     */
    SignIn(Authenticator authenticator, ClientObserver observer, long deadlineMillis) {
        this.authenticator = authenticator;
        this.observer = observer;
        this.deadlineMillis = deadlineMillis;
    }

    /**
     * How a sign-in ended.
     *
     * @param result what the authenticator says
     * @param authentication what CONNACK says of enhanced authentication; null without it
     * @param reauthentication how the client signs in again; null without enhanced authentication
     */
    record Outcome(
            AuthResult result,
            @Nullable EnhancedAuthentication authentication,
            @Nullable Reauthentication reauthentication) {

        private static Outcome of(AuthResult result) {
            return new Outcome(result, null, null);
        }
    }

    /**
     * Signs a client in. Called on the channel's loop.
     *
     * @param dialogues is given the dialogue if there is one, to hand it the client's AUTH packets
     * @return the outcome, by any thread; fails with {@link ConnectRefused} or {@link
     *     ProtocolViolation} only
     */
    CompletionStage<Outcome> signIn(
            ClientChannel channel, ConnectRequest request, Consumer<AuthDialogue> dialogues) {
        Credentials credentials =
                new Credentials(
                        request.packet().clientIdentifier(),
                        request.packet().username(),
                        request.packet().password(),
                        channel.peerCertificates(),
                        channel.remoteAddress(),
                        request.packet().protocolLevel(),
                        channel.listener());
        Optional<String> method = request.authenticationMethod();
        try {
            return method.isPresent()
                    ? converse(channel, request, credentials, method.get(), dialogues)
                    : authenticator
                            .authenticate(credentials)
                            .thenApply(Outcome::of)
                            .exceptionally(SignIn::failed);
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(failed(failure));
        }
    }

    private CompletionStage<Outcome> converse(
            ClientChannel channel,
            ConnectRequest request,
            Credentials credentials,
            String method,
            Consumer<AuthDialogue> dialogues) {
        Optional<Exchange> exchange =
                authenticator instanceof EnhancedAuthenticator enhanced
                        ? enhanced.begin(method, credentials)
                        : Optional.empty();
        if (exchange.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new ConnectRefused(
                            ReasonCode.BAD_AUTHENTICATION_METHOD,
                            "no authenticator knows the authentication method [MQTT-4.12.0-1]"));
        }
        AuthDialogue dialogue =
                new AuthDialogue(channel, ConnectFlow.encoderFor(request.packet()), method);
        dialogues.accept(dialogue);
        return dialogue.lead(exchange.get(), request.authenticationData())
                .thenApply(
                        end ->
                                new Outcome(
                                        end.result(),
                                        new EnhancedAuthentication(method, end.data()),
                                        Reauthentication.by(
                                                (EnhancedAuthenticator) authenticator,
                                                method,
                                                credentials,
                                                observer,
                                                deadlineMillis)))
                .exceptionally(SignIn::failed);
    }

    private static Outcome failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ConnectRefused refused) {
            throw refused;
        }
        if (cause instanceof ProtocolViolation violation) {
            throw violation;
        }
        log.error("sign-in failed, client refused", cause);
        return Outcome.of(AuthResult.deny(DenyReason.UNAVAILABLE, "authenticator failed"));
    }
}
