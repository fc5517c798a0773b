package io.muster.devices.registry.secret;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * Makes files and folders that only their owner may open. Where the file system knows no such
 * permissions (Windows), they are made without.
 */
public final class OwnerOnly {

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private OwnerOnly() {}

    static boolean isSupported(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Makes the folder of a file and those above; one that is there keeps its permissions. */
    public static void createFolderOf(Path file) throws IOException {
        Path folder = folder(file);
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, permissions(folder, "rwx------"));
        }
    }

    /** Makes an empty file; a file that is there stays as it is. */
    public static void createFile(Path file) throws IOException {
        try {
            Files.createFile(file, permissions(file, "rw-------"));
        } catch (FileAlreadyExistsException there) {
            // Made before, here or by another process.
        }
    }

    /** Makes an empty file of a fresh name beside {@code file}. */
    public static Path createDraft(Path file) throws IOException {
        return Files.createTempFile(
                folder(file), file.getFileName() + ".", ".new", permissions(file, "rw-------"));
    }

    /**
     * Whether files and folders belong to this process's user, and no others may write to them.
     * True where the file system knows no such permissions.
     */
    public static boolean areOurs(Path... paths) throws IOException {
        UserPrincipal user = processOwner();
        for (Path path : paths) {
            if (isSupported(path) && !isOf(user, path)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(UserPrincipal user, Path path) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return !attributes.isSymbolicLink()
                && attributes.owner().equals(user)
                && attributes.permissions().stream().noneMatch(OTHERS_WRITE::contains);
    }

    /** A user may have no name, as in many containers; but what it makes belongs to it. */
    private static UserPrincipal processOwner() throws IOException {
        Path made = Files.createTempFile("muster", null);
        try {
            return Files.getOwner(made);
        } finally {
            Files.delete(made);
        }
    }

    /** Makes the name of a file durable, where the platform can open folders. */
    static void syncFolderOf(Path file) throws IOException {
        Path folder = folder(file);
        if (isSupported(folder)) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static Path folder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is not a file");
        }
        return folder;
    }

    private static FileAttribute<?>[] permissions(Path path, String permissions) {
        if (!isSupported(path)) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
