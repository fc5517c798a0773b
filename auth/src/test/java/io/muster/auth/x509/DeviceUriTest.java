package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceUriTest {

    private static final String ALPHABET = "aZ09._-:%/ é\u20ac\ud83d\ude00";

    @Test
    void writesWhatIsNotPlainAsPercentSignsAndDigits() {
        assertThat(new DeviceUri("p.k", "a:b%é")).hasToString("urn:device:p.k:a%3Ab%25%C3%A9");
    }

    @Test
    void readsBackWhatItWrites() {
        int[] characters = ALPHABET.codePoints().toArray();
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            DeviceUri device = new DeviceUri(key(random, characters), key(random, characters));

            assertThat(DeviceUri.parse(device.toString())).as("seed %d", seed).contains(device);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "urn:device:pk",
                "urn:device:pk:",
                "urn:device::dk",
                "urn:device:pk:dk:more",
                "URN:device:pk:dk",
                "urn:Device:pk:dk",
                "urn:device:pk:d%6b",
                "urn:device:pk:d%6B",
                "urn:device:pk:%3a",
                "urn:device:pk:%",
                "urn:device:pk:%C3",
                "urn:device:pk:%0A",
                "urn:device:pk:%ED%A0%80",
                "urn:device:pk:a%",
                "urn:device:pk:a%4",
                "urn:device:pk:%+1",
                "urn:device:pk:d k",
                "urn:device:pk:dé",
                " urn:device:pk:dk",
                "urn:device:pk:dk\n"
            })
    void readsNothingElse(String uri) {
        assertThat(DeviceUri.parse(uri)).isEmpty();
    }

    /** Whatever the length, reading one takes no more of the stack than another. */
    @Test
    void readsTheLongestKeysAndNoLongerOnes() {
        DeviceUri longest = new DeviceUri("\u20ac".repeat(128), "\ud83d\ude00".repeat(64));
        assertThat(DeviceUri.parse(longest.toString())).contains(longest);

        assertThat(DeviceUri.parse("urn:device:pk:" + "a".repeat(128))).isPresent();
        assertThat(DeviceUri.parse("urn:device:pk:" + "a".repeat(129))).isEmpty();
        assertThat(DeviceUri.parse("urn:device:pk:" + "a".repeat(100_000))).isEmpty();
    }

    @Test
    void noKeyHasControlCharactersOrHalvesOfPairs() {
        for (String key : List.of("", "a\n", "\u0085", "\ud83d", "\ude00\ud83d")) {
            assertNoKey(key);
        }
    }

    private static void assertNoKey(String key) {
        assertThatThrownBy(() -> new DeviceUri("pk", key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device key");
        assertThatThrownBy(() -> new DeviceUri(key, "dk"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("product key");
    }

    private static String key(SplittableRandom random, int[] characters) {
        StringBuilder key = new StringBuilder();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            key.appendCodePoint(characters[random.nextInt(characters.length)]);
        }
        return key.toString();
    }
}
