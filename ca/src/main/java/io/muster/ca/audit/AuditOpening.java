package io.muster.ca.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a chain before anything is added to it, and takes away what a crash left of a record
 * that nobody was told to be durable. Confined to the thread that opens the chain.
 */
final class AuditOpening {

    private static final Logger log = LoggerFactory.getLogger(AuditOpening.class);

    private static final Pattern WHOLE = Pattern.compile("(?m)^\\{\"n\":[^\n]*\\}\n");

    private final AuditFolder folder;
    private final AuditHead acknowledged;

    AuditOpening(AuditFolder folder, AuditHead acknowledged) {
        this.folder = folder;
        this.acknowledged = acknowledged;
    }

    /** Where the chain ends, and what was done so that it does. */
    Found look() throws IOException, AuditChainBrokenException {
        List<Path> files = folder.files();
        if (!files.isEmpty() && isUnbegun(files.get(files.size() - 1))) {
            files = files.subList(0, files.size() - 1);
        }
        if (files.isEmpty()) {
            return nothing();
        }
        folder.checkLengths(files);
        folder.checkSealed(files);
        Path last = files.get(files.size() - 1);
        AuditWalk walk = new AuditWalk(last, before(last), acknowledged).go();
        if (walk.head().sequence() < acknowledged.sequence()) {
            throw broken(last, walk);
        }
        Optional<AuditEvent> repair =
                walk.fault().isPresent() ? Optional.of(takeAway(last, walk)) : Optional.empty();
        AuditFile file = new AuditFile(last, walk.length(), walk.wholeDigest());
        return new Found(Optional.of(file), walk.head(), repair);
    }

    private Found nothing() throws AuditChainBrokenException {
        if (acknowledged.sequence() > 0) {
            throw new AuditChainBrokenException(
                    "%s is missing: the head file says that there are %d records"
                            .formatted(folder.file(1), acknowledged.sequence()));
        }
        return new Found(Optional.empty(), AuditHead.NONE, Optional.empty());
    }

    /** A crash came before the first record of a file was written: it takes none with it. */
    private boolean isUnbegun(Path last) throws IOException {
        if (AuditFolder.firstSequence(last) <= acknowledged.sequence()
                || AuditWalk.firstLine(last).endsWith("}\n")) {
            return false;
        }
        log.warn("audit file begun by a crash, taken away file={}", last);
        Files.delete(last);
        folder.force();
        return true;
    }

    private AuditHead before(Path last) throws IOException, AuditChainBrokenException {
        long sequence = AuditFolder.firstSequence(last) - 1;
        Optional<AuditHead> before = AuditWalk.before(last);
        boolean fits =
                before.isPresent()
                        && before.get().sequence() == sequence
                        && (sequence > 0 || before.get().equals(AuditHead.NONE))
                        && (sequence != acknowledged.sequence()
                                || before.get().equals(acknowledged));
        if (!fits || acknowledged.sequence() < sequence) {
            throw new AuditChainBrokenException(
                    "%s: record %d at byte 0 is damaged, or the head file is not its chain's"
                            .formatted(last, sequence + 1));
        }
        return before.get();
    }

    private AuditChainBrokenException broken(Path last, AuditWalk walk) {
        String missing =
                "it ends with record %d; records up to %d were taken away"
                        .formatted(walk.head().sequence(), acknowledged.sequence());
        return new AuditChainBrokenException(
                "%s: %s".formatted(last, walk.fault().orElse(missing)));
    }

    /** They are kept beside the chain, since they may tell somebody something. */
    private AuditEvent takeAway(Path last, AuditWalk walk)
            throws IOException, AuditChainBrokenException {
        Path kept = folder.path().resolve(tornName(walk.head().sequence() + 1));
        byte[] torn;
        try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
            torn = new byte[(int) Math.min(file.length() - walk.length(), 1 << 24)];
            file.seek(walk.length());
            file.readFully(torn);
            if (isWritten(torn)) {
                throw broken(last, walk);
            }
            Files.write(
                    kept,
                    torn,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC);
            folder.force();
            file.setLength(walk.length());
            file.getFD().sync();
        }
        log.warn(
                "audit record cut short by a crash, taken away file={} record={} bytes={} kept={}",
                last,
                walk.head().sequence() + 1,
                torn.length,
                kept);
        return AuditEvent.of(AuditKind.REPAIR)
                .with(
                        AuditField.SHA256,
                        HexFormat.of().formatHex(AuditRecord.sha256().digest(torn)))
                .with(AuditField.BYTES, torn.length)
                .with(AuditField.FILE, AuditFolder.name(kept))
                .with(AuditField.DETAIL, "a record that was never acknowledged was cut short");
    }

    private static String tornName(long sequence) {
        return String.format(Locale.ROOT, "torn.%012d.bytes", sequence);
    }

    /**
     * Whether there is a whole record in it, so that no crash has cut it short: after that place
     * nothing was written. Where a disk has kept what came later and not what came before, there
     * are zeroes, which no record has.
     */
    private static boolean isWritten(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.indexOf('\0') < 0 && WHOLE.matcher(text).find();
    }

    /** The file to be continued, if there is one; where it ends; what is to be recorded first. */
    record Found(Optional<AuditFile> file, AuditHead head, Optional<AuditEvent> repair) {}
}
