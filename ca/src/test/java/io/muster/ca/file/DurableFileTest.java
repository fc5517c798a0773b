package io.muster.ca.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {

    private final Path folder;

    DurableFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void isForItsOwnerOnlyAndLeavesNothingBeside() throws Exception {
        Path file = folder.resolve("new/deep/file");

        DurableFile.create(file, new byte[] {1, 2});

        assertThat(file).hasBinaryContent(new byte[] {1, 2});
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(file.getParent()).isDirectoryNotContaining(other -> !other.equals(file));
        assertThat(DurableFile.isOpenToOthers(file)).isFalse();
    }

    @Test
    void isNeverReplacedByOneThatIsCreated() throws Exception {
        Path file = folder.resolve("file");
        DurableFile.create(file, new byte[] {1});

        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> DurableFile.create(file, new byte[] {2}));
        assertThat(file).hasBinaryContent(new byte[] {1});

        DurableFile.replace(file, new byte[] {3});
        assertThat(file).hasBinaryContent(new byte[] {3});
        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
    }

    /** As on volumes that know no links; a zip file is one. */
    @Test
    void isNeverReplacedWhereThereAreNoLinksEither() throws Exception {
        URI zip = URI.create("jar:" + folder.resolve("volume.zip").toUri());
        try (FileSystem volume = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path file = volume.getPath("/deep/file");
            DurableFile.create(file, new byte[] {1});

            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> DurableFile.create(file, new byte[] {2}));
            assertThat(Files.readAllBytes(file)).containsExactly(1);
            try (Stream<Path> files = Files.list(volume.getPath("/deep"))) {
                assertThat(files).hasSize(1);
            }
        }
    }

    @Test
    void draftsOfAProcessThatEndedAreDeletedAndNothingElse() throws Exception {
        Path file = folder.resolve("a.p12");
        DurableFile.create(file, new byte[] {1});
        Files.write(folder.resolve("b.p12.123.new"), new byte[] {2});

        DurableFile.deleteDrafts(folder);
        DurableFile.deleteDrafts(folder.resolve("none"));

        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
        assertThat(file).exists();
    }

    @Test
    void isOpenToOthersIfTheyHaveAnyPermission() throws Exception {
        Path file = folder.resolve("file");
        DurableFile.create(file, new byte[0]);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(DurableFile.isOpenToOthers(file)).isTrue();
    }
}
