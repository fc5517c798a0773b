package io.muster.ca.key;

import java.io.IOException;

/**
 * How the password of keys, or the PIN of a token, is found. It is asked for each time that one is
 * needed, so that none stays in memory.
 */
@FunctionalInterface
public interface KeyPassword {

    /**
     * The password, in an array that whoever has called overwrites after use.
     *
     * @throws IOException if it cannot be found; the message says where it was looked for
     */
    char[] read() throws IOException;
}
