package io.muster.broker.protocol.packet;

/**
 * The client did what the protocol does not allow. Thrown where it is noticed, caught once where
 * packets come in; the connection ends. Carries no stack trace, since the fault is not in our code.
 */
public final class ProtocolViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;
    private final boolean endsEarly;

    /**
     * A violation.
     *
     * @param reason what an MQTT 5.0 client is told
     * @param sentence what the log is told, with the number of the statement
     */
    public ProtocolViolation(ReasonCode reason, String sentence) {
        this(reason, sentence, false);
    }

    private ProtocolViolation(ReasonCode reason, String sentence, boolean endsEarly) {
        super(sentence, null, false, false);
        this.reason = reason;
        this.endsEarly = endsEarly;
    }

    /** A packet that ends before its last field does. */
    public static ProtocolViolation endsEarly(String sentence) {
        return new ProtocolViolation(ReasonCode.MALFORMED_PACKET, sentence, true);
    }

    /** What an MQTT 5.0 client is told. */
    public ReasonCode reason() {
        return reason;
    }

    /** Whether the packet ends before its last field does, so that its length is wrong. */
    public boolean endsEarly() {
        return endsEarly;
    }
}
