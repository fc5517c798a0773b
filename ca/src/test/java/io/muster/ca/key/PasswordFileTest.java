package io.muster.ca.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileTest {

    private final Path folder;

    PasswordFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path file() {
        return folder.resolve("password");
    }

    @Test
    void isMadeOnceForItsOwnerOnly() throws Exception {
        PasswordFile password = new PasswordFile(file()).createIfMissing(new SecureRandom());
        String first = new String(password.read());

        assertThat(first).matches("[0-9a-f]{64}");
        assertThat(new String(password.createIfMissing(new SecureRandom()).read()))
                .isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void isTheFirstLine() throws Exception {
        write("pass wörd \r\nmore\n");

        assertThat(new String(new PasswordFile(file()).read())).isEqualTo("pass wörd ");
    }

    @Test
    void isRefusedIfItIsMissingOpenToOthersOrLong() throws Exception {
        PasswordFile password = new PasswordFile(file());
        assertThatIOException().isThrownBy(password::read).withMessageContaining("is missing");

        write("x".repeat(1025));
        assertThatIOException().isThrownBy(password::read).withMessageContaining("1024");

        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatIOException().isThrownBy(password::read).withMessageContaining("open to others");
    }

    private void write(String text) throws Exception {
        Files.writeString(file(), text);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
    }
}
