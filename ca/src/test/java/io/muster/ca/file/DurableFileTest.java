package io.muster.ca.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    @Test
    void isOpenToOthersIfTheyHaveAnyPermission() throws Exception {
        Path file = folder.resolve("file");
        DurableFile.create(file, new byte[0]);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(DurableFile.isOpenToOthers(file)).isTrue();
    }
}
