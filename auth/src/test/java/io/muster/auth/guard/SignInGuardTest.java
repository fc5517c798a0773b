package io.muster.auth.guard;

import static io.muster.auth.guard.Gate.DEVICE;
import static io.muster.auth.guard.Gate.ELSEWHERE;
import static io.muster.auth.guard.Gate.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.DenyReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignInGuardTest {

    private final Gate gate = new Gate(Gate.settings(5, 50, 20));

    @Test
    void barsANameAtTheAddressWhereItFailedFiveTimes() {
        gate.fail(5, DEVICE, HOME);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("BANNED");
        assertThat(gate.authenticator.asked).isEqualTo(5);
    }

    @Test
    void doesNotBarANameAtAnotherAddressThanWhereItFailed() {
        gate.fail(100, DEVICE, ELSEWHERE);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(gate.signIn(DEVICE, "right", ELSEWHERE)).isEqualTo("BANNED");
    }

    @Test
    void doesNotBarOtherNamesAtAnAddressWhereOneNameFails() {
        gate.fail(100, DEVICE, HOME);

        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void doublesEachBarUpToTheLongest() {
        gate.fail(4, DEVICE, HOME);
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            gate.fail(1, DEVICE, HOME);
            Duration bar = gate.guard.bars().list("", 10).get(0).remaining();
            seconds.add(bar.toSeconds());
            gate.pass(bar.minusNanos(1));
            assertThat(gate.signIn(DEVICE, "right?", HOME)).isEqualTo("BANNED");
            gate.pass(Duration.ofNanos(1));
        }

        assertThat(seconds).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L);
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void aTryDuringABarMakesItNoLonger() {
        gate.fail(5, DEVICE, HOME);
        gate.pass(Duration.ofMillis(900));
        gate.fail(50, DEVICE, HOME);
        gate.pass(Duration.ofMillis(100));

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void whatWasUnderWayWhenABarBeganMakesItNoLonger() {
        gate.authenticator.slow = true;
        for (int i = 0; i < 50; i++) {
            var unused = gate.guard.authenticate(Gate.credentials(DEVICE, "wrong", HOME, "mqtt"));
        }
        gate.authenticator.answers.forEach(Runnable::run);

        assertThat(gate.guard.bars().list("", 10))
                .singleElement()
                .satisfies(bar -> assertThat(bar.remaining()).isEqualTo(Duration.ofSeconds(1)));
    }

    @Test
    void aSuccessForgetsTheFailuresOfThatNameThere() {
        gate.fail(4, DEVICE, HOME);
        gate.signIn(DEVICE, "right", HOME);
        gate.fail(4, DEVICE, HOME);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void failuresThatAreLongAgoDoNotCount() {
        gate.fail(4, DEVICE, HOME);
        gate.pass(Duration.ofMinutes(5).plusNanos(1));
        gate.fail(4, DEVICE, HOME);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void barsAreForgottenByWhoDoesNotFailForAWindowAndTheLongestBar() {
        gate.fail(5, DEVICE, HOME);
        gate.pass(Duration.ofMinutes(10));
        gate.fail(4, DEVICE, HOME);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void barsAnAddressWhereTwentyNamesFailed() {
        for (int i = 0; i < 20; i++) {
            gate.fail(1, "guess" + i + "&pk", HOME);
        }

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("BANNED");
        assertThat(gate.signIn("app", "right", HOME)).isEqualTo("BANNED");
        assertThat(gate.signIn(DEVICE, "right", ELSEWHERE)).isEqualTo("accepted");
        assertThat(gate.authenticator.asked).isEqualTo(21);
    }

    @Test
    void aBarredAddressLetsThoseInWhoSignedInFromThereBefore() {
        gate.signIn(DEVICE, "right", HOME);
        for (int i = 0; i < 20; i++) {
            gate.fail(1, "guess" + i + "&pk", HOME);
        }

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("BANNED");
        // But a known name is no way to go on guessing at it.
        gate.fail(5, DEVICE, HOME);
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("BANNED");
    }

    @Test
    void fewDevicesThatNeverGiveUpDoNotBarTheirAddress() {
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 19; i++) {
                gate.fail(1, "misfit" + i + "&pk", HOME);
            }
            gate.pass(Duration.ofSeconds(1));
        }

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void clientsWithoutANameAreOneAndDoNotBarTheirAddress() {
        gate.fail(200, "", HOME);

        assertThat(gate.signIn("", "wrong", HOME)).isEqualTo("BANNED");
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void aSiteThatComesBackIsNotKeptOutByItsWrongDevices() {
        for (String device : List.of(DEVICE, "other&pk", "app")) {
            for (int i = 0; i < 25; i++) {
                gate.fail(1, "wrong" + device + i, HOME);
            }
            assertThat(gate.signIn(device, "right", HOME)).isEqualTo("BANNED");

            gate.pass(Duration.ofMillis(1_500));

            assertThat(gate.signIn(device, "right", HOME)).isEqualTo("accepted");
        }
    }

    @Test
    void whoHasOneNameResetsItsAddressOnce() {
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        for (int i = 0; i < 20; i++) {
            gate.fail(1, "guess" + i, HOME);
            assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        }

        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("BANNED");
    }

    @Test
    void addressesOfOneHalfOfIpVersion6AreOne() {
        for (int i = 0; i < 20; i++) {
            gate.fail(1, "guess" + i, "2001:db8:0:1::" + i);
        }

        assertThat(gate.signIn(DEVICE, "right", "2001:db8:0:1:ffff::1")).isEqualTo("BANNED");
        assertThat(gate.signIn(DEVICE, "right", "2001:db8:0:2::1")).isEqualTo("accepted");
        assertThat(gate.barIds()).containsExactly("address/2001:db8:0:1::/64");
    }

    @Test
    void aNameThatManyGuessAtHasNoTriesToSpareButIsNotLockedOut() {
        for (int i = 0; i < 51; i++) {
            gate.fail(1, DEVICE, "203.0.113." + i);
        }

        gate.fail(1, DEVICE, "203.0.113.100");
        assertThat(gate.signIn(DEVICE, "right", "203.0.113.100")).isEqualTo("BANNED");
        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void aNameThatNobodyHasIsBarredLikeOneThatThereIs() {
        List<String> there = answers(DEVICE);
        List<String> notThere = answers("nobody&pk");

        assertThat(notThere).isEqualTo(there).contains("BAD_CREDENTIALS", "BANNED");
    }

    private List<String> answers(String name) {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            answers.add(gate.signIn(name, "wrong" + i, HOME));
        }
        return answers;
    }

    @ParameterizedTest
    @EnumSource(
            value = DenyReason.class,
            names = {"UNAVAILABLE", "BANNED"})
    void countsNothingThatIsNotTheClientsFault(DenyReason reason) {
        gate.authenticator.refusal = reason;
        gate.fail(100, DEVICE, HOME);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void slowsADisabledDeviceDownAndHoldsNothingAgainstItsAddress() {
        Gate strict = new Gate(Gate.settings(5, 50, 1));
        strict.authenticator.refuseAll = true;
        strict.authenticator.refusal = DenyReason.NOT_AUTHORIZED;
        for (int i = 0; i < 30; i++) {
            strict.signIn(DEVICE, "right", HOME);
            strict.signIn("other&pk", "right", HOME);
        }
        strict.authenticator.refuseAll = false;

        assertThat(strict.authenticator.asked).isEqualTo(10);
        assertThat(strict.signIn("app", "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void aDeviceThatIsForgivenComesInAtOnce() {
        gate.fail(5, DEVICE, HOME);
        gate.fail(5, "other&pk", HOME);
        gate.guard.bars().forgive(DEVICE);

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(gate.signIn("other&pk", "right", HOME)).isEqualTo("BANNED");
    }

    @Test
    void countsNoFailuresAtAnExemptAddress() {
        Gate exempting =
                new Gate(
                        Gate.settings(5, 50, 20), address -> address.getHostAddress().equals(HOME));
        exempting.fail(100, DEVICE, HOME);
        exempting.fail(100, DEVICE, ELSEWHERE);

        assertThat(exempting.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(exempting.signIn(DEVICE, "right", ELSEWHERE)).isEqualTo("BANNED");
    }

    @Test
    void aLimitOfZeroIsNone() {
        Gate off = new Gate(Gate.settings(0, 0, 0));
        off.fail(1_000, DEVICE, HOME);
        off.fail(1_000, "", HOME);

        assertThat(off.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
        assertThat(off.guard.bars().list("", 10)).isEmpty();
    }

    @Test
    void withoutALimitForNamesTheyStillCountOnceForTheirAddress() {
        Gate addressOnly = new Gate(Gate.settings(0, 0, 20));
        addressOnly.fail(200, DEVICE, HOME);
        assertThat(addressOnly.signIn("app", "right", HOME)).isEqualTo("accepted");

        for (int i = 0; i < 20; i++) {
            addressOnly.fail(1, "guess" + i, HOME);
        }
        assertThat(addressOnly.signIn("other&pk", "right", HOME)).isEqualTo("BANNED");
    }

    @Test
    void anOpenListenerBarsNoAddresses() {
        for (int i = 0; i < 30; i++) {
            gate.signIn(Gate.credentials("guess" + i, "wrong", HOME, "open"));
        }

        assertThat(gate.signIn(DEVICE, "right", HOME)).isEqualTo("accepted");
    }

    @Test
    void whoIsBarredOnAnOpenListenerCountsAsNotKnown() {
        gate.fail(5, DEVICE, HOME);

        assertThat(gate.signIn(Gate.credentials(DEVICE, "right", HOME, "open")))
                .isEqualTo("BAD_CREDENTIALS");
        assertThat(gate.authenticator.asked).isEqualTo(5);
    }

    @Test
    void aDisabledDeviceThatIsBarredStaysRefusedOnAnOpenListener() {
        gate.authenticator.refuseAll = true;
        gate.authenticator.refusal = DenyReason.NOT_AUTHORIZED;
        for (int i = 0; i < 5; i++) {
            gate.signIn(DEVICE, "right", HOME);
        }

        assertThat(gate.signIn(Gate.credentials(DEVICE, "right", HOME, "open")))
                .isEqualTo("BANNED");
    }

    @Test
    void tellsTheListenerWhomItRefuses() {
        gate.fail(7, DEVICE, HOME);

        assertThat(gate.decided).containsExactly("guard BANNED", "guard BANNED");
        assertThat(gate.guard.bars().refusals(Bar.Guard.NAME)).isEqualTo(2);
        assertThat(gate.guard.bars().refusals(Bar.Guard.ADDRESS)).isZero();
    }

    @Test
    void closesTheAuthenticator() {
        gate.guard.close();

        assertThat(gate.authenticator.closed).isTrue();
    }
}
