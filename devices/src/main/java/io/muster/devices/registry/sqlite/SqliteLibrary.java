package io.muster.devices.registry.sqlite;

import io.muster.devices.registry.secret.OwnerOnly;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * The native library of SQLite, kept in a folder of the hub's own.
 *
 * <p>Left alone, the driver unpacks it at each start into the folder for temporary files, which
 * takes a tenth of a second, and leaves it there when the process ends without ceremony.
 */
public final class SqliteLibrary {

    private static final Logger log = LoggerFactory.getLogger(SqliteLibrary.class);

    private static final String HOME = "native";

    private SqliteLibrary() {}

    /**
     * Has the driver load its library from below this folder, and unpacks it there if it is
     * missing. Good for the whole process, if called before the first database is opened. The
     * driver goes its own way if the folder belongs to somebody else or others may write to it, if
     * the library cannot be unpacked, and also if it cannot be loaded from there. Blocks for the
     * time of writing a megabyte.
     *
     * @param folder there already
     */
    public static void keepIn(Path folder) {
        Path home = folder.toAbsolutePath().resolve(HOME);
        Path own = home.resolve(release());
        try {
            if (OwnerOnly.areOurs(folder) && (isIn(home, own) || unpack(home, own))) {
                System.setProperty("org.sqlite.lib.path", own.toString());
            }
        } catch (IOException | UncheckedIOException failed) {
            log.warn("library of SQLite is not kept folder={} error={}", folder, failed.toString());
        }
    }

    /** Each release and processor has a library of its own. */
    private static String release() {
        return "sqlite-" + SQLiteJDBCLoader.getVersion() + "-" + System.getProperty("os.arch");
    }

    /** The driver's name for it, which is also that of the one that it carries itself. */
    private static Path libraryIn(Path own) {
        return own.resolve(LibraryLoaderUtil.getNativeLibName());
    }

    /** What others may have put there is as good as missing. */
    private static boolean isIn(Path home, Path own) throws IOException {
        Path library = libraryIn(own);
        return Files.exists(library) && OwnerOnly.areOurs(home, own, library);
    }

    /**
     * Complete and on disk before it gets its name, so that nobody loads half of it. Whether it is
     * there then.
     */
    private static boolean unpack(Path home, Path own) throws IOException {
        Path library = libraryIn(own);
        OwnerOnly.createFolderOf(library);
        deleteOld(home, own);
        Path draft = OwnerOnly.createDraft(library);
        try (InputStream packed = packed();
                FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            packed.transferTo(Channels.newOutputStream(channel));
            channel.force(true);
            Files.move(draft, library, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
        return isIn(home, own);
    }

    /** Those of other releases, and what was left half done. */
    private static void deleteOld(Path home, Path own) throws IOException {
        String name = LibraryLoaderUtil.getNativeLibName();
        for (Path kept : listed(home)) {
            for (Path file : listed(kept)) {
                if (file.getFileName().toString().startsWith(name)) {
                    Files.delete(file);
                }
            }
            if (!kept.equals(own) && listed(kept).isEmpty()) {
                Files.delete(kept);
            }
        }
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static InputStream packed() throws IOException {
        String name =
                LibraryLoaderUtil.getNativeLibResourcePath()
                        + "/"
                        + LibraryLoaderUtil.getNativeLibName();
        InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(name);
        if (packed == null) {
            throw new FileNotFoundException("the driver has no " + name);
        }
        return packed;
    }
}
