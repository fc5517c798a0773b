package io.muster.ca.authority;

/** The files of the authorities are damaged, or do not fit together. */
public final class HierarchyUnusableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message names the file, and says what is wrong. */
    public HierarchyUnusableException(String message) {
        super(message);
    }

    /** The message names the file, and says what is wrong. */
    public HierarchyUnusableException(String message, Throwable cause) {
        super(message, cause);
    }
}
