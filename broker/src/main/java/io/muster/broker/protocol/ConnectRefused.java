package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.ReasonCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A CONNECT that is answered with a CONNACK other than success. Carries no stack trace: it is an
 * answer.
 */
public final class ConnectRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;
    private final @Nullable String serverReference;

    /**
     * A refusal.
     *
     * @param reason what the client is told
     * @param sentence what the log is told; never a secret
     */
    public ConnectRefused(ReasonCode reason, String sentence) {
        this(reason, sentence, null);
    }

    private ConnectRefused(ReasonCode reason, String sentence, @Nullable String serverReference) {
        super(sentence, null, false, false);
        this.reason = reason;
        this.serverReference = serverReference;
    }

    /** The client is to go elsewhere [MQTT5 4.11]. */
    public static ConnectRefused redirected(Redirection redirection) {
        return new ConnectRefused(
                redirection.moved() ? ReasonCode.SERVER_MOVED : ReasonCode.USE_ANOTHER_SERVER,
                "clients are sent elsewhere",
                redirection.serverReference().orElse(null));
    }

    /** What the client is told. */
    public ReasonCode reason() {
        return reason;
    }

    /** Where else the client may go. */
    public Optional<String> serverReference() {
        return Optional.ofNullable(serverReference);
    }
}
