package io.muster.auth.guard;

import static io.muster.auth.guard.Gate.DEVICE;
import static io.muster.auth.guard.Gate.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.CapturedLog;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is barred, as an operator sees it. */
class BarsTest {

    private final Gate gate = new Gate(Gate.settings(5, 50, 20));
    private final Bars bars = gate.guard.bars();

    @Test
    void showsWhoIsBarredAndForHowLong() {
        gate.fail(5, DEVICE, HOME);
        gate.pass(Duration.ofMillis(400));

        assertThat(bars.list("", 10))
                .containsExactly(
                        new Bar(
                                Bar.Guard.NAME,
                                Optional.of(DEVICE),
                                Optional.of(HOME),
                                5,
                                Duration.ofMillis(600)));
        assertThat(gate.barIds()).containsExactly("name/192.0.2.1/dev&pk");
    }

    @Test
    void doesNotShowThoseWhoFailedButAreNotBarredAnyMore() {
        gate.fail(4, DEVICE, HOME);
        assertThat(bars.list("", 10)).isEmpty();
        gate.fail(1, DEVICE, HOME);
        assertThat(bars.count(Bar.Guard.NAME)).isEqualTo(1);
        gate.pass(Duration.ofSeconds(1));

        assertThat(bars.list("", 10)).isEmpty();
        assertThat(bars.count(Bar.Guard.NAME)).isZero();
    }

    @Test
    void listsInPagesInOrder() {
        for (String name : new String[] {"c", "a", "d", "b"}) {
            gate.fail(5, name, HOME);
        }

        assertThat(bars.list("", 3))
                .extracting(bar -> bar.name().orElse(""))
                .containsExactly("a", "b", "c");
        assertThat(bars.list("name/192.0.2.1/c", 3))
                .extracting(bar -> bar.name().orElse(""))
                .containsExactly("d");
    }

    @Test
    void liftsOneBarAndForgetsWhatLedToIt() {
        gate.fail(5, DEVICE, HOME);
        gate.fail(5, "other&pk", HOME);

        assertThat(bars.lift("name/192.0.2.1/" + DEVICE)).isTrue();
        assertThat(bars.lift("name/192.0.2.1/" + DEVICE)).isFalse();
        gate.fail(4, DEVICE, HOME);
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("BANNED");
    }

    @Test
    void liftsTheBarOfAnAddress() {
        gate.failNames(20, HOME);
        assertThat(gate.barIds()).containsExactly("address/192.0.2.1");

        assertThat(bars.lift("address/192.0.2.1")).isTrue();
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void tellsTheLogOfFewBarsAndCountsTheRest() {
        try (CapturedLog log = new CapturedLog(BarLog.class)) {
            gate.fail(5, "evil\"\nname", HOME);
            for (int i = 0; i < 50; i++) {
                gate.fail(5, "n" + i, "203.0.113." + i);
            }
            assertThat(log.lines()).hasSize(10);
            assertThat(log.lines().get(0))
                    .isEqualTo(
                            "sign-in barred guard=name count=5 seconds=1"
                                    + " name=\"evil\\u{22}\\u{a}name\" address=192.0.2.1 leftOut=0");
            gate.pass(Duration.ofSeconds(10));
            gate.fail(5, DEVICE, HOME);

            assertThat(log.lines()).hasSize(11);
            assertThat(log.lines().get(10)).contains("name=\"dev&pk\"", "leftOut=41");
        }
    }
}
