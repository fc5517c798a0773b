package io.muster.broker.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogAllowanceTest {

    @Test
    void letsSoManyLinesThroughInAMinuteAndCountsTheOthers() {
        AtomicLong nanos = new AtomicLong(-5);
        LogAllowance allowance = new LogAllowance(2, nanos::get);
        assertThat(allowance.ask()).isZero();
        assertThat(allowance.ask()).isZero();
        assertThat(allowance.ask()).isEqualTo(-1);
        assertThat(allowance.ask()).isEqualTo(-1);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(allowance.ask()).isEqualTo(2);
        assertThat(allowance.ask()).isZero();
    }
}
