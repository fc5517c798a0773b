package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.CrlRefusedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrlFileTest {

    private final Path folder;
    private final Path file;
    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final CrlFile source;

    CrlFileTest(@TempDir Path folder) {
        this.folder = folder;
        file = folder.resolve("list.crl");
        source = new CrlFile(file, clock);
    }

    @Test
    void isReadOnceAndAgainWhenItHasChanged() throws Exception {
        Files.write(file, new byte[] {1});
        assertThat(source.fetch(false)).hasValue(new byte[] {1});
        assertThat(source.fetch(false)).isEmpty();

        Files.write(file, new byte[] {1, 2});
        assertThat(source.fetch(false)).hasValue(new byte[] {1, 2});

        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        assertThat(source.fetch(false)).hasValue(new byte[] {1, 2});
        assertThat(source.fetch(false)).isEmpty();
        assertThat(source.fetch(true)).hasValue(new byte[] {1, 2});
    }

    @Test
    void isReadAgainWhenAnotherOneOfTheSameTimeAndSizeTookItsPlace() throws Exception {
        Files.write(file, new byte[] {1});
        FileTime time = Files.getLastModifiedTime(file);
        source.fetch(false);

        Path other = Files.write(folder.resolve("other"), new byte[] {2});
        Files.setLastModifiedTime(other, time);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(source.fetch(false)).hasValue(new byte[] {2});
    }

    /** Two changes within one step of the file system's clock have the same time. */
    @Test
    void isReadAgainUntilItsTimeIsLongEnoughAgo() throws Exception {
        Files.write(file, new byte[] {1});
        FileTime time = Files.getLastModifiedTime(file);
        clock.set(time.toInstant().plusSeconds(2));
        source.fetch(false);
        rewrite(time, 2);
        assertThat(source.fetch(false)).hasValue(new byte[] {2});

        clock.advance(Duration.ofSeconds(2));
        assertThat(source.fetch(false)).hasValue(new byte[] {2});
        assertThat(source.fetch(false)).isEmpty();
    }

    private void rewrite(FileTime time, int octet) throws IOException {
        try (RandomAccessFile same = new RandomAccessFile(file.toFile(), "rw")) {
            same.write(octet);
        }
        Files.setLastModifiedTime(file, time);
    }

    @Test
    void thatItIsMissingIsSaidOnce() throws Exception {
        assertThatThrownBy(() -> source.fetch(false)).isInstanceOf(NoSuchFileException.class);
        assertThat(source.fetch(false)).isEmpty();
        assertThatThrownBy(() -> source.fetch(true)).isInstanceOf(NoSuchFileException.class);

        Files.write(file, new byte[] {1});
        assertThat(source.fetch(false)).hasValue(new byte[] {1});
    }

    @Test
    void aFileThatIsTooLongIsNotRead() throws Exception {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(CrlReader.OCTETS_MAX + 1L);
        }

        assertThatThrownBy(() -> source.fetch(false))
                .isInstanceOfSatisfying(
                        CrlRefusedException.class,
                        e -> assertThat(e.failure()).isEqualTo(CrlFailure.TOO_LARGE));
    }
}
