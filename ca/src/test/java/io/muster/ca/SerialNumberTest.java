package io.muster.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SerialNumberTest {

    @Test
    void aMillionOfThemArePositiveAndDifferent() {
        SecureRandom random = new SecureRandom();
        Set<Long> seen = new HashSet<>();

        for (int i = 0; i < 1_000_000; i++) {
            seen.add(SerialNumber.random(random).value());
        }

        assertThat(seen).hasSize(1_000_000).allMatch(value -> value > 0);
    }

    @Test
    void itsTextHasSixteenDigits() {
        SerialNumber serial = new SerialNumber(0xabcL);

        assertThat(serial).hasToString("0000000000000abc");
        assertThat(SerialNumber.parse("0000000000000ABC")).isEqualTo(serial);
        assertThat(serial.toInteger()).isEqualTo(BigInteger.valueOf(0xabc));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "00000000000000000",
                "0000000000000000",
                "8000000000000000",
                "-000000000000abc",
                "000000000000abg0"
            })
    void whatIsNoneIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SerialNumber.parse(text));
    }
}
