package io.muster.ca.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Writes files that only their owner may read (0600), which have their name when all of them is on
 * disk and not before, and keep it over a loss of power. Where the file system knows no such
 * permissions (Windows), they are made without. It blocks.
 */
public final class DurableFile {

    private static final Set<PosixFilePermission> OF_OTHERS =
            EnumSet.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE);

    private static final String DRAFT = ".new";

    private DurableFile() {}

    /**
     * Makes a file, and the folders above it.
     *
     * @throws FileAlreadyExistsException if there is one with this name, which stays as it is
     */
    public static void create(Path file, byte[] content) throws IOException {
        Path draft = draft(file, content);
        try {
            // A link never replaces a file, as a rename would.
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException there) {
            throw there;
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            moveIfFree(draft, file);
        } finally {
            Files.deleteIfExists(draft);
        }
        syncFolder(folderOf(file));
    }

    /** Where a volume has no links (FAT, some shares): whoever has the claim is alone. */
    private static void moveIfFree(Path draft, Path file) throws IOException {
        Path claim = file.resolveSibling(file.getFileName() + ".claim" + DRAFT);
        Files.createFile(claim, permissions(file, "rw-------"));
        try {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.delete(claim);
        }
    }

    /**
     * Makes an empty file that only its owner may read, unless there is one; its name may be lost
     * with the power.
     */
    public static void touch(Path file) throws IOException {
        if (!Files.exists(file)) {
            try {
                Files.createFile(file, permissions(file, "rw-------"));
            } catch (FileAlreadyExistsException another) {
                // Somebody else was first.
            }
        }
    }

    /**
     * Deletes what a process has left that ended while it wrote into this folder. To be called by
     * whoever is alone in it.
     */
    public static void deleteDrafts(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, "*" + DRAFT)) {
            for (Path draft : drafts) {
                Files.delete(draft);
            }
        }
    }

    /** Makes a file, or puts it in the place of the one that is there. */
    public static void replace(Path file, byte[] content) throws IOException {
        Path draft = draft(file, content);
        try {
            Files.move(
                    draft,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
        syncFolder(folderOf(file));
    }

    /** Deletes a file, if it is there; it stays deleted. */
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncFolder(folderOf(file));
        }
    }

    /** Whether users besides its owner may read or change a file. */
    public static boolean isOpenToOthers(Path file) throws IOException {
        return isPosix(file)
                && Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains);
    }

    private static Path draft(Path file, byte[] content) throws IOException {
        Path folder = folderOf(file);
        createFolders(folder);
        Path draft =
                Files.createTempFile(
                        folder, file.getFileName() + ".", DRAFT, permissions(file, "rw-------"));
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException full) {
            Files.delete(draft);
            throw full;
        }
        return draft;
    }

    /** A folder is as durable as its name in the one above. */
    private static void createFolders(Path folder) throws IOException {
        Path above = folder.getParent();
        if (!Files.isDirectory(folder) && above != null) {
            createFolders(above);
            Files.createDirectories(folder, permissions(folder, "rwx------"));
            syncFolder(above);
        }
    }

    private static void syncFolder(Path folder) throws IOException {
        if (isPosix(folder)) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static Path folderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is not a file");
        }
        return folder;
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?>[] permissions(Path path, String permissions) {
        if (!isPosix(path)) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
