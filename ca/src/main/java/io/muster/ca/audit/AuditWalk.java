package io.muster.ca.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Goes through a file of the chain, record by record, until one does not follow the one before it.
 * Confined to a thread.
 */
final class AuditWalk {

    /** More than the longest record, all of whose characters are escaped. */
    private static final int MAX_LINE = 128 * 1024;

    private static final Pattern START =
            Pattern.compile("\\{\"n\":(\\d{1,18}),\"previous\":\"([0-9a-f]{64})\"");

    private final Path file;
    private final AuditHead acknowledged;
    private final MessageDigest lineDigest = AuditRecord.sha256();
    private final MessageDigest wholeDigest = AuditRecord.sha256();
    private AuditHead head;
    private long lineOffset;
    private long length;
    private Optional<String> fault = Optional.empty();

    /**
     * @param before the last record of the file before
     * @param acknowledged a record that must stand where it does, if the walk comes by
     */
    AuditWalk(Path file, AuditHead before, AuditHead acknowledged) {
        this.file = file;
        this.head = before;
        this.acknowledged = acknowledged;
    }

    /** What the first record of a file says was before it; nothing if there is no such record. */
    static Optional<AuditHead> before(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Matcher start = START.matcher(text(line(in)));
            return start.lookingAt()
                    ? Optional.of(new AuditHead(Long.parseLong(start.group(1)) - 1, start.group(2)))
                    : Optional.empty();
        }
    }

    /** The first line of a file, without checks. */
    static String firstLine(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return text(line(in));
        }
    }

    /** Goes to the end of the file, or to the first fault. */
    AuditWalk go() throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            byte[] line = line(in);
            while (line.length > 0 && take(line)) {
                line = line(in);
            }
        }
        return this;
    }

    private boolean take(byte[] line) {
        if (!AuditRecord.follows(line, head)) {
            fault = Optional.of(describe(line));
            return false;
        }
        AuditHead next = AuditRecord.head(head.sequence() + 1, lineDigest, line);
        if (next.sequence() == acknowledged.sequence() && !next.equals(acknowledged)) {
            fault =
                    Optional.of(
                            "record %d at byte %d was changed: its hash is not the one in the head file"
                                    .formatted(next.sequence(), length));
            return false;
        }
        wholeDigest.update(line);
        lineOffset = length;
        length += line.length;
        head = next;
        return true;
    }

    private String describe(byte[] line) {
        long expected = head.sequence() + 1;
        Matcher start = START.matcher(text(line));
        if (!start.lookingAt()) {
            return "record %d at byte %d is damaged".formatted(expected, length);
        }
        long found = Long.parseLong(start.group(1));
        if (found != expected) {
            return "record %d stands at byte %d, where record %d should: some were moved or taken away"
                    .formatted(found, length, expected);
        }
        if (!start.group(2).equals(head.sha256())) {
            return "record %d at byte %d was changed, or what record %d at byte %d says of it"
                    .formatted(head.sequence(), lineOffset, expected, length);
        }
        return "record %d at byte %d does not end as it should".formatted(expected, length);
    }

    /** The next line with its end; without one if the file or the limit comes before. */
    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(384);
        int next;
        do {
            next = in.read();
            if (next >= 0) {
                line.write(next);
            }
        } while (next >= 0 && next != '\n' && line.size() < MAX_LINE);
        return line.toByteArray();
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    /** The last record that follows. */
    AuditHead head() {
        return head;
    }

    /** How many bytes there are up to its end. */
    long length() {
        return length;
    }

    /** The hash of those bytes, to be continued. */
    MessageDigest wholeDigest() {
        return wholeDigest;
    }

    /** Why it went no further; nothing at the end of the file. */
    Optional<String> fault() {
        return fault;
    }
}
