package io.muster.broker.protocol.packet;

/**
 * The client did what the protocol does not allow. Thrown where it is noticed, caught once where
 * packets come in; the connection ends. Carries no stack trace, since the fault is not in our code.
 */
public final class ProtocolViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /**
     * A violation.
     *
     * @param reason what an MQTT 5.0 client is told
     * @param sentence what the log is told, with the number of the statement
     */
    public ProtocolViolation(ReasonCode reason, String sentence) {
        super(sentence, null, false, false);
        this.reason = reason;
    }

    /** What an MQTT 5.0 client is told. */
    public ReasonCode reason() {
        return reason;
    }
}
