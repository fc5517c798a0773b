package io.muster.ca.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * How a record is written: a line of JSON, whose first members are its number and the hash of the
 * line before, with its line end.
 *
 * <pre>{@code {"n":17,"previous":"<64 digits>","at":"2026-11-30T11:06:41.123Z","kind":"crl",...}}
 * </pre>
 */
final class AuditRecord {

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] END = bytes("}\n");

    private AuditRecord() {}

    /** The line of an event that comes after {@code previous}. */
    static byte[] encode(AuditHead previous, Instant at, AuditEvent event) {
        StringBuilder line = new StringBuilder(256).append(start(previous));
        member(line, "at", at.toString());
        member(line, "kind", event.kind().word());
        for (Map.Entry<AuditField, String> field : event.fields().entrySet()) {
            member(line, field.getKey().word(), field.getValue());
        }
        return bytes(line.append("}\n").toString());
    }

    /** The head of a chain that ends in a line. */
    static AuditHead head(long sequence, MessageDigest digest, byte[] line) {
        return new AuditHead(sequence, HEX.formatHex(digest.digest(line)));
    }

    /** Whether a line is one that was written after {@code previous}. */
    static boolean follows(byte[] line, AuditHead previous) {
        byte[] start = bytes(start(previous));
        return line.length > start.length + END.length
                && Arrays.equals(line, 0, start.length, start, 0, start.length)
                && Arrays.equals(line, line.length - END.length, line.length, END, 0, END.length);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }

    private static String start(AuditHead previous) {
        return "{\"n\":" + (previous.sequence() + 1) + ",\"previous\":\"" + previous.sha256() + '"';
    }

    private static void member(StringBuilder line, String name, String value) {
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                // Half a pair has no UTF-8; both halves escaped are the same as the pair.
                line.append("\\u").append(HEX.toHexDigits(c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
