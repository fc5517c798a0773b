package io.muster.broker.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishPropertiesTest {

    private static boolean describes(int payloadFormatIndicator, byte[] payload) {
        return new PublishProperties(payloadFormatIndicator, null, null, null, List.of())
                .describe(Payload.of(payload));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "Grüße/日本/😀", "\u0000\uFFFF"})
    void textIsUtf8(String text) {
        assertThat(describes(1, text.getBytes(UTF_8))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"80", "C0AF", "E282", "EDA080", "F4908080", "61FF61"})
    void otherBytesAreNoText(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(describes(1, bytes)).isFalse();
        assertThat(describes(0, bytes)).as("said to be bytes").isTrue();
        assertThat(describes(-1, bytes)).as("said to be nothing").isTrue();
    }

    @Test
    void aLongTextIsLookedAtToItsEnd() {
        byte[] bytes = "日本😀".repeat(100_000).getBytes(UTF_8);
        assertThat(describes(1, bytes)).isTrue();
        assertThat(describes(1, Arrays.copyOf(bytes, bytes.length - 1))).isFalse();
    }
}
