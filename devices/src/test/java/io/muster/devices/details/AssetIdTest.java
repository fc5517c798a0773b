package io.muster.devices.details;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssetIdTest {

    @Test
    void isTheSameForADeviceForEver() {
        assertThat(AssetId.of(new DeviceId("pump", "d1")).text()).isEqualTo("sapy0hvb4kf7");
    }

    @Test
    void isReadAsItIsWritten() {
        for (AssetId id :
                List.of(new AssetId(0), new AssetId(35), AssetId.of(new DeviceId("p", "d")))) {
            assertThat(AssetId.parse(id.text())).isEqualTo(id);
        }
        assertThat(AssetId.parse("zzzzzzzzzzzz").text()).isEqualTo("zzzzzzzzzzzz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sapy0hvb4kf", "sapy0hvb4kf77", "SAPY0HVB4KF7", "-apy0hvb4kf7"})
    void isNothingElse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AssetId.parse(text))
                .withMessage("assetId is not 12 digits and small letters");
    }

    @Test
    void isTwelveLettersAndDigitsAndDifferentForEachDevice() {
        assertThat(
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> AssetId.of(new DeviceId("pump", "d" + i)).text()))
                .doesNotHaveDuplicates()
                .allMatch(text -> text.matches("[a-z0-9]{12}"));
    }
}
