package io.muster.ca.key;

import java.util.regex.Pattern;

/**
 * Where the keys of an authority are kept, each under a name. Shared by threads; it blocks. Keys
 * can be taken away and come back (an offline root), so it looks each time.
 */
public interface KeyStorage {

    /** What a key may be called. */
    Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");

    /**
     * Whether there is a key of that name now.
     *
     * @throws KeyUnusableException if nobody can tell
     */
    boolean holds(String name);

    /**
     * The key of that name.
     *
     * @throws KeyUnusableException if it is not there, or cannot be used; the message says what to
     *     do
     */
    SigningKey load(String name);

    /**
     * Makes a key, which is kept durably when this returns.
     *
     * @throws KeyUnusableException if there is one of that name, or it cannot be kept
     */
    SigningKey generate(String name, KeyKind kind);

    /**
     * Deletes a key for ever, durably; nothing is done if there is none of that name here. Copies
     * that somebody has made elsewhere are not known here.
     *
     * @throws KeyUnusableException if it cannot be deleted, or nobody can tell whether it is there
     */
    void destroy(String name);
}
