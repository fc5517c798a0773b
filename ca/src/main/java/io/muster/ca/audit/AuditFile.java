package io.muster.ca.audit;

import io.muster.ca.file.DurableFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The file of the chain that grows. Confined to whoever holds the chain's lock, but {@link #force}.
 * Not a {@link java.nio.channels.FileChannel}, which the interruption of one writer would close for
 * all others.
 */
final class AuditFile implements AutoCloseable {

    private final Path path;
    private final RandomAccessFile file;
    private final MessageDigest whole;
    private long length;

    /**
     * @param length how many bytes are in it
     * @param whole the hash of those, to be continued
     */
    AuditFile(Path path, long length, MessageDigest whole) throws IOException {
        this.path = path;
        DurableFile.touch(path);
        this.file = new RandomAccessFile(path.toFile(), "rw");
        this.whole = whole;
        this.length = length;
    }

    /** Adds bytes; if that fails, none of them is in it. */
    void write(byte[] bytes) throws IOException {
        try {
            file.seek(length);
            file.write(bytes);
        } catch (IOException e) {
            file.setLength(length);
            throw e;
        }
        whole.update(bytes);
        length += bytes.length;
    }

    /** Makes durable what was written. Shared by threads. */
    void force() throws IOException {
        file.getFD().sync();
    }

    Path path() {
        return path;
    }

    long length() {
        return length;
    }

    String sha256() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) whole.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the SHA-256 of Java can be cloned", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
