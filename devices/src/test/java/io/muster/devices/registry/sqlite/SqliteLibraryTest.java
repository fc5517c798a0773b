package io.muster.devices.registry.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

class SqliteLibraryTest {

    private static final String PATH = "org.sqlite.lib.path";

    private final Path folder;

    SqliteLibraryTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    @AfterEach
    void forget() {
        System.clearProperty(PATH);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Where the library is, or will be. */
    private Path own() {
        String release = SQLiteJDBCLoader.getVersion() + "-" + System.getProperty("os.arch");
        return folder.toAbsolutePath().resolve("native").resolve("sqlite-" + release);
    }

    private Path library() {
        return own().resolve(System.mapLibraryName("sqlitejdbc"));
    }

    @Test
    void unpacksTheLibraryThatTheDriverCarries() throws IOException {
        SqliteLibrary.keepIn(folder);

        assertThat(System.getProperty(PATH)).isEqualTo(own().toString());
        assertThat(library()).hasBinaryContent(carried());
    }

    /**
     * Looked at, and never loaded: a process that has loaded two of them may call some functions in
     * one and some in the other, and crashes.
     */
    private static byte[] carried() throws IOException {
        String name =
                LibraryLoaderUtil.getNativeLibResourcePath()
                        + "/"
                        + LibraryLoaderUtil.getNativeLibName();
        try (InputStream packed =
                Objects.requireNonNull(SQLiteJDBCLoader.class.getResourceAsStream(name))) {
            return packed.readAllBytes();
        }
    }

    @Test
    void unpacksItOnce() throws IOException {
        SqliteLibrary.keepIn(folder);
        FileTime longAgo = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(library(), longAgo);

        SqliteLibrary.keepIn(folder);

        assertThat(Files.getLastModifiedTime(library())).isEqualTo(longAgo);
        assertThat(names(own())).hasSize(1);
    }

    @Test
    void takesAwayThatOfAnotherReleaseAndWhatIsHalfDone() throws IOException {
        Path name = library().getFileName();
        Path own = Files.createDirectories(own());
        Path old = Files.createDirectory(own.resolveSibling("sqlite-3.1.0-vax"));
        Files.writeString(old.resolve(name), "old");
        Files.writeString(own.resolve(name + ".1.new"), "half");
        Files.writeString(own.resolve("notes"), "not ours");

        SqliteLibrary.keepIn(folder);

        assertThat(old).doesNotExist();
        assertThat(names(own)).containsExactly(name.toString(), "notes");
    }

    @Test
    void trustsNoFolderOfItsOwnThatOtherUsersMayWriteTo() throws IOException {
        SqliteLibrary.keepIn(folder);
        forget();
        Files.setPosixFilePermissions(own(), PosixFilePermissions.fromString("rwxrwxrwx"));

        SqliteLibrary.keepIn(folder);

        assertThat(System.getProperty(PATH)).isNull();
    }

    @Test
    void trustsNoFolderThatOtherUsersMayWriteTo() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));

        SqliteLibrary.keepIn(folder);

        assertThat(System.getProperty(PATH)).isNull();
        assertThat(names(folder)).isEmpty();
    }

    @Test
    void unpacksAgainWhatOtherUsersMayHaveChanged() throws IOException {
        SqliteLibrary.keepIn(folder);
        Files.writeString(library(), "a trap");
        Files.setPosixFilePermissions(library(), PosixFilePermissions.fromString("rw-rw----"));

        SqliteLibrary.keepIn(folder);

        assertThat(library()).hasBinaryContent(carried());
    }

    @Test
    void leavesTheDriverToItselfIfItCannotUnpack() {
        SqliteLibrary.keepIn(folder.resolve("missing"));

        assertThat(System.getProperty(PATH)).isNull();
    }
}
