package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.CrlRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A list in a file, which is read again when its time, size or inode changes. One that is read
 * while it is being written is refused, and read again once it is whole.
 */
public final class CrlFile implements CrlSource {

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Stamp MISSING = new Stamp(FileTime.fromMillis(0), 0, null);

    private final Path file;
    private @Nullable Stamp last;

    private record Stamp(FileTime modified, long size, @Nullable Object key) {}

    /** Reads this file, which need not be there yet. */
    public CrlFile(Path file) {
        this.file = file;
    }

    @Override
    public Optional<byte[]> fetch(boolean anyway) throws IOException, CrlRefusedException {
        // Before it is read: what is written meanwhile has another one.
        Stamp stamp = stamp();
        if (stamp.equals(last) && !anyway) {
            return Optional.empty();
        }
        last = stamp;
        if (stamp.size() > CrlReader.OCTETS_MAX) {
            throw new CrlRefusedException(
                    CrlFailure.TOO_LARGE,
                    "the file has %d octets, at most %d are read"
                            .formatted(stamp.size(), CrlReader.OCTETS_MAX));
        }
        byte[] bytes = new byte[(int) stamp.size()];
        try (InputStream in = Files.newInputStream(file)) {
            int read = in.readNBytes(bytes, 0, bytes.length);
            return Optional.of(read == bytes.length ? bytes : Arrays.copyOf(bytes, read));
        }
    }

    /** Also of a file that is not there, which is said once and not at each look. */
    private Stamp stamp() throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return MISSING;
        }
    }

    @Override
    public Duration interval() {
        return INTERVAL;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
