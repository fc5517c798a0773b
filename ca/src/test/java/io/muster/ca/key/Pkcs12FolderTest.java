package io.muster.ca.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.pki.OpenSsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Pkcs12FolderTest {

    private static final String PASSWORD = "correct horse battery";

    private final Path folder;

    private final List<char[]> handedOut = new ArrayList<>();

    Pkcs12FolderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Pkcs12Folder keys(String password) {
        return new Pkcs12Folder(
                folder.resolve("keys"),
                () -> {
                    char[] characters = password.toCharArray();
                    handedOut.add(characters);
                    return characters;
                },
                new SecureRandom());
    }

    private Pkcs12Folder keys() {
        return keys(PASSWORD);
    }

    @Test
    void aKeyIsThereAgainAfterARestart() throws Exception {
        SigningKey made = keys().generate("device-ec-g1", KeyKind.EC_P256);

        SigningKey loaded = keys().load("device-ec-g1");

        assertThat(loaded.publicKey()).isEqualTo(made.publicKey());
        assertThat(loaded.signer().getSignature()).isNotEmpty();
        assertThat(keys().holds("device-ec-g1")).isTrue();
        assertThat(keys().holds("device-ec-g2")).isFalse();
        Path file = keys().file("device-ec-g1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(handedOut).hasSize(2);
        assertThat(handedOut).allSatisfy(used -> assertThat(used).containsOnly('\0'));
    }

    @Test
    void aKeyIsNeverReplaced() throws Exception {
        keys().generate("root-g1", KeyKind.EC_P384);
        byte[] before = Files.readAllBytes(keys().file("root-g1"));

        assertUnusable(() -> keys().generate("root-g1", KeyKind.EC_P384), "already");
        assertThat(keys().file("root-g1")).hasBinaryContent(before);
    }

    @Test
    void aKeyThatIsDestroyedIsNotThereAnyMore() {
        keys().generate("device-ec-g1", KeyKind.EC_P256);
        keys().generate("device-ec-g2", KeyKind.EC_P256);

        keys().destroy("device-ec-g1");
        keys().destroy("device-ec-g1");

        assertThat(keys().holds("device-ec-g1")).isFalse();
        assertThat(keys().file("device-ec-g1")).doesNotExist();
        assertThat(keys().load("device-ec-g2").publicKey()).isNotNull();
    }

    @Test
    void aKeyThatIsKeptElsewhereIsAskedFor() throws Exception {
        keys().generate("root-g1", KeyKind.EC_P256);
        Path file = keys().file("root-g1");
        Path safe = Files.move(file, folder.resolve("safe.p12"));

        assertThat(keys().holds("root-g1")).isFalse();
        assertUnusable(() -> keys().load("root-g1"), "key root-g1 is not here", "bring it back");

        Files.move(safe, file);
        assertThat(keys().load("root-g1").publicKey()).isNotNull();
    }

    @Test
    void anotherPasswordOpensNothing() {
        keys().generate("a", KeyKind.EC_P256);

        assertUnusable(() -> keys("another password").load("a"), "the password does not open");
    }

    @Test
    void aShortPasswordIsNotTaken() {
        assertUnusable(
                () -> keys("15 characters..").generate("a", KeyKind.EC_P256), "less than 16");
        assertThat(folder.resolve("keys")).doesNotExist();
    }

    @Test
    void aPasswordThatIsNotFoundIsSaid() {
        KeyStorage keys =
                new Pkcs12Folder(
                        folder,
                        () -> {
                            throw new IOException("password file /x is missing");
                        },
                        new SecureRandom());

        assertUnusable(() -> keys.generate("a", KeyKind.EC_P256), "no password", "/x is missing");
    }

    @Test
    void aDamagedFileIsSaidToBe() throws Exception {
        keys().generate("a", KeyKind.EC_P256);
        Path file = keys().file("a");
        byte[] whole = Files.readAllBytes(file);

        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertUnusable(() -> keys().load("a"), "damaged");
        }
        for (int i = 0; i < whole.length; i += 97) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 0x10;
            Files.write(file, flipped);
            assertSaysSomethingOrOpens(keys());
        }
        Files.write(file, new byte[65 * 1024]);
        assertUnusable(() -> keys().load("a"), "too large");
    }

    private static void assertSaysSomethingOrOpens(KeyStorage keys) {
        try {
            assertThat(keys.load("a").publicKey()).isNotNull();
        } catch (KeyUnusableException unusable) {
            assertThat(unusable).hasMessageContaining("key a");
        }
    }

    @Test
    void aKeyOfAnotherNameIsNotTaken() throws Exception {
        keys().generate("a", KeyKind.EC_P256);
        Files.move(keys().file("a"), keys().file("b"));

        assertUnusable(() -> keys().load("b"), "does not hold key b");
    }

    @Test
    void aFileThatOthersMayReadIsNotTaken() throws Exception {
        keys().generate("a", KeyKind.EC_P256);
        Files.setPosixFilePermissions(
                keys().file("a"), PosixFilePermissions.fromString("rw-r--r--"));

        assertUnusable(() -> keys().load("a"), "open to others", "0600");
    }

    @Test
    void namesAreNoPaths() {
        assertThatIllegalArgumentException().isThrownBy(() -> keys().load("../a"));
    }

    @Test
    void openSslReadsIt() throws Exception {
        OpenSsl openssl = new OpenSsl(folder);
        keys().generate("a", KeyKind.EC_P256);

        OpenSsl.Answer info =
                openssl.run(
                        "pkcs12",
                        "-info",
                        "-noout",
                        "-in",
                        keys().file("a").toString(),
                        "-passin",
                        "pass:" + PASSWORD);

        assertThat(info.exitCode()).as(info.output()).isZero();
        assertThat(info.output()).contains("AES-256-CBC", "hmacWithSHA256");
    }

    private static void assertUnusable(Runnable use, String... words) {
        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(use::run)
                .satisfies(unusable -> assertThat(unusable.getMessage()).contains(words));
    }
}
