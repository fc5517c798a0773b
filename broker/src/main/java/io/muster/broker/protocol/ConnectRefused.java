package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.spi.RefusedClient;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CONNECT that is answered with a CONNACK other than success. Carries no stack trace: it is an
 * answer.
 */
public final class ConnectRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The broker's doing, or that the client left; whoever comes then is refused likewise. */
    private static final Set<ReasonCode> NOT_OF_CLIENT =
            EnumSet.of(
                    ReasonCode.SERVER_UNAVAILABLE,
                    ReasonCode.USE_ANOTHER_SERVER,
                    ReasonCode.SERVER_MOVED,
                    ReasonCode.UNSPECIFIED_ERROR);

    private final ReasonCode reason;
    private final @Nullable String serverReference;
    private final boolean byAuthenticator;

    /**
     * A refusal.
     *
     * @param reason what the client is told
     * @param sentence what the log is told; never a secret
     */
    public ConnectRefused(ReasonCode reason, String sentence) {
        this(reason, sentence, null, false);
    }

    private ConnectRefused(
            ReasonCode reason,
            String sentence,
            @Nullable String serverReference,
            boolean byAuthenticator) {
        super(sentence, null, false, false);
        this.reason = reason;
        this.serverReference = serverReference;
        this.byAuthenticator = byAuthenticator;
    }

    /** The authenticator refused the client. */
    public static ConnectRefused denied(ReasonCode reason, String sentence) {
        return new ConnectRefused(reason, sentence, null, true);
    }

    /** The client is to go elsewhere [MQTT5 4.11]. */
    public static ConnectRefused redirected(Redirection redirection) {
        return new ConnectRefused(
                redirection.moved() ? ReasonCode.SERVER_MOVED : ReasonCode.USE_ANOTHER_SERVER,
                "clients are sent elsewhere",
                redirection.serverReference().orElse(null),
                false);
    }

    /** What the client is told. */
    public ReasonCode reason() {
        return reason;
    }

    /**
     * What an observer is to be told of it.
     *
     * @param clientIdentifier as the client sent it
     * @param username as the client sent it
     * @return empty if the authenticator knows already, or if it says nothing of the client
     */
    public Optional<RefusedClient> told(
            String clientIdentifier, Optional<String> username, InetSocketAddress remoteAddress) {
        return byAuthenticator || NOT_OF_CLIENT.contains(reason)
                ? Optional.empty()
                : Optional.of(
                        new RefusedClient(
                                clientIdentifier,
                                username,
                                remoteAddress,
                                reason.name().toLowerCase(Locale.ROOT),
                                String.valueOf(getMessage())));
    }

    /** Where else the client may go. */
    public Optional<String> serverReference() {
        return Optional.ofNullable(serverReference);
    }
}
