package io.muster.hub.api.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with a problem details object [RFC 9457] instead of what it asked for.
 * Confined to the thread of its request; it has no stack trace, since it is an answer and not a
 * fault.
 */
public final class ApiProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String code;

    /**
     * An answer with the HTTP status {@code status}.
     *
     * @param detail what was wrong with this request and what is allowed, for the caller
     */
    public ApiProblem(int status, String detail) {
        this(status, null, detail);
    }

    private ApiProblem(int status, @Nullable String code, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
    }

    /**
     * It does not go with how things are now.
     *
     * @param code for programs, one of the documented ones
     */
    public static ApiProblem conflict(String code, String detail) {
        return new ApiProblem(409, code, detail);
    }

    /** The request itself is wrong. */
    public static ApiProblem badRequest(String detail) {
        return new ApiProblem(400, detail);
    }

    /** There is no such thing. */
    public static ApiProblem notFound(String detail) {
        return new ApiProblem(404, detail);
    }

    /** It cannot be done now, but may be tried again. */
    public static ApiProblem unavailable(String detail) {
        return new ApiProblem(503, detail);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** For programs; empty if the status says enough. */
    public Optional<String> code() {
        return Optional.ofNullable(code);
    }

    /** What was wrong and what is allowed. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
