package io.muster.ca.weakkey;

import io.muster.ca.KeyHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Keys whose private half is known or can be guessed: leaked, printed in a book, or made by a
 * generator without randomness. Immutable, shared by threads; does not block once it is read.
 *
 * <p>A list is text in UTF-8: on each line the {@linkplain KeyHash hash} of one key, upper or lower
 * case, and behind {@code #} whatever one wants to remember of it. Empty lines are allowed.
 */
public final class KeyBlocklist {

    /** So many keys a list may have; each costs about 200 bytes of heap. */
    public static final int MAX_KEYS = 1_000_000;

    private static final int MAX_LINE = 1_000;
    private static final String PUBLISHED = "published-keys.txt";

    private final Set<KeyHash> keys;

    private KeyBlocklist(Set<KeyHash> keys) {
        this.keys = keys;
    }

    /** The keys whose private half stands in an RFC, and so in the tests of many programs. */
    public static KeyBlocklist published() {
        try (Reader text =
                new InputStreamReader(
                        Objects.requireNonNull(
                                KeyBlocklist.class.getResourceAsStream(PUBLISHED), PUBLISHED),
                        StandardCharsets.UTF_8)) {
            return read(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The list that this text is; reads to its end, and does not close it.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if a line is no hash, or there are more than {@link
     *     #MAX_KEYS}; it names the line
     */
    public static KeyBlocklist read(Reader text) throws IOException {
        Set<KeyHash> keys = new HashSet<>();
        BufferedReader lines = new BufferedReader(text);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            String entry = withoutRemark(line, number);
            if (!entry.isEmpty()) {
                keys.add(hash(entry, number));
            }
            if (keys.size() > MAX_KEYS) {
                throw new IllegalArgumentException(
                        "line " + number + ": more than " + MAX_KEYS + " keys");
            }
        }
        return new KeyBlocklist(Set.copyOf(keys));
    }

    /** One with the keys of both. */
    public KeyBlocklist and(KeyBlocklist other) {
        Set<KeyHash> both = new HashSet<>(keys);
        both.addAll(other.keys);
        return new KeyBlocklist(Set.copyOf(both));
    }

    /** Whether this key is one of them. */
    public boolean contains(KeyHash key) {
        return keys.contains(key);
    }

    /** How many there are. */
    public int size() {
        return keys.size();
    }

    private static String withoutRemark(String line, int number) {
        if (line.length() > MAX_LINE) {
            throw new IllegalArgumentException(
                    "line " + number + ": longer than " + MAX_LINE + " characters");
        }
        int remark = line.indexOf('#');
        return (remark < 0 ? line : line.substring(0, remark)).strip();
    }

    private static KeyHash hash(String entry, int number) {
        try {
            return new KeyHash(entry.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "line " + number + ": not the SHA-256 of a public key in 64 hexadecimal digits",
                    e);
        }
    }
}
