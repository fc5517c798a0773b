package io.muster.auth.x509.encoding;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a file: DER as it is, or texts of PEM (RFC 7468), whose surroundings are ignored.
 * Decoding writes over the given array, so that a long list needs no second one.
 */
public final class Pem {

    private static final byte[] DASHES = "-----".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_MAX = 1024;

    private final byte[] bytes;
    private int position;

    private Pem(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * What is read of each thing that is in there: of DER it is one, of PEM each block with this
     * label. Other blocks are ignored.
     *
     * @param bytes of the file, which are not good for anything else after this
     * @throws MalformedException if PEM is damaged, or a block is missing
     */
    public static List<DerReader> read(byte[] bytes, String label) throws MalformedException {
        if (bytes.length > 0 && bytes[0] == DerReader.SEQUENCE) {
            return List.of(new DerReader(bytes));
        }
        List<DerReader> blocks = new Pem(bytes).blocks(label);
        if (blocks.isEmpty()) {
            throw new MalformedException("neither DER nor PEM with BEGIN " + label);
        }
        return blocks;
    }

    private List<DerReader> blocks(String label) throws MalformedException {
        List<DerReader> blocks = new ArrayList<>();
        while (position < bytes.length) {
            String begun = boundary("BEGIN ");
            if (begun == null) {
                nextLine();
            } else if (begun.equals(label)) {
                blocks.add(decode(label));
            } else {
                nextLine();
                skipTo(begun);
            }
        }
        return blocks;
    }

    private void skipTo(String label) throws MalformedException {
        while (!label.equals(boundary("END "))) {
            if (position >= bytes.length) {
                throw new MalformedException("PEM has no END " + label);
            }
            nextLine();
        }
        nextLine();
    }

    private DerReader decode(String label) throws MalformedException {
        nextLine();
        int from = position;
        int to = from;
        while (!label.equals(boundary("END "))) {
            int start = position;
            if (start >= bytes.length) {
                throw new MalformedException("PEM has no END " + label);
            }
            byte[] decoded = decodeLine(start, nextLine());
            System.arraycopy(decoded, 0, bytes, to, decoded.length);
            to += decoded.length;
        }
        nextLine();
        return new DerReader(bytes, from, to);
    }

    private byte[] decodeLine(int from, int to) throws MalformedException {
        if (to - from > LINE_MAX) {
            throw new MalformedException("a line of PEM is longer than " + LINE_MAX);
        }
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(bytes, from, to));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("a line of PEM is not Base64", e);
        }
    }

    /** The label of the boundary that this line is, or null. */
    private @Nullable String boundary(String kind) {
        if (!startsWith(position, DASHES)) {
            return null;
        }
        int end = endOfLine();
        String line =
                new String(bytes, position, end - position, StandardCharsets.ISO_8859_1).strip();
        boolean isBoundary =
                line.length() > 10 + kind.length()
                        && line.startsWith(kind, 5)
                        && line.endsWith("-----");
        return isBoundary ? line.substring(5 + kind.length(), line.length() - 5) : null;
    }

    private boolean startsWith(int at, byte[] expected) {
        return at + expected.length <= bytes.length
                && Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
    }

    private int endOfLine() {
        int at = position;
        while (at < bytes.length && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Goes to the next line; where the text of this one ends. */
    private int nextLine() {
        int end = endOfLine();
        int from = position;
        position = Math.min(end + 1, bytes.length);
        while (end > from && (bytes[end - 1] == '\r' || bytes[end - 1] == ' ')) {
            end--;
        }
        return end;
    }
}
