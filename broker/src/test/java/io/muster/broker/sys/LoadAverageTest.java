package io.muster.broker.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LoadAverageTest {

    private static final double TEN_SECONDS = 1.0 / 6;

    @Test
    void beginsWithNothing() {
        assertThat(new LoadAverage(1).perMinute()).isZero();
    }

    @Test
    void nearsASteadyRate() {
        LoadAverage average = new LoadAverage(1);
        for (int i = 0; i < 100; i++) {
            average.add(20, TEN_SECONDS);
        }
        assertThat(average.perMinute()).isCloseTo(120, within(0.01));
    }

    @Test
    void anOldRateCountsForOneInEAfterItsWindow() {
        LoadAverage average = new LoadAverage(5);
        average.add(1_000_000_000L, 1_000_000); // for ever 1000 a minute
        average.add(0, 5);
        assertThat(average.perMinute()).isCloseTo(1_000 / Math.E, within(0.01));
    }

    @Test
    void doesNotDependOnHowOftenItIsTold() {
        LoadAverage seldom = new LoadAverage(1);
        seldom.add(120, 2);
        LoadAverage often = new LoadAverage(1);
        for (int i = 0; i < 12; i++) {
            often.add(10, TEN_SECONDS);
        }
        assertThat(often.perMinute()).isCloseTo(seldom.perMinute(), within(1e-9));
    }

    @Test
    void aLongWindowFollowsMoreSlowly() {
        LoadAverage one = new LoadAverage(1);
        LoadAverage fifteen = new LoadAverage(15);
        one.add(60, 1);
        fifteen.add(60, 1);
        assertThat(one.perMinute()).isCloseTo(60 * (1 - 1 / Math.E), within(1e-9));
        assertThat(fifteen.perMinute()).isCloseTo(60 * (1 - Math.exp(-1.0 / 15)), within(1e-9));
    }
}
