package io.muster.hub.api.enos;

/**
 * A call that is answered with a code of EnOS other than 0. Confined to the thread of its request;
 * it has no stack trace, since it is an answer and not a fault.
 */
final class EnosProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Code code;

    /** The codes, with the HTTP status of the answer and of the row in the audit log. */
    enum Code {
        /** Who calls is not known, or what he signed is wrong. */
        UNAUTHENTICATED(401, 401, 401),
        /** The role of the key is not enough. */
        FORBIDDEN(403, 403, 403),
        NO_SUCH_DEVICE(11404, 200, 404),
        EXISTS(11702, 200, 409),
        ALREADY_ENABLED(11721, 200, 409),
        /** It is disabled once more all the same. */
        ALREADY_DISABLED(11723, 200, 409),
        /** The key is that of a certificate of another device. */
        KEY_BOUND(11833, 200, 409),
        INVALID_ARGUMENTS(99400, 200, 400),
        /** Done or not: nobody knows. */
        INTERNAL(99500, 200, 500),
        /** Too much at once. */
        BUSY(99500, 503, 503);

        private final int number;
        private final int httpStatus;
        private final int auditStatus;

        Code(int number, int httpStatus, int auditStatus) {
            this.number = number;
            this.httpStatus = httpStatus;
            this.auditStatus = auditStatus;
        }

        int number() {
            return number;
        }

        int httpStatus() {
            return httpStatus;
        }

        int auditStatus() {
            return auditStatus;
        }
    }

    EnosProblem(Code code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    static EnosProblem invalid(String what) {
        return new EnosProblem(Code.INVALID_ARGUMENTS, "Invalid arguments: " + what);
    }

    Code code() {
        return code;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
