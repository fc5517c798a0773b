package io.muster.auth.guard;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.guard.GuardSettings.ConnectRate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GuardSettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void refuseABarThatIsLongerThanTheLongest() {
        assertThatThrownBy(
                        () ->
                                new GuardSettings(
                                        5,
                                        50,
                                        20,
                                        SECOND,
                                        SECOND.multipliedBy(2),
                                        SECOND,
                                        10,
                                        ConnectRate.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("longestBar is PT1S, but must be at least firstBar, PT2S");
    }

    @Test
    void refuseNumbersBelowZeroAndNoTime() {
        assertThatThrownBy(() -> Gate.settings(-1, 0, 0)).hasMessageContaining("nameFailures");
        assertThatThrownBy(() -> Gate.settings(0, -1, 0)).hasMessageContaining("Everywhere");
        assertThatThrownBy(() -> Gate.settings(0, 0, -1)).hasMessageContaining("addressNames");
        assertThatThrownBy(() -> new ConnectRate(true, 0, SECOND, SECOND))
                .hasMessageContaining("connects is 0, but must be at least 1");
        assertThatThrownBy(() -> new ConnectRate(true, 101, SECOND, SECOND))
                .hasMessageContaining("connects is 101, but must be at most 100");
        assertThatThrownBy(() -> new ConnectRate(true, 1, Duration.ZERO, SECOND))
                .hasMessageContaining("within is PT0S, but must be above zero");
    }
}
