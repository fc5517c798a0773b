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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A list in a file, which is read again when its time, size or inode changes. One that is read
 * while it is being written is refused, and read again once it is whole. One that was written just
 * now is read again too, since the next change within one step of the file system's clock would not
 * be seen.
 */
public final class CrlFile implements CrlSource {

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Longer than the steps in which file systems tell the time. */
    private static final Duration STEP_MAX = Duration.ofSeconds(3);

    private static final Stamp MISSING = new Stamp(FileTime.fromMillis(0), 0, null);

    private final Path file;
    private final Clock clock;
    private @Nullable Stamp last;

    private record Stamp(FileTime modified, long size, @Nullable Object key) {

        /** Whether another change would have another time. */
        boolean isSettled(Instant now) {
            return Duration.between(modified.toInstant(), now).abs().compareTo(STEP_MAX) > 0;
        }
    }

    /**
     * Reads this file, which need not be there yet.
     *
     * @param clock of the file system
     */
    public CrlFile(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public Optional<byte[]> fetch(boolean anyway) throws IOException, CrlRefusedException {
        // Before it is read: what is written meanwhile has another one.
        Stamp stamp = stamp();
        if (stamp.equals(last) && !anyway) {
            return Optional.empty();
        }
        last = stamp.isSettled(clock.instant()) ? stamp : null;
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
    public String queue() {
        return "files";
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
