package io.muster.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceUrnTest {

    @Property(tries = 500)
    void eachTextNamesTheDeviceThatItWasWrittenFor(
            @ForAll("keys") String productKey, @ForAll("keys") String deviceKey) {
        DeviceUrn urn = new DeviceUrn(productKey, deviceKey);

        assertThat(DeviceUrn.parse(urn.toString())).isEqualTo(urn);
        assertThat(urn.toString()).matches("urn:device:[A-Za-z0-9._%-]+:[A-Za-z0-9._%-]+");
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.strings()
                .withChars(' ', '~')
                .withCharRange('0', 'z')
                .withChars('é', '世', ':', '%', '/', '@', '&')
                .ofMinLength(1)
                .ofMaxLength(40);
    }

    @Property(tries = 1000)
    void noOtherTextIsTaken(@ForAll("texts") String text) {
        try {
            assertThat(DeviceUrn.parse(text)).hasToString(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("aZ09._-%:/ é\0")
                .withChars("2F3Af")
                .ofMaxLength(30)
                .map(tail -> "urn:device:" + tail);
    }

    @Test
    void whatIsNoLetterOrDigitIsEncoded() {
        assertThat(new DeviceUrn("p_1", "a:b@c&d.é"))
                .hasToString("urn:device:p_1:a%3Ab%40c%26d.%C3%A9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "urn:device",
                "urn:device:p",
                "urn:device:p:",
                "urn:device::d",
                "urn:device:p:d:e",
                "URN:device:p:d",
                "urn:Device:p:d",
                " urn:device:p:d",
                "urn:device:p:d ",
                "urn:device:p:d?x",
                "urn:device:p:%64", // a plain d
                "urn:device:p:%3a", // lower case
                "urn:device:p:%3",
                "urn:device:p:%",
                "urn:device:p:%zz",
                "urn:device:p:%+1",
                "urn:device:p:a@b",
                "urn:device:p:%C3", // half a character
                "urn:device:p:%C0%AF", // too long an encoding
                "urn:device:p:%ED%A0%80", // half of a surrogate pair
                "urn:device:p:%00",
                "urn:device:p:%0A"
            })
    void whatWouldNotBeWrittenIsNotTaken(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> DeviceUrn.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "a\nb", "\ud800", "\u0085"})
    void keysAreText(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceUrn("p", key))
                .withMessageContaining("device key");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceUrn(key, "d"))
                .withMessageContaining("product key");
    }

    @Test
    void theLongestKeysFit() {
        DeviceUrn urn = new DeviceUrn("世".repeat(128), "世".repeat(128));

        assertThat(DeviceUrn.parse(urn.toString())).isEqualTo(urn);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceUrn("p", "d".repeat(129)))
                .withMessageContaining("129");
    }
}
