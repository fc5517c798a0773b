package io.muster.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerIdTest {

    @Test
    void isReadAsItIsWritten() {
        IssuerId id = new IssuerId("device-ec", 12);

        assertThat(id).hasToString("device-ec-g12");
        assertThat(IssuerId.parse("device-ec-g12")).isEqualTo(id);
        assertThat(id.next()).hasToString("device-ec-g13");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "g1",
                "-g1",
                "a-g0",
                "a-g01",
                "a-g10000",
                "A-g1",
                "a/b-g1",
                "../a-g1",
                "a-g1 ",
                "a.g1"
            })
    void isNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IssuerId.parse(text));
    }
}
