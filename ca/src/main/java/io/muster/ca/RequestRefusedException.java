package io.muster.ca;

import org.jspecify.annotations.Nullable;

/**
 * No certificate is made. The message is a sentence for who asked: what was wrong, and what is
 * allowed. It has no stack trace, since it is an answer and not a fault.
 */
public final class RequestRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RefusalCode code;

    /** Refuses for this reason, with this sentence. */
    public RequestRefusedException(RefusalCode code, String sentence) {
        this(code, sentence, null);
    }

    /** The same, because of a fault. */
    public RequestRefusedException(RefusalCode code, String sentence, @Nullable Throwable cause) {
        super(sentence, cause, false, false);
        this.code = code;
    }

    /** The reason. */
    public RefusalCode code() {
        return code;
    }
}
