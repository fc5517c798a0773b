package io.muster.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which the hub keeps what lasts, held by one hub at a time. Confined to the thread
 * that starts and stops the hub.
 *
 * <p>Folder and files are for the hub's own user only (0700, 0600). A file is written beside its
 * place, forced to the disk and then moved there, so that a crash leaves the old file or the new
 * one, never half of one.
 */
final class DataFolder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);

    private static final String OWNER_ONLY = "rw-------";
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");
    private static final String OPERATOR_TOKEN = "operator-token";
    private static final int TOKEN_BYTES = 32;

    private final Path path;
    private final FileChannel lockChannel;

    private DataFolder(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /**
     * Makes the folder if it is missing, and takes it.
     *
     * @throws IllegalStateException if another hub has it
     * @throws UncheckedIOException if it cannot be made or used
     */
    static DataFolder open(Path path) {
        try {
            Path folder = path.toAbsolutePath().normalize();
            if (Files.isDirectory(folder)) {
                warnIfOpenToOthers(folder);
            } else {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER));
            }
            return new DataFolder(folder, lock(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("data folder " + path + " cannot be used: " + e, e);
        }
    }

    private static void warnIfOpenToOthers(Path folder) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        if (!OWNER.containsAll(permissions)) {
            log.warn(
                    "data folder is open to other users path={} mode={}",
                    folder,
                    PosixFilePermissions.toString(permissions));
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.resolve("lock"),
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        ownerOnly());
        if (tryLock(channel) == null) {
            String holder = text(channel);
            channel.close();
            throw new IllegalStateException(
                    "data folder " + folder + " is in use by another hub (process " + holder + ")");
        }
        channel.truncate(0);
        channel.write(utf8(Long.toString(ProcessHandle.current().pid())), 0);
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by another hub in this process.
            return null;
        }
    }

    private static String text(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(32);
        channel.read(bytes, 0);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
    }

    /** Absolute. */
    Path path() {
        return path;
    }

    /**
     * Where the key is that secrets in the registry are encrypted with; made by whoever opens the
     * registry, at the first start only.
     *
     * @throws IllegalStateException if this is not the first start and the key is missing: a new
     *     one would not open what the old one closed
     */
    Path secretKeyFile() {
        Path file = path.resolve("secret.key");
        if (!Files.exists(file) && Files.exists(path.resolve(OPERATOR_TOKEN))) {
            throw new IllegalStateException(
                    file + " is missing; put it back, since only it opens the registry's secrets");
        }
        return file;
    }

    /**
     * Lets a registry file pass that is there, or is to begin with this folder.
     *
     * @param registryFile anywhere
     * @throws IllegalStateException if this is not the first start and it is missing: a new one
     *     would know no device
     */
    void requireKept(Path registryFile) {
        Path file = registryFile.toAbsolutePath().normalize();
        if (!Files.exists(file) && Files.exists(path.resolve(OPERATOR_TOKEN))) {
            throw new IllegalStateException(
                    file
                            + " is missing; put it back, or a backup of it."
                            + " Only an empty data folder begins a new registry");
        }
    }

    /** The operator token, made if it is missing: 256 random bits, base64url. */
    String operatorToken() {
        return read(OPERATOR_TOKEN)
                .map(content -> content.lines().findFirst().orElse("").strip())
                .map(DataFolder::requireToken)
                .orElseGet(this::makeOperatorToken);
    }

    private static String requireToken(String token) {
        // An empty or shortened token would be guessed; better no hub than an open one.
        if (token.length() < TOKEN_BYTES) {
            throw new IllegalStateException(
                    "the first line of operator-token has "
                            + token.length()
                            + " characters, but must have at least "
                            + TOKEN_BYTES
                            + "; delete the file to have a new one made");
        }
        return token;
    }

    private String makeOperatorToken() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        write(OPERATOR_TOKEN, token + "\n");
        return token;
    }

    /** The content of a file of this folder, if it is there. */
    Optional<String> read(String name) {
        Path file = path.resolve(name);
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e, e);
        }
    }

    /** Writes a file of this folder, readable by the owner only, as a whole or not at all. */
    void write(String name, String content) {
        Path file = path.resolve(name);
        Path beside = path.resolve(name + ".new");
        try {
            Files.deleteIfExists(beside);
            try (FileChannel channel =
                    FileChannel.open(
                            beside,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            ownerOnly())) {
                ByteBuffer bytes = utf8(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            forceFolder();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e, e);
        }
    }

    /** Deletes a file of this folder. */
    void delete(String name) {
        try {
            Files.deleteIfExists(path.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(path.resolve(name) + " cannot be deleted: " + e, e);
        }
    }

    /** Makes a rename survive a power failure. */
    private void forceFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> ownerOnly() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY));
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives the folder free for another hub. */
    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
