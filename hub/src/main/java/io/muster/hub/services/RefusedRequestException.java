package io.muster.hub.services;

/**
 * A request that is wrong. Its message is for whoever wrote the device's program, and names what is
 * wrong and what is allowed. It has no stack trace, since it is an answer and not a fault.
 */
final class RefusedRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * A refusal.
     *
     * @param code see {@link ReplyCode}
     */
    RefusedRequestException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** A parameter is not what it must be. */
    static RefusedRequestException badParameter(String message) {
        return new RefusedRequestException(ReplyCode.BAD_PARAMETER, message);
    }

    Reply reply() {
        return Reply.failure(code, String.valueOf(getMessage()));
    }
}
