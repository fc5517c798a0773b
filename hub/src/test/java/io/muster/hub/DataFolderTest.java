package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

    private final Path parent;

    DataFolderTest(@TempDir Path parent) {
        this.parent = parent;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void makesTheFolderForItsOwnerOnly() throws IOException {
        Path path = parent.resolve("deep/data");

        DataFolder.open(path).close();

        assertThat(mode(path)).isEqualTo("rwx------");
        assertThat(mode(path.resolve("lock"))).isEqualTo("rw-------");
    }

    @Test
    void makesATokenOf256BitsForItsOwnerOnly() throws IOException {
        try (DataFolder folder = DataFolder.open(parent.resolve("data"))) {
            String token = folder.operatorToken();

            Path file = parent.resolve("data/operator-token");
            assertThat(token).matches("[A-Za-z0-9_-]{43}");
            assertThat(Files.readString(file)).isEqualTo(token + "\n");
            assertThat(mode(file)).isEqualTo("rw-------");
        }
    }

    @Test
    void doesNotPassALostKeyOffAsAFirstStart() {
        try (DataFolder folder = DataFolder.open(parent)) {
            assertThat(folder.secretKeyFile()).doesNotExist();
            folder.operatorToken();

            assertThatThrownBy(folder::secretKeyFile)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("secret.key is missing");
        }
    }

    @Test
    void doesNotPassALostRegistryOffAsAFirstStart(@TempDir Path other) {
        try (DataFolder folder = DataFolder.open(parent)) {
            Path elsewhere = other.resolve("elsewhere.db");
            folder.requireKept(parent.resolve("registry.db"));
            folder.requireKept(elsewhere);
            folder.operatorToken();

            assertThatThrownBy(() -> folder.requireKept(parent.resolve("registry.db")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("registry.db is missing; put it back");
            assertThatThrownBy(() -> folder.requireKept(elsewhere))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("elsewhere.db is missing; put it back");
        }
    }

    @Test
    void passesARegistryThatIsThereWhereverItIs(@TempDir Path other) throws IOException {
        try (DataFolder folder = DataFolder.open(parent)) {
            folder.operatorToken();
            Path elsewhere = Files.createFile(other.resolve("elsewhere.db"));

            assertThatNoException().isThrownBy(() -> folder.requireKept(elsewhere));
        }
    }

    @Test
    void makesATokenOnceOnly() {
        try (DataFolder folder = DataFolder.open(parent)) {
            assertThat(folder.operatorToken()).isEqualTo(folder.operatorToken());
        }
    }

    @Test
    void makesAnotherTokenForAnotherFolder() {
        try (DataFolder a = DataFolder.open(parent.resolve("a"));
                DataFolder b = DataFolder.open(parent.resolve("b"))) {
            assertThat(a.operatorToken()).isNotEqualTo(b.operatorToken());
        }
    }

    @Test
    void takesTheFirstLineOfATokenFileThatTheOperatorWrote() throws IOException {
        String token = "x".repeat(40);
        Files.writeString(parent.resolve("operator-token"), token + "\nsecond line\n");

        try (DataFolder folder = DataFolder.open(parent)) {
            assertThat(folder.operatorToken()).isEqualTo(token);
        }
    }

    @Test
    void refusesATokenThatCouldBeGuessed() throws IOException {
        Files.writeString(parent.resolve("operator-token"), "\n");

        try (DataFolder folder = DataFolder.open(parent)) {
            assertThatThrownBy(folder::operatorToken)
                    .hasMessageContaining("operator-token has 0 characters")
                    .hasMessageContaining("at least 32");
        }
    }

    @Test
    void refusesASecondHubAndNamesTheFirst() {
        try (DataFolder folder = DataFolder.open(parent)) {
            assertThat(folder.secretKeyFile()).isEqualTo(parent.resolve("secret.key"));

            assertThatThrownBy(() -> DataFolder.open(parent))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "data folder %s is in use by another hub (process %d)",
                            parent, ProcessHandle.current().pid());
        }
    }

    @Test
    void isFreeAgainOnceItIsClosed() {
        DataFolder.open(parent).close();

        DataFolder.open(parent).close();
    }

    @Test
    void replacesAFileAsAWholeAndLeavesNothingBeside() throws IOException {
        try (DataFolder folder = DataFolder.open(parent)) {
            folder.write("note", "a long first content");
            folder.write("note", "second");

            assertThat(folder.read("note")).contains("second");
            assertThat(mode(parent.resolve("note"))).isEqualTo("rw-------");
        }
        try (Stream<Path> files = Files.list(parent)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("note", "lock");
        }
    }

    @Test
    void writesOverWhatACrashLeftBeside() throws IOException {
        Files.writeString(parent.resolve("note.new"), "half of");

        try (DataFolder folder = DataFolder.open(parent)) {
            folder.write("note", "whole");

            assertThat(folder.read("note")).contains("whole");
        }
    }

    @Test
    void readsNothingWhereThereIsNoFile() {
        try (DataFolder folder = DataFolder.open(parent)) {
            folder.delete("note");

            assertThat(folder.read("note")).isEmpty();
        }
    }

    @Test
    void namesAFolderThatCannotBeMade() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));

        assertThatThrownBy(() -> DataFolder.open(file.resolve("data")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("data folder " + file.resolve("data") + " cannot be used");
    }
}
