package io.muster.loadtest.fleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/**
 * Where the certificates and keys of devices are kept: {@code NAME.crt} and {@code NAME.key}, in
 * PEM. Blocks.
 */
public final class CertificateFolder {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;

    /**
     * Makes the folder if it is not there.
     *
     * @throws IOException that says why that is not possible
     */
    public CertificateFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("folder " + folder + " cannot be made: " + e, e);
        }
        this.folder = folder;
    }

    /** Whether the device has both files. */
    public boolean holds(String deviceKey) {
        return Files.exists(certificate(deviceKey)) && Files.exists(key(deviceKey));
    }

    /** Keeps both; the certificate last, so that none is without its key. */
    public void add(IssuedCertificate issued) throws IOException {
        String deviceKey = issued.request().deviceKey();
        writeKey(
                key(deviceKey),
                CertificateRequest.pem(new JcaPKCS8Generator(issued.request().privateKey(), null)));
        Files.writeString(certificate(deviceKey), issued.chain());
    }

    private static void writeKey(Path file, String pem) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, permissions(file));
        Files.write(file, pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static FileAttribute<?>[] permissions(Path file) {
        boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return isPosix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    private Path certificate(String deviceKey) {
        return folder.resolve(deviceKey + ".crt");
    }

    private Path key(String deviceKey) {
        return folder.resolve(deviceKey + ".key");
    }
}
