package io.muster.hub.api.enos;

/**
 * A call that is answered with a code of EnOS other than 0. Confined to the thread of its request;
 * it has no stack trace, since it is an answer and not a fault.
 */
final class EnosProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Code code;
    private final boolean surelyUndone;

    /** The codes, with the HTTP status of the answer and of the row in the audit log. */
    enum Code {
        /** Who calls is not known, or what he signed is wrong. */
        UNAUTHENTICATED(401, 401, 401, true),
        /** The role of the key is not enough. */
        FORBIDDEN(403, 403, 403, true),
        NO_SUCH_DEVICE(11404, 200, 404, true),
        EXISTS(11702, 200, 409, true),
        ALREADY_ENABLED(11721, 200, 409, true),
        /** It is disabled once more all the same. */
        ALREADY_DISABLED(11723, 200, 409, false),
        INVALID_ARGUMENTS(99400, 200, 400, true),
        /** Done or not: nobody knows. */
        INTERNAL(99500, 200, 500, false),
        /** Too much at once. */
        BUSY(99500, 503, 503, true);

        private final int number;
        private final int httpStatus;
        private final int auditStatus;
        private final boolean surelyUndone;

        Code(int number, int httpStatus, int auditStatus, boolean surelyUndone) {
            this.number = number;
            this.httpStatus = httpStatus;
            this.auditStatus = auditStatus;
            this.surelyUndone = surelyUndone;
        }

        /** Whether work that ends so has surely changed nothing. */
        boolean isSurelyUndone() {
            return surelyUndone;
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
        this(code, message, code.isSurelyUndone());
    }

    private EnosProblem(Code code, String message, boolean surelyUndone) {
        super(message, null, false, false);
        this.code = code;
        this.surelyUndone = surelyUndone;
    }

    /** The same of a call whose work was not begun. */
    EnosProblem beforeWork() {
        return new EnosProblem(code, message(), true);
    }

    static EnosProblem invalid(String what) {
        return new EnosProblem(Code.INVALID_ARGUMENTS, "Invalid arguments: " + what);
    }

    Code code() {
        return code;
    }

    /** Whether the call has surely not been done. */
    boolean isSurelyUndone() {
        return surelyUndone;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
