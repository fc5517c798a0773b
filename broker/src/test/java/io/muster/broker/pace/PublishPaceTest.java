package io.muster.broker.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.metrics.LoopCounters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that publish as fast as they may, with packets of 100 bytes. */
class PublishPaceTest {

    private final HandTimer timer = new HandTimer();
    private final LoopCounters counters = new LoopCounters();
    private final HeldPublishers held = new HeldPublishers(timer, counters);

    private final class Client implements HeldPublishers.Publisher {
        private final PublishPace pace;
        private int published;

        private Client(@Nullable PublishPace pace) {
            this.pace = Objects.requireNonNull(pace);
        }

        @Override
        public void goOn() {
            while (pace.admits(held, this)) {
                pace.spend(held, 100);
                published++;
            }
        }
    }

    @Test
    void nothingIsAskedWhereNothingIsLimited() {
        assertThat(new PublishRates(RateLimits.NONE, 0).pace(0)).isNull();
        assertThat(
                        new PublishRates(new RateLimits(0, 0, 0, 0, 1, 1, TakeOverLimits.NONE), 0)
                                .pace(0))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"50, 0", "0, 5000", "50, 1000000", "1000, 5000"})
    void eachClientHasItsOwnRate(int messages, int bytes) {
        PublishRates rates =
                new PublishRates(
                        new RateLimits(messages, bytes, 0, 0, 0, 0, TakeOverLimits.NONE), 0);
        Client one = new Client(rates.pace(0));
        Client two = new Client(rates.pace(0));
        one.goOn();
        two.goOn();
        assertThat(one.published).isEqualTo(50);
        assertThat(two.published).isEqualTo(50);
        timer.advance(10_000);
        assertThat(one.published).isBetween(549, 551);
        assertThat(two.published).isBetween(549, 551);
    }

    @ParameterizedTest
    @CsvSource({"50, 0", "0, 5000"})
    void allClientsShareTheRateOfTheBrokerFairly(int messages, int bytes) {
        PublishRates rates =
                new PublishRates(
                        new RateLimits(0, 0, messages, bytes, 0, 0, TakeOverLimits.NONE), 0);
        Client one = new Client(rates.pace(0));
        Client two = new Client(rates.pace(0));
        one.goOn();
        two.goOn();
        assertThat(one.published).isEqualTo(50);
        assertThat(two.published).isZero();
        timer.advance(10_000);
        assertThat(one.published + two.published).isBetween(549, 551);
        assertThat(two.published).isBetween(240, 260);
    }
}
