package io.muster.devices.registry.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.muster.devices.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretCipherTest {

    private static final Secret SECRET = Secret.of("dsecret1");

    private final Path folder;
    private Path keyFile = Path.of("");

    SecretCipherTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void nameAKeyFile() {
        keyFile = folder.resolve("data/registry.key");
    }

    @Test
    void decryptsWhatItEncrypted() throws IOException {
        SecretCipher cipher = SecretCipher.load(keyFile);

        String stored = cipher.encrypt(SECRET, "device pk1/dev1");

        assertThat(stored).doesNotContain("dsecret1");
        assertThat(cipher.decrypt(stored, "device pk1/dev1")).isEqualTo(SECRET);
        assertThat(SecretCipher.load(keyFile).decrypt(stored, "device pk1/dev1")).isEqualTo(SECRET);
    }

    @Test
    void encryptsTextsThatAreTooLongForASecret() throws IOException {
        SecretCipher cipher = SecretCipher.load(keyFile);
        String text = "x".repeat(300);

        String stored = cipher.encryptText(text, "application app1");

        assertThat(cipher.decryptText(stored, "application app1")).isEqualTo(text);
        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> cipher.decryptText(stored, "application app2"));
        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> cipher.decrypt(stored, "application app1"));
    }

    @Test
    void derivesTheSameKeyForAPurposeFromTheSameFileOnly() throws IOException {
        byte[] key = SecretCipher.load(keyFile).deriveKey("a purpose");
        String own = Files.readString(keyFile).strip();

        assertThat(key).hasSize(32).isNotEqualTo(Base64.getDecoder().decode(own));
        assertThat(SecretCipher.load(keyFile).deriveKey("a purpose")).isEqualTo(key);
        assertThat(SecretCipher.load(keyFile).deriveKey("another")).isNotEqualTo(key);
        assertThat(SecretCipher.load(folder.resolve("other.key")).deriveKey("a purpose"))
                .isNotEqualTo(key);
    }

    @Test
    void encryptsTheSameSecretDifferentlyEachTime() throws IOException {
        SecretCipher cipher = SecretCipher.load(keyFile);
        Set<String> stored = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            stored.add(cipher.encrypt(SECRET, "device pk1/dev1"));
        }
        assertThat(stored).hasSize(100);
    }

    @Test
    void doesNotDecryptUnderAnotherOwnersName() throws IOException {
        SecretCipher cipher = SecretCipher.load(keyFile);
        String stored = cipher.encrypt(SECRET, "device pk1/dev1");

        assertUnreadable(cipher, stored, "device pk1/dev2");
    }

    @Test
    void doesNotDecryptWithAnotherKey() throws IOException {
        String stored = SecretCipher.load(keyFile).encrypt(SECRET, "device pk1/dev1");

        assertUnreadable(SecretCipher.load(folder.resolve("another")), stored, "device pk1/dev1");
    }

    @Test
    void doesNotDecryptWhatWasChangedAnywhere() throws IOException {
        SecretCipher cipher = SecretCipher.load(keyFile);
        byte[] stored = Base64.getDecoder().decode(cipher.encrypt(SECRET, "device pk1/dev1"));
        for (int i = 0; i < stored.length; i++) {
            byte[] changed = stored.clone();
            changed[i] ^= 1;
            assertUnreadable(
                    cipher, Base64.getEncoder().encodeToString(changed), "device pk1/dev1");
        }
        assertUnreadable(cipher, "", "device pk1/dev1");
        assertUnreadable(cipher, "dsecret1", "device pk1/dev1");
        assertUnreadable(cipher, "not Base64!", "device pk1/dev1");
    }

    private static void assertUnreadable(SecretCipher cipher, String stored, String owner) {
        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> cipher.decrypt(stored, owner))
                .withMessageContaining("secret of " + owner)
                .withMessageContaining(cipher.toString().replaceAll(".*=|]", ""));
    }

    @Test
    void makesAKeyThatOnlyItsOwnerCanRead() throws IOException {
        SecretCipher made = SecretCipher.load(keyFile);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
                .isEqualTo("rw-------");
        assertThat(Base64.getDecoder().decode(Files.readString(keyFile).strip())).hasSize(32);
        assertThat(made.toString()).doesNotContain(Files.readString(keyFile).strip());
        try (var files = Files.list(keyFile.resolveSibling("."))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void makesOneKeyWhenManyTry() throws Exception {
        int many = 8;
        CyclicBarrier start = new CyclicBarrier(many);
        ExecutorService threads = Executors.newFixedThreadPool(many);
        List<Future<SecretCipher>> loads = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            loads.add(
                    threads.submit(
                            () -> {
                                start.await();
                                return SecretCipher.load(keyFile);
                            }));
        }
        String stored = loads.get(0).get().encrypt(SECRET, "x");
        for (Future<SecretCipher> load : loads) {
            assertThat(load.get().decrypt(stored, "x")).isEqualTo(SECRET);
        }
        threads.shutdown();
    }

    @Test
    void refusesAKeyFileThatIsNotAKey() throws IOException {
        for (String content : List.of("", "c2hvcnQ=", "not Base64!")) {
            Path file = Files.writeString(folder.resolve("bad"), content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

            assertThatIOException()
                    .isThrownBy(() -> SecretCipher.load(file))
                    .withMessageContaining("key file " + file);
        }
    }

    @Test
    void refusesAKeyFileThatIsOpenToAllUsers() throws IOException {
        var unused = SecretCipher.load(keyFile);
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatIOException()
                .isThrownBy(() -> SecretCipher.load(keyFile))
                .withMessageContaining("0600");
    }
}
