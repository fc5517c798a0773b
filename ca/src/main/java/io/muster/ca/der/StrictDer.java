package io.muster.ca.der;

import java.util.Optional;

/**
 * Looks at the skeleton of something in DER (X.690, 10 and 11) before anything is made of it: one
 * element and nothing behind it, each length definite and as short as possible, nested no deeper
 * than {@link #MAX_DEPTH}, numbers and flags as they are written. It allocates nothing that depends
 * on its input. Shared by threads; does not block.
 */
public final class StrictDer {

    /** Twice as deep as the deepest that a request or a list of revocations needs. */
    public static final int MAX_DEPTH = 16;

    private static final int CONSTRUCTED = 0x20;
    private static final int CLASS = 0xc0;
    private static final int NUMBER = 0x1f;

    private static final int BOOLEAN = 1;
    private static final int INTEGER = 2;
    private static final int BIT_STRING = 3;
    private static final int NULL = 5;
    private static final int OBJECT_IDENTIFIER = 6;
    private static final int SEQUENCE = 16;
    private static final int SET = 17;

    private final byte[] bytes;

    private StrictDer(byte[] bytes) {
        this.bytes = bytes;
    }

    /** What is wrong with these bytes, in words; empty if nothing is. */
    public static Optional<String> fault(byte[] bytes) {
        try {
            int end = new StrictDer(bytes).element(0, bytes.length, 1);
            return end == bytes.length
                    ? Optional.empty()
                    : Optional.of((bytes.length - end) + " bytes behind the end");
        } catch (Fault e) {
            return Optional.of(e.words);
        }
    }

    /** Where the element that begins here ends. */
    private int element(int from, int limit, int depth) throws Fault {
        if (depth > MAX_DEPTH) {
            throw new Fault("nested deeper than " + MAX_DEPTH, from);
        }
        if (limit - from < 2) {
            throw new Fault("ends too early", from);
        }
        int tag = bytes[from] & 0xff;
        if ((tag & NUMBER) == NUMBER || tag == 0) {
            throw new Fault("tag that nothing has here", from);
        }
        int content = from + 2 + lengthBytes(from + 1, limit);
        int end = end(from + 1, content, limit);
        if ((tag & CLASS) == 0) {
            checkUniversal(tag, content, end);
        }
        if ((tag & CONSTRUCTED) != 0) {
            int next = content;
            while (next < end) {
                next = element(next, end, depth + 1);
            }
        }
        return end;
    }

    /** How many bytes follow the first byte of a length that belong to it. */
    private int lengthBytes(int at, int limit) throws Fault {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 0;
        }
        int count = first - 0x80;
        if (count == 0 || count > 3) {
            throw new Fault("length that is indefinite or far too great", at);
        }
        if (limit - at - 1 < count) {
            throw new Fault("ends too early", at);
        }
        return count;
    }

    private int end(int at, int content, int limit) throws Fault {
        int length = bytes[at] & 0xff;
        if (length >= 0x80) {
            length = 0;
            for (int i = at + 1; i < content; i++) {
                length = (length << 8) | (bytes[i] & 0xff);
            }
            if (length < 0x80 || bytes[at + 1] == 0) {
                throw new Fault("length that could be shorter", at);
            }
        }
        if (length > limit - content) {
            throw new Fault("ends too early", at);
        }
        return content + length;
    }

    private void checkUniversal(int tag, int content, int end) throws Fault {
        int number = tag & NUMBER;
        boolean nests = number == SEQUENCE || number == SET;
        if (nests != ((tag & CONSTRUCTED) != 0)) {
            throw new Fault("element in parts, or in none", content);
        }
        boolean valid =
                switch (number) {
                    case BOOLEAN ->
                            end - content == 1 && (bytes[content] == 0 || bytes[content] == -1);
                    case INTEGER -> isShortestInteger(content, end);
                    case BIT_STRING -> isBitString(content, end);
                    case NULL -> end == content;
                    case OBJECT_IDENTIFIER -> end > content;
                    default -> true;
                };
        if (!valid) {
            throw new Fault("value that is not in DER", content);
        }
    }

    private boolean isShortestInteger(int content, int end) {
        if (end - content < 2) {
            return end > content;
        }
        boolean needless =
                (bytes[content] == 0 && bytes[content + 1] >= 0)
                        || (bytes[content] == -1 && bytes[content + 1] < 0);
        return !needless;
    }

    private boolean isBitString(int content, int end) {
        if (end == content) {
            return false;
        }
        int unused = bytes[content];
        if (unused < 0 || unused > 7 || (unused > 0 && end - content == 1)) {
            return false;
        }
        return (bytes[end - 1] & ((1 << unused) - 1)) == 0;
    }

    /** What is wrong, for this class only. */
    private static final class Fault extends Exception {

        private static final long serialVersionUID = 1L;

        private final String words;

        Fault(String words, int at) {
            super(words, null, false, false);
            this.words = words + ", at byte " + at;
        }
    }
}
