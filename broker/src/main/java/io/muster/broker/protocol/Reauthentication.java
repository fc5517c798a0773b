package io.muster.broker.protocol;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step.Finished;
import io.muster.auth.spi.Identity;
import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.decode.AuthPacket;
import io.muster.broker.protocol.packet.EnhancedAuthentication;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.spi.ClientObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a connected client signs in again, with the method that it signed in with [MQTT5 4.12.1]. Its
 * other packets go on as before meanwhile. If it fails, or takes too long, the connection ends; if
 * it succeeds, the permissions that it gave are in force from then on.
 *
 * <p>Confined to the session's loop.
 */
public final class Reauthentication {

    private static final Logger log = LoggerFactory.getLogger(Reauthentication.class);

    /** More than any client needs; each costs the authenticator work. */
    private static final int TIMES_MAX = 10;

    private static final long TIMES_WITHIN_MILLIS = 60_000;

    private final EnhancedAuthenticator authenticator;
    private final String method;
    private final Credentials credentials;
    private final ClientObserver observer;
    private final long deadlineMillis;
    private @Nullable AuthDialogue dialogue;
    private @Nullable Runnable cancelDeadline;
    private @Nullable Identity identity;
    private long countedSinceMillis;
    private int times;

    private Reauthentication(
            EnhancedAuthenticator authenticator,
            String method,
            Credentials credentials,
            ClientObserver observer,
            long deadlineMillis) {
        this.authenticator = authenticator;
        this.method = method;
        this.credentials = credentials;
        this.observer = observer;
        this.deadlineMillis = deadlineMillis;
    }

    /**
     * For a client that signed in with this method.
     *
     * @param observer told if it is refused by other than the authenticator
     * @param deadlineMillis how long it may take to sign in again, all in all
     */
    public static Reauthentication by(
            EnhancedAuthenticator authenticator,
            String method,
            Credentials credentials,
            ClientObserver observer,
            long deadlineMillis) {
        return new Reauthentication(authenticator, method, credentials, observer, deadlineMillis);
    }

    /** Who the client was found to be when it last signed in again; empty if it did not yet. */
    Optional<Identity> identity() {
        return Optional.ofNullable(identity);
    }

    /** Takes in an AUTH of a connected client. */
    void receive(Client client, AuthPacket packet) {
        AuthDialogue running = dialogue;
        if (running != null) {
            running.receive(packet);
            return;
        }
        if (!packet.reauthenticate() || !packet.method().equals(method)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "AUTH without need, or with another method than at CONNECT [MQTT-4.12.1-1]");
        }
        count(client.channel().loop().nowMillis());
        AuthDialogue begun = new AuthDialogue(client.channel(), client.output().encoder(), method);
        dialogue = begun;
        cancelDeadline =
                client.channel()
                        .loop()
                        .schedule(
                                () -> begun.giveUp("re-authentication took too long"),
                                deadlineMillis);
        lead(begun, packet.data())
                .whenComplete(
                        (end, failure) ->
                                client.channel().loop().run(() -> conclude(client, end, failure)));
    }

    private void count(long nowMillis) {
        if (nowMillis - countedSinceMillis >= TIMES_WITHIN_MILLIS) {
            countedSinceMillis = nowMillis;
            times = 0;
        }
        if (++times > TIMES_MAX) {
            String sentence =
                    "re-authentication more than %d times in %d seconds"
                            .formatted(TIMES_MAX, TIMES_WITHIN_MILLIS / 1_000);
            tell(new ConnectRefused(ReasonCode.QUOTA_EXCEEDED, sentence));
            throw new ProtocolViolation(ReasonCode.QUOTA_EXCEEDED, sentence);
        }
    }

    /** The connection ends: an exchange that is under way has no answer. */
    void giveUp() {
        if (dialogue != null) {
            dialogue.giveUp("connection ended during re-authentication");
        }
    }

    private CompletionStage<Finished> lead(AuthDialogue begun, Optional<byte[]> data) {
        try {
            Optional<Exchange> exchange = authenticator.begin(method, credentials);
            return exchange.isPresent()
                    ? begun.lead(exchange.get(), data)
                    : CompletableFuture.failedFuture(
                            new ConnectRefused(
                                    ReasonCode.BAD_AUTHENTICATION_METHOD, "method is gone"));
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private void conclude(Client client, @Nullable Finished end, @Nullable Throwable failure) {
        dialogue = null;
        if (cancelDeadline != null) {
            cancelDeadline.run();
        }
        if (end == null) {
            refuse(client, refusal(failure));
            return;
        }
        try {
            identity = proven(client, end.result());
        } catch (ConnectRefused refused) {
            refuse(client, refused);
            return;
        }
        client.session().reviewPermissions().finish();
        succeed(client, new EnhancedAuthentication(method, end.data()));
    }

    /** A client that proves to be somebody else does not stay what it was. */
    private static Identity proven(Client client, AuthResult result) {
        if (result instanceof AuthResult.Deny deny) {
            throw ConnectRefused.denied(ReasonCode.NOT_AUTHORIZED, deny.detail());
        }
        if (!(result instanceof AuthResult.Accept accept)) {
            throw new ConnectRefused(
                    ReasonCode.NOT_AUTHORIZED, "no authenticator knows these credentials");
        }
        String principal = accept.identity().principal();
        if (!principal.equals(client.identity().principal())) {
            throw new ConnectRefused(
                    ReasonCode.NOT_AUTHORIZED,
                    "signed in again as %s, and is %s"
                            .formatted(principal, client.identity().principal()));
        }
        return accept.identity();
    }

    private static ConnectRefused refusal(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        return cause instanceof ConnectRefused refused
                ? refused
                : new ConnectRefused(ReasonCode.SERVER_UNAVAILABLE, String.valueOf(cause));
    }

    private void refuse(Client client, ConnectRefused refused) {
        tell(refused);
        if (!client.channel().isOpen()) {
            return;
        }
        log.warn(
                "re-authentication failed client={} detail={} [MQTT-4.12.1-2]",
                new Quoted(client.session().clientIdentifier()),
                new Quoted(String.valueOf(refused.getMessage())));
        client.output().disconnect(ReasonCode.NOT_AUTHORIZED);
        client.end(ConnectionEnd.PROTOCOL_ERROR);
    }

    private void tell(ConnectRefused refused) {
        refused.told(
                        credentials.clientIdentifier(),
                        credentials.username(),
                        credentials.remoteAddress())
                .ifPresent(observer::signInRefused);
    }

    private static void succeed(Client client, EnhancedAuthentication authentication) {
        if (client.output().fits(authentication)) {
            client.output().auth(ReasonCode.SUCCESS, authentication);
        } else {
            client.output().disconnect(ReasonCode.PACKET_TOO_LARGE);
            client.end(ConnectionEnd.PROTOCOL_ERROR);
        }
    }
}
