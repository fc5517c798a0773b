package io.muster.ca.weakkey;

import io.muster.ca.KeyHash;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Keys whose private half is known or can be guessed: leaked, printed in a book, or made by a
 * generator without randomness. Immutable, shared by threads; does not block once it is read.
 *
 * <p>A list has one of two forms:
 *
 * <ul>
 *   <li>text in UTF-8: on each line the {@linkplain KeyHash hash} of one key, upper or lower case,
 *       and behind {@code #} whatever one wants to remember of it; empty lines are allowed;
 *   <li>the records of the badkeys project, {@code blocklist.dat}: of each key 15 bytes of a hash
 *       and one that says whence it is, in the order of the hashes. What is hashed (SHA-256) is
 *       {@linkplain KeyNumber one number} of the key.
 * </ul>
 */
public final class KeyBlocklist {

    /** So many keys a list may have; each costs 8 bytes of heap, and 16 while it is read. */
    public static final int MAX_KEYS = 10_000_000;

    private static final int MAX_LINE = 1_000;
    private static final int RECORD = 16;
    private static final int BUFFER = 1 << 16;
    private static final String PUBLISHED = "published-keys.txt";

    private final HashPrefixes keys;
    private final HashPrefixes numbers;

    private KeyBlocklist(HashPrefixes keys, HashPrefixes numbers) {
        this.keys = keys;
        this.numbers = numbers;
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
     * The list in a file: records if its name ends in {@code .dat}, text otherwise. Blocks.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no list, or has no key or more than {@link
     *     #MAX_KEYS}; it says where
     */
    public static KeyBlocklist read(Path file) throws IOException {
        KeyBlocklist list = readAny(file);
        if (list.size() == 0) {
            throw new IllegalArgumentException("no key is in it");
        }
        return list;
    }

    private static KeyBlocklist readAny(Path file) throws IOException {
        if (file.toString().endsWith(".dat")) {
            try (InputStream records = Files.newInputStream(file)) {
                return readRecords(records, Files.size(file));
            }
        }
        try (Reader text = Files.newBufferedReader(file)) {
            return read(text);
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
        LongStream.Builder prefixes = LongStream.builder();
        int keys = 0;
        BufferedReader lines = new BufferedReader(text);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            String entry = withoutRemark(line, number);
            if (!entry.isEmpty()) {
                prefixes.add(HashPrefixes.prefix(bytes(hash(entry, number))));
                keys++;
            }
            if (keys > MAX_KEYS) {
                throw new IllegalArgumentException(
                        "line " + number + ": more than " + MAX_KEYS + " keys");
            }
        }
        return new KeyBlocklist(HashPrefixes.of(prefixes.build().toArray()), HashPrefixes.NONE);
    }

    private static KeyBlocklist readRecords(InputStream stream, long size) throws IOException {
        if (size % RECORD != 0 || size / RECORD > MAX_KEYS) {
            throw new IllegalArgumentException(
                    "%d bytes: not up to %d records of %d bytes".formatted(size, MAX_KEYS, RECORD));
        }
        DataInputStream records = new DataInputStream(new BufferedInputStream(stream, BUFFER));
        long[] prefixes = new long[(int) (size / RECORD)];
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = records.readLong();
            records.readLong();
            if (i > 0 && Long.compareUnsigned(prefixes[i - 1], prefixes[i]) > 0) {
                throw new IllegalArgumentException(
                        "record " + (i + 1) + ": below the one before it; is the file packed?");
            }
        }
        return new KeyBlocklist(HashPrefixes.NONE, HashPrefixes.of(prefixes));
    }

    /** One with the keys of both. */
    public KeyBlocklist and(KeyBlocklist other) {
        return new KeyBlocklist(keys.and(other.keys), numbers.and(other.numbers));
    }

    /**
     * Whether this key is one of them.
     *
     * @param hash its own
     */
    public boolean contains(KeyHash hash, PublicKey key) {
        return keys.contains(bytes(hash))
                || (numbers.size() > 0 && numbers.contains(KeyNumber.hash(key)));
    }

    /** How many there are. */
    public int size() {
        return keys.size() + numbers.size();
    }

    private static byte[] bytes(KeyHash hash) {
        return HexFormat.of().parseHex(hash.hex());
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
