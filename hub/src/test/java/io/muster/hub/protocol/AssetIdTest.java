package io.muster.hub.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AssetIdTest {

    @Test
    void isTheSameForADeviceForEver() {
        assertThat(AssetId.of(new DeviceId("pump", "d1"))).isEqualTo("sapy0hvb4kf7");
    }

    @Test
    void isTwelveLettersAndDigitsAndDifferentForEachDevice() {
        assertThat(
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> AssetId.of(new DeviceId("pump", "d" + i))))
                .doesNotHaveDuplicates()
                .allMatch(text -> text.matches("[a-z0-9]{12}"));
    }
}
