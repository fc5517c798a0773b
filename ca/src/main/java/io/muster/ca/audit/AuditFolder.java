package io.muster.ca.audit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a chain: {@code audit.<number of the first record>.jsonl}, of which only the last
 * one grows. The first record of each tells name, length and hash of the file before it, so what is
 * sealed needs no look at its records. Immutable; shared by threads; blocks.
 */
final class AuditFolder {

    private static final Pattern NAME = Pattern.compile("audit\\.(\\d{12})\\.jsonl");
    private static final Pattern SEAL =
            Pattern.compile(
                    "\"sha256\":\"([0-9a-f]{64})\",\"bytes\":\"(\\d{1,18})\",\"file\":\"([^\"]+)\"\\}\n$");
    private static final int CHUNK = 1 << 16;

    private final Path path;

    AuditFolder(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    File headFile() {
        return path.resolve("audit.head").toFile();
    }

    Path lockFile() {
        return path.resolve("audit.lock");
    }

    /** The file whose first record has this number; in ASCII digits, wherever this runs. */
    Path file(long sequence) {
        return path.resolve(String.format(Locale.ROOT, "audit.%012d.jsonl", sequence));
    }

    /** All files of the chain, the oldest first. */
    List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(path, "audit.*.jsonl")) {
            for (Path file : all) {
                if (NAME.matcher(name(file)).matches()) {
                    files.add(file);
                }
            }
        }
        files.sort(null);
        return files;
    }

    static long firstSequence(Path file) {
        Matcher name = NAME.matcher(name(file));
        if (!name.matches()) {
            throw new IllegalArgumentException(file + " is no file of an audit chain");
        }
        return Long.parseLong(name.group(1));
    }

    static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** What the first record of {@code next} says of {@code sealed}. */
    Seal seal(Path sealed, Path next) throws IOException, AuditChainBrokenException {
        Matcher seal = SEAL.matcher(AuditWalk.firstLine(next));
        if (!seal.find()) {
            throw new AuditChainBrokenException(
                    "%s: record %d at byte 0 is damaged: it does not tell of the file before"
                            .formatted(next, firstSequence(next)));
        }
        if (!seal.group(3).equals(name(sealed))) {
            throw new AuditChainBrokenException(
                    "%s is missing: %s follows it".formatted(path.resolve(seal.group(3)), next));
        }
        return new Seal(seal.group(1), Long.parseLong(seal.group(2)));
    }

    /** Whether all files are there, and as long as they were. */
    void checkLengths(List<Path> files) throws IOException, AuditChainBrokenException {
        if (firstSequence(files.get(0)) != 1) {
            throw new AuditChainBrokenException(
                    "%s is missing: the first file is %s".formatted(file(1), files.get(0)));
        }
        for (int i = 1; i < files.size(); i++) {
            Path sealed = files.get(i - 1);
            Seal seal = seal(sealed, files.get(i));
            long length = Files.size(sealed);
            if (length != seal.length()) {
                throw new AuditChainBrokenException(
                        "%s has %d bytes, and had %d when it was sealed: %s"
                                .formatted(sealed, length, seal.length(), fault(sealed)));
            }
        }
    }

    /**
     * Whether all but the last are what they were when they were sealed: some hundred megabytes in
     * a second.
     */
    void checkSealed(List<Path> files) throws IOException, AuditChainBrokenException {
        // From the newest, so that what a file says of the one before is true.
        for (int i = files.size() - 1; i > 0; i--) {
            checkSealed(files.get(i - 1), files.get(i));
        }
    }

    /** Whether a file is byte for byte what it was when it was sealed. */
    private void checkSealed(Path sealed, Path next) throws IOException, AuditChainBrokenException {
        if (!sha256(sealed).equals(seal(sealed, next).sha256())) {
            throw new AuditChainBrokenException("%s: %s".formatted(sealed, fault(sealed)));
        }
    }

    /** Which record of a file is not as it was. */
    private static String fault(Path sealed) throws IOException {
        String unknown = "it is not as it was, from the first record on, or in the last one";
        AuditHead before = AuditWalk.before(sealed).orElse(AuditHead.NONE);
        return new AuditWalk(sealed, before, AuditHead.NONE).go().fault().orElse(unknown);
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = AuditRecord.sha256();
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Moves all files of the chain into a folder of their own, where they stay. */
    Path setAside(Instant now) throws IOException {
        Path aside = path.resolve("broken." + now.toEpochMilli());
        Files.createDirectory(aside);
        for (Path file : files()) {
            Files.move(file, aside.resolve(name(file)), StandardCopyOption.ATOMIC_MOVE);
        }
        Path head = headFile().toPath();
        if (Files.exists(head)) {
            Files.move(head, aside.resolve(name(head)), StandardCopyOption.ATOMIC_MOVE);
        }
        force();
        return aside;
    }

    /** Makes names in the folder durable. */
    void force() throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** What a sealed file must have. */
    record Seal(String sha256, long length) {}
}
