package io.muster.auth.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {

    private static final String SALT_AND_HASH =
            "$mc1j/7oSoSTRk6hjsiSFlg$UZGe1O5HgBMtpsUxO0KaB8sAPHU4DkCXrFjkuj2+5eY";

    @Test
    void verifiesThePasswordAndNoOther() {
        String encoded = PasswordHash.hash("correct horse ☂");

        assertThat(PasswordHash.verify(bytes("correct horse ☂"), encoded)).isTrue();
        assertThat(PasswordHash.verify(bytes("correct horse"), encoded)).isFalse();
        assertThat(PasswordHash.verify(bytes(""), encoded)).isFalse();
    }

    @Test
    void isMemoryHardAndSaltsEachPassword() {
        String one = PasswordHash.hash("password");
        String other = PasswordHash.hash("password");

        assertThat(one).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").isNotEqualTo(other);
        assertThat(one).doesNotContain("password");
    }

    /** A test vector of the Argon2 reference implementation. */
    @Test
    void verifiesAHashThatOtherSoftwareMadeWithOtherParameters() {
        String encoded =
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

        assertThat(PasswordHash.verify(bytes("password"), encoded)).isTrue();
        assertThat(PasswordHash.verify(bytes("passw0rd"), encoded)).isFalse();
    }

    @Test
    void refusesToHashAnEmptyOrOverlongPassword() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PasswordHash.hash(""))
                .withMessage("a password has 1 to 256 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> PasswordHash.hash("é".repeat(129)));
        assertThat(PasswordHash.hash("é".repeat(128))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "password",
                "$argon2id$v=19$m=999999,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=19456,t=99,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=19456,t=0,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=19456,t=2,p=9" + SALT_AND_HASH,
                "$argon2id$v=19$m=19456,t=2,p=1$mc1j/7oSoSTRk$QrLaTHKnEhCMzXTc0PVaTJqF7KzZcXy0GJqC8GQGJpw",
                "$argon2d$v=19$m=19456,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=19456,t=2,p=1$mc1j/7oSoSTRk6hjsiSFlg"
            })
    void refusesAStoredHashThatIsDamagedOrAsksForTooMuch(String encoded) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PasswordHash.verify(bytes("password"), encoded))
                .withMessage("the stored password hash cannot be read");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
