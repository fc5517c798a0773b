package io.muster.ca.audit;

import io.muster.ca.file.DurableFile;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file beside the chain that says where it ends. It is written after each record that is durable,
 * so what stands in the chain after it was never acknowledged, and what does not reach up to it was
 * taken away. Confined to whoever holds the chain's lock.
 */
final class AuditHeadFile implements AutoCloseable {

    /** Shorter than a sector, and of one length: a crash leaves the old one or the new one. */
    private static final Pattern FORM = Pattern.compile("(\\d{19}):([0-9a-f]{64})\n");

    private final RandomAccessFile file;

    AuditHeadFile(File file) throws IOException {
        DurableFile.touch(file.toPath());
        this.file = new RandomAccessFile(file, "rw");
    }

    /** What stands in it; nothing if it is new or damaged. */
    Optional<AuditHead> read() throws IOException {
        byte[] bytes = new byte[(int) Math.min(file.length(), 128)];
        file.seek(0);
        file.readFully(bytes);
        Matcher matcher = FORM.matcher(new String(bytes, StandardCharsets.US_ASCII));
        return matcher.matches()
                ? Optional.of(new AuditHead(Long.parseLong(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }

    void write(AuditHead head) throws IOException {
        String text = String.format(Locale.ROOT, "%019d:%s\n", head.sequence(), head.sha256());
        file.seek(0);
        file.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    void force() throws IOException {
        file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
