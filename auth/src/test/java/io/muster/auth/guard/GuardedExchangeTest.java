package io.muster.auth.guard;

import static io.muster.auth.guard.Gate.DEVICE;
import static io.muster.auth.guard.Gate.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Exchanges, whose names are in their data. */
class GuardedExchangeTest {

    private final Gate gate = new Gate(Gate.settings(5, 50, 20));
    private final Credentials nameless = Gate.credentials("", "not looked at", HOME, "mqtt");

    private static Step next(Exchange exchange, String text) {
        return exchange.next(Optional.of(text.getBytes(StandardCharsets.UTF_8)))
                .toCompletableFuture()
                .join();
    }

    private static String word(Step step) {
        return step instanceof Step.Finished finished ? Gate.word(finished.result()) : "goes on";
    }

    /** How the exchange ends. */
    private String converse(String name, String password) {
        Exchange exchange = gate.guard.begin("NAMED", nameless).orElseThrow();
        Step first = next(exchange, name);
        return word(first instanceof Step.Continue ? next(exchange, password) : first);
    }

    @Test
    void barsTheNameThatFailedInExchangesWithoutBeginningAnother() {
        for (int i = 0; i < 5; i++) {
            assertThat(converse("app", "wrong")).isEqualTo("BAD_CREDENTIALS");
        }

        assertThat(converse("app", "right")).isEqualTo("BANNED");
        assertThat(gate.authenticator.begun).isEqualTo(5);
        assertThat(converse("other&pk", "right")).isEqualTo("accepted");
    }

    @Test
    void countsTheSameNameInExchangesAndInPasswordsTogether() {
        gate.fail(3, "app", HOME);
        converse("app", "wrong");
        converse("app", "wrong");

        assertThat(gate.signIn("app", "right", HOME)).isEqualTo("BANNED");
        assertThat(converse("app", "right")).isEqualTo("BANNED");
    }

    @Test
    void passesOnWhatTheAuthenticatorSaysAtTheEnd() {
        Exchange exchange = gate.guard.begin("NAMED", nameless).orElseThrow();
        next(exchange, DEVICE);
        Step end = next(exchange, "right");

        assertThat(end)
                .isInstanceOfSatisfying(
                        Step.Finished.class,
                        finished ->
                                assertThat(finished.data())
                                        .hasValueSatisfying(
                                                data -> assertThat(data).containsExactly(1)));
    }

    @Test
    void anExchangeThatIsGivenUpCountsAsNothing() {
        for (int i = 0; i < 100; i++) {
            Exchange exchange = gate.guard.begin("NAMED", nameless).orElseThrow();
            next(exchange, "app");
            exchange.close();
        }

        assertThat(converse("app", "right")).isEqualTo("accepted");
    }

    @Test
    void barsWhoAsksForMethodsThatNobodyKnows() {
        for (int i = 0; i < 5; i++) {
            assertThat(gate.guard.begin("UNKNOWN", nameless)).isEmpty();
        }

        assertThat(word(next(gate.guard.begin("UNKNOWN", nameless).orElseThrow(), "x")))
                .isEqualTo("BANNED");
        assertThat(converse("app", "right")).isEqualTo("accepted");
    }

    @Test
    void whoIsAtHomeAtABarredAddressStillSignsIn() {
        converse("app", "right");
        gate.failNames(20, HOME);

        assertThat(converse("app", "right")).isEqualTo("accepted");
        assertThat(converse("other&pk", "right")).isEqualTo("BANNED");
    }
}
