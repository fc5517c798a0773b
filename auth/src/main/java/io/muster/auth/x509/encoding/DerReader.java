package io.muster.auth.x509.encoding;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * Reads values in DER one after the other out of an array that it shares and never copies (ITU-T
 * X.690). Lengths are definite and as short as they can be, tags have one octet, integers no
 * padding, and nothing is read beyond the end. Confined to one thread.
 */
public final class DerReader {

    public static final int BOOLEAN = 0x01;
    public static final int INTEGER = 0x02;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;
    public static final int OBJECT_IDENTIFIER = 0x06;
    public static final int ENUMERATED = 0x0a;
    public static final int UTC_TIME = 0x17;
    public static final int GENERALIZED_TIME = 0x18;
    public static final int SEQUENCE = 0x30;
    public static final int SET = 0x31;

    /** No object identifier of an extension is nearly as long. */
    private static final int IDENTIFIER_MAX = 64;

    private static final int NOTHING = -1;
    private static final int CONSTRUCTED = 0x20;

    /** No certificate has values within values within values as deep. */
    private static final int DEPTH_MAX = 32;

    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads all of an array. */
    public DerReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Reads an array from one index to before another. */
    public DerReader(byte[] bytes, int from, int to) {
        if (from < 0 || to < from || to > bytes.length) {
            throw new IndexOutOfBoundsException(from + " to " + to + " of " + bytes.length);
        }
        this.bytes = bytes;
        this.position = from;
        this.end = to;
    }

    /** The tag [number] of a constructed value whose kind the context says. */
    public static int constructed(int number) {
        return 0xa0 | number;
    }

    /** The tag [number] of a primitive value whose kind the context says. */
    public static int primitive(int number) {
        return 0x80 | number;
    }

    /** Whether nothing is left. */
    public boolean isAtEnd() {
        return position == end;
    }

    /** The index of what comes next. */
    public int position() {
        return position;
    }

    /** How many octets are left. */
    public int remaining() {
        return end - position;
    }

    /** Whether a value of this tag comes next. */
    public boolean isNext(int tag) {
        return position < end && (bytes[position] & 0xff) == tag;
    }

    /** Nothing may be left. */
    public void requireEnd() throws MalformedException {
        if (position != end) {
            throw malformed("something follows that does not belong here");
        }
    }

    /** What is inside of the next value, which must have this tag; goes on behind it. */
    public DerReader enter(int tag) throws MalformedException {
        if (!isNext(tag)) {
            throw malformed(
                    "expected tag 0x%02x, found %s"
                            .formatted(tag, position < end ? hex(bytes[position]) : "the end"));
        }
        position++;
        int length = length();
        int from = position;
        position += length;
        return new DerReader(bytes, from, position);
    }

    /** Goes on behind the next value, whatever it is. */
    public void skip() throws MalformedException {
        if (position == end) {
            throw malformed("expected a value, found the end");
        }
        int tag = bytes[position] & 0xff;
        if ((tag & 0x1f) == 0x1f) {
            throw malformed("a tag has more than one octet");
        }
        enter(tag);
    }

    /**
     * Goes through all that is left, down to what is not made of other values: each length is
     * definite and as short as it can be, and nothing ends elsewhere than what surrounds it.
     */
    public void requireStrict() throws MalformedException {
        requireStrict(DEPTH_MAX);
    }

    private void requireStrict(int depth) throws MalformedException {
        if (depth == 0) {
            throw malformed("values are more than %d deep".formatted(DEPTH_MAX));
        }
        while (!isAtEnd()) {
            int tag = bytes[position] & 0xff;
            int from = position;
            skip();
            if ((tag & CONSTRUCTED) != 0) {
                new DerReader(bytes, from, position).enter(tag).requireStrict(depth - 1);
            }
        }
    }

    /** The next value with its tag and length, copied. */
    public byte[] encoded() throws MalformedException {
        int from = position;
        skip();
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** All that is left, copied; goes to the end. */
    public byte[] rest() {
        byte[] copy = Arrays.copyOfRange(bytes, position, end);
        position = end;
        return copy;
    }

    /** Whether all that is left are these octets. */
    public boolean hasContent(byte[] content) {
        return Arrays.equals(bytes, position, end, content, 0, content.length);
    }

    /** An integer of at most so many octets. */
    public BigInteger integer(int octetsMax) throws MalformedException {
        DerReader content = integerContent();
        if (content.remaining() > octetsMax) {
            throw malformed("an integer has more than %d octets".formatted(octetsMax));
        }
        return new BigInteger(bytes, content.position, content.remaining());
    }

    /** The octets of an integer, which has at least one and no needless ones. */
    DerReader integerContent() throws MalformedException {
        DerReader content = enter(INTEGER);
        content.requireMinimal();
        return content;
    }

    private void requireMinimal() throws MalformedException {
        if (remaining() == 0) {
            throw malformed("an integer is empty");
        }
        boolean isPadded =
                remaining() > 1
                        && ((bytes[position] == 0 && bytes[position + 1] >= 0)
                                || (bytes[position] == -1 && bytes[position + 1] < 0));
        if (isPadded) {
            throw malformed("an integer is longer than it need be");
        }
    }

    /**
     * The octets of a positive integer without the sign's, as the range that the answer reads; it
     * is empty for an integer that is not positive.
     */
    public DerReader magnitude() throws MalformedException {
        DerReader content = integerContent();
        if (bytes[content.position] == 0) {
            content.position++;
        } else if (bytes[content.position] < 0) {
            content.position = content.end;
        }
        return content;
    }

    /** A number of an enumeration, 0 to 127. */
    public int enumerated() throws MalformedException {
        DerReader content = enter(ENUMERATED);
        if (content.remaining() != 1 || bytes[content.position] < 0) {
            throw malformed("an enumeration has no number from 0 to 127");
        }
        return bytes[content.position];
    }

    /** True or false. */
    public boolean bool() throws MalformedException {
        return enter(BOOLEAN).boolContent();
    }

    /** A flag that is false if it is not there; DER writes only true. */
    public boolean flag(int tag) throws MalformedException {
        if (!isNext(tag)) {
            return false;
        }
        if (!enter(tag).boolContent()) {
            throw malformed("false is written although it is the default");
        }
        return true;
    }

    private boolean boolContent() throws MalformedException {
        if (remaining() != 1 || (bytes[position] != 0 && bytes[position] != -1)) {
            throw malformed("a truth value is neither 0x00 nor 0xff");
        }
        return bytes[position] != 0;
    }

    /**
     * The number of an extension below 2.5.29 (id-ce); -1 if the next object identifier is another
     * one.
     */
    public int extensionNumber() throws MalformedException {
        DerReader content = enter(OBJECT_IDENTIFIER);
        if (content.remaining() == 0 || content.remaining() > IDENTIFIER_MAX) {
            throw malformed("an object identifier has not 1 to 64 octets");
        }
        boolean isBelow =
                content.remaining() == 3
                        && bytes[content.position] == 0x55
                        && bytes[content.position + 1] == 0x1d
                        && bytes[content.position + 2] >= 0;
        return isBelow ? bytes[content.position + 2] : NOTHING;
    }

    /** An object identifier, as numbers with dots. */
    public String identifier() throws MalformedException {
        DerReader content = enter(OBJECT_IDENTIFIER);
        if (content.remaining() == 0 || content.remaining() > IDENTIFIER_MAX) {
            throw malformed("an object identifier has not 1 to 64 octets");
        }
        StringBuilder text = new StringBuilder();
        while (!content.isAtEnd()) {
            long part = content.identifierPart();
            if (text.isEmpty()) {
                long first = Math.min(part / 40, 2);
                text.append(first).append('.').append(part - 40 * first);
            } else {
                text.append('.').append(part);
            }
        }
        return text.toString();
    }

    private long identifierPart() throws MalformedException {
        long part = 0;
        boolean goesOn = true;
        while (goesOn) {
            if (position == end || part >>> 55 != 0 || (part == 0 && bytes[position] == -128)) {
                throw malformed("a part of an object identifier is cut, padded or too large");
            }
            part = part << 7 | (bytes[position] & 0x7f);
            goesOn = bytes[position++] < 0;
        }
        return part;
    }

    /** A string of whole octets. */
    public byte[] bitString() throws MalformedException {
        DerReader content = enter(BIT_STRING);
        if (content.remaining() == 0 || bytes[content.position] != 0) {
            throw malformed("a string of bits has not whole octets");
        }
        content.position++;
        return content.rest();
    }

    /** A point in time, in seconds and UTC (RFC 5280, 4.1.2.5). */
    public Instant time() throws MalformedException {
        boolean isShort = isNext(UTC_TIME);
        DerReader content = timeContent();
        int at = content.position;
        int year = isShort ? digits(at, 2) : digits(at, 4);
        if (isShort) {
            year += year < 50 ? 2000 : 1900;
        }
        at += isShort ? 2 : 4;
        try {
            return LocalDateTime.of(
                            year,
                            digits(at, 2),
                            digits(at + 2, 2),
                            digits(at + 4, 2),
                            digits(at + 6, 2),
                            digits(at + 8, 2))
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new MalformedException("no such time: " + e.getMessage(), e);
        }
    }

    /** Goes on behind a point in time, of which only the digits are looked at. */
    public void skipTime() throws MalformedException {
        timeContent();
    }

    private DerReader timeContent() throws MalformedException {
        boolean isShort = isNext(UTC_TIME);
        DerReader content = enter(isShort ? UTC_TIME : GENERALIZED_TIME);
        int digits = isShort ? 12 : 14;
        if (content.remaining() != digits + 1 || bytes[content.end - 1] != 'Z') {
            throw malformed("a time is not in whole seconds of UTC");
        }
        for (int i = content.position; i < content.end - 1; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                throw malformed("a time has something else than digits");
            }
        }
        return content;
    }

    private int digits(int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            value = value * 10 + bytes[i] - '0';
        }
        return value;
    }

    private int length() throws MalformedException {
        if (position == end) {
            throw malformed("a length is missing");
        }
        int first = bytes[position++];
        int length = first >= 0 ? first : longLength(first & 0x7f);
        if (length > end - position) {
            throw malformed("a value is longer than what surrounds it");
        }
        return length;
    }

    private int longLength(int octets) throws MalformedException {
        if (octets == 0 || octets > 4 || octets > end - position) {
            throw malformed("a length is indefinite or has more than 4 octets");
        }
        long length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | (bytes[position++] & 0xff);
        }
        if (length < 0x80 || length >>> (8 * (octets - 1)) == 0) {
            throw malformed("a length is longer than it need be");
        }
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    /** Says where it is. */
    public MalformedException malformed(String what) {
        return new MalformedException(what + " (at octet " + position + ")");
    }

    private static String hex(byte octet) {
        return "0x%02x".formatted(octet & 0xff);
    }
}
