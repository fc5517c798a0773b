package io.muster.auth.guard;

import static io.muster.auth.guard.Gate.DEVICE;
import static io.muster.auth.guard.Gate.ELSEWHERE;
import static io.muster.auth.guard.Gate.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectRateGuardTest {

    private final Gate gate = new Gate(Gate.rate(true));

    private String connect() {
        return gate.signIn(DEVICE, "right", HOME);
    }

    private void connect(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(connect()).isEqualTo("accepted");
        }
    }

    @Test
    void isOffUnlessItIsSwitchedOn() {
        Gate off = new Gate(Gate.rate(false));
        for (int i = 0; i < 100; i++) {
            assertThat(off.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        }
        assertThat(GuardSettings.DEFAULT.connectRate().enabled()).isFalse();
    }

    @Test
    void barsADeviceThatConnectsAFifthTimeWithinTwoMinutes() {
        connect(4);

        assertThat(connect()).isEqualTo("BANNED");
        assertThat(gate.barIds()).containsExactly("rate/is:" + DEVICE);
        assertThat(gate.guard.bars().refusals(Bar.Guard.RATE)).isEqualTo(1);
    }

    @Test
    void letsItInAgainAfterFiveMinutesWhateverItTriedMeanwhile() {
        connect(4);
        for (int i = 0; i < 300; i++) {
            assertThat(connect()).isEqualTo("BANNED");
            gate.pass(Duration.ofSeconds(1));
        }

        connect(4);
        assertThat(connect()).isEqualTo("BANNED");
    }

    @Test
    void countsTheLastTwoMinutesAndNotFromTheFirstConnect() {
        connect(1);
        gate.pass(Duration.ofSeconds(110));
        connect(3);
        gate.pass(Duration.ofSeconds(10));
        connect(1);

        assertThat(connect()).isEqualTo("BANNED");
    }

    @Test
    void barsItEverywhereButNoOtherDeviceAndNoApplication() {
        connect(4);
        connect();

        assertThat(gate.signIn(DEVICE, "right", ELSEWHERE)).isEqualTo("BANNED");
        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("accepted");
        for (int i = 0; i < 10; i++) {
            assertThat(gate.signIn("app", "right", HOME)).isEqualTo("accepted");
        }
    }

    @Test
    void nobodyButTheDeviceItselfCanHaveItBarred() {
        for (int i = 0; i < 100; i++) {
            gate.signIn(DEVICE, "wrong", ELSEWHERE);
        }

        connect(4);
    }

    @Test
    void anOperatorLiftsTheBar() {
        connect(4);
        connect();

        assertThat(gate.guard.bars().lift("rate/is:" + DEVICE)).isTrue();
        connect(4);
    }
}
