package io.muster.hub.protocol;

/**
 * A request that is wrong. Its message is for whoever wrote the device's program, and names what is
 * wrong and what is allowed. It has no stack trace, since it is an answer and not a fault.
 */
public final class RefusedRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * A refusal.
     *
     * @param code see {@link ReplyCode}
     */
    public RefusedRequestException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** A parameter is not what it must be. */
    public static RefusedRequestException badParameter(String message) {
        return new RefusedRequestException(ReplyCode.BAD_PARAMETER, message);
    }

    /** The answer that says so. */
    public Reply reply() {
        return Reply.failure(code, String.valueOf(getMessage()));
    }
}
