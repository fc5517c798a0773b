package io.muster.ca.request;

/**
 * No certificate is made. The message is a sentence for who asked: what was wrong, and what is
 * allowed. It has no stack trace, since it is an answer and not a fault.
 */
public final class RequestRefused extends Exception {

    private static final long serialVersionUID = 1L;

    private final RefusalCode code;

    /** Refuses for this reason, with this sentence. */
    public RequestRefused(RefusalCode code, String sentence) {
        super(sentence, null, false, false);
        this.code = code;
    }

    /** The reason. */
    public RefusalCode code() {
        return code;
    }
}
