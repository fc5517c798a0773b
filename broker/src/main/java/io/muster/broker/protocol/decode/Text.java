package io.muster.broker.protocol.decode;

import org.jspecify.annotations.Nullable;

/** The rules of UTF-8 encoded strings [MQTT5 1.5.4], on bytes. */
final class Text {

    private static final int ASCII_MAX = 0x7F;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int DELETE = 0x7F;
    private static final int LAST_CONTROL = 0x9F;

    /** Leading bytes by length of the sequence: mask, value, smallest code point. */
    private static final int[][] SEQUENCES = {
        {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}
    };

    private Text() {}

    /** Whether the bytes are printable ASCII, which nothing can be wrong with. */
    static boolean isPlain(byte[] bytes) {
        for (byte each : bytes) {
            if (each < FIRST_PRINTABLE || each == DELETE) {
                return false;
            }
        }
        return true;
    }

    /**
     * What is wrong with the bytes, or null.
     *
     * @param refuseControls whether control characters and non-characters, which clients should not
     *     send, are wrong too
     */
    static @Nullable String violation(byte[] bytes, boolean refuseControls) {
        int at = 0;
        while (at < bytes.length) {
            int lead = bytes[at] & 0xFF;
            int more = lead <= ASCII_MAX ? 0 : sequenceLength(lead);
            if (more < 0 || at + more >= bytes.length) {
                return "not UTF-8 at byte " + at + " [MQTT-1.5.4-1]";
            }
            int codePoint = more == 0 ? lead : codePoint(bytes, at, more);
            String violation = violation(codePoint, refuseControls);
            if (violation != null) {
                return violation + " at byte " + at;
            }
            at += more + 1;
        }
        return null;
    }

    /** Bytes that follow a leading byte, or -1 if it leads nothing. */
    private static int sequenceLength(int lead) {
        for (int i = 0; i < SEQUENCES.length; i++) {
            if ((lead & SEQUENCES[i][0]) == SEQUENCES[i][1]) {
                return i + 1;
            }
        }
        return -1;
    }

    /** The code point, or -1 if the sequence is broken or longer than it need be. */
    private static int codePoint(byte[] bytes, int at, int more) {
        int[] sequence = SEQUENCES[more - 1];
        int codePoint = bytes[at] & ~sequence[0] & 0xFF;
        for (int i = 1; i <= more; i++) {
            int next = bytes[at + i];
            if ((next & 0xC0) != 0x80) {
                return -1;
            }
            codePoint = (codePoint << 6) | (next & 0x3F);
        }
        return codePoint < sequence[2] ? -1 : codePoint;
    }

    private static @Nullable String violation(int codePoint, boolean refuseControls) {
        if (codePoint < 0 || codePoint > Character.MAX_CODE_POINT) {
            return "not UTF-8 [MQTT-1.5.4-1]";
        }
        if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
            return "surrogate [MQTT-1.5.4-1]";
        }
        if (codePoint == 0) {
            return "U+0000 [MQTT-1.5.4-2]";
        }
        boolean isUnwelcome = isControl(codePoint) || isNonCharacter(codePoint);
        return refuseControls && isUnwelcome
                ? "control character or non-character U+%04X [MQTT5 1.5.4]".formatted(codePoint)
                : null;
    }

    private static boolean isControl(int codePoint) {
        return codePoint < FIRST_PRINTABLE || (codePoint >= DELETE && codePoint <= LAST_CONTROL);
    }

    private static boolean isNonCharacter(int codePoint) {
        return (codePoint & 0xFFFE) == 0xFFFE || (codePoint >= 0xFDD0 && codePoint <= 0xFDEF);
    }
}
