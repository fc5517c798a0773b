package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.EncodedCrl;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.revocation.CrlPartition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * The list that was taken last of each issuer's key and distribution point, in a folder: so that
 * after a restart nobody can present an older one, and revocations are known before any source has
 * answered. What is read back is as little trusted as what sources answer. Shared, but for one
 * partition by one thread at a time, which it blocks.
 */
public final class CrlStore {

    private final Path folder;

    /** Keeps lists in this folder, which it makes when there is the first one. */
    public CrlStore(Path folder) {
        this.folder = folder;
    }

    /** What was kept of a partition; empty if there was nothing yet. */
    Optional<byte[]> load(CrlPartition partition) throws IOException {
        try (InputStream in = Files.newInputStream(file(partition))) {
            // One octet too many is enough for a refusal.
            return Optional.of(in.readNBytes(CrlReader.OCTETS_MAX + 1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Keeps a list instead of the one before; it is on disk, or the one before is. */
    void save(CrlPartition partition, EncodedCrl list) throws IOException {
        Files.createDirectories(folder);
        Path file = file(partition);
        Path draft = sibling(file, ".new");
        write(draft, list.octets());
        Files.move(
                draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder();
    }

    /** Forgets a list that is good for nothing; its file stays, for whoever looks into it. */
    Path setAside(CrlPartition partition) throws IOException {
        Path file = file(partition);
        return Files.move(file, sibling(file, ".bad"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Path file, ByteBuffer octets) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
        }
    }

    /** So that the new name outlasts a loss of power; some systems cannot, and need not. */
    private void syncFolder() throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static Path sibling(Path file, String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** By the issuer's name and key, as another certificate of the same issuer has them too. */
    private Path file(CrlPartition partition) throws IOException {
        X509Certificate issuer = partition.issuer();
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        // Both say themselves where they end.
        key.write(issuer.getSubjectX500Principal().getEncoded());
        key.write(issuer.getPublicKey().getEncoded());
        key.write(
                partition
                        .distributionPoint()
                        .map(DistributionPointName::encoded)
                        .orElse("")
                        .getBytes(StandardCharsets.US_ASCII));
        return folder.resolve(Certificates.fingerprint(key.toByteArray()) + ".crl");
    }
}
