package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.ReasonCode;

/**
 * A CONNECT that is answered with a CONNACK other than success. Carries no stack trace: it is an
 * answer.
 */
public final class ConnectRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /**
     * A refusal.
     *
     * @param reason what the client is told
     * @param sentence what the log is told; never a secret
     */
    public ConnectRefused(ReasonCode reason, String sentence) {
        super(sentence, null, false, false);
        this.reason = reason;
    }

    /** What the client is told. */
    public ReasonCode reason() {
        return reason;
    }
}
