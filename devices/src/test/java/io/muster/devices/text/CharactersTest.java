package io.muster.devices.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CharactersTest {

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc00", "\udc00\ud800", "\ud83d\ude00\ud83d"})
    void halfOfAPairIsNoCharacter(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Characters.requireWhole("name", text))
                .withMessage("name holds half of a surrogate pair, which is no character");
    }

    @Test
    void pairsAndAllOthersAre() {
        assertThat(Characters.requireWhole("name", "Pümpe \ud83d\ude00\0"))
                .isEqualTo("Pümpe \ud83d\ude00\0");
    }
}
