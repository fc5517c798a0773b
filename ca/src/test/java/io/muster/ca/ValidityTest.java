package io.muster.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ValidityTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void includesBothEnds() {
        Validity day = Validity.from(START.plusMillis(999), Duration.ofDays(1));

        assertThat(day).isEqualTo(new Validity(START, Instant.parse("2026-01-02T00:00:00Z")));
        assertThat(day.contains(START)).isTrue();
        assertThat(day.contains(day.notAfter())).isTrue();
        assertThat(day.contains(START.minusMillis(1))).isFalse();
        assertThat(day.contains(day.notAfter().plusMillis(1))).isFalse();
    }

    @Test
    void isRenewedInItsLastThird() {
        assertThat(Validity.from(START, Duration.ofDays(90)).renewableFrom())
                .isEqualTo(START.plus(Duration.ofDays(60)));
    }

    @Test
    void endsAfterItBeginsInWholeSeconds() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Validity(START, START));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Validity(START, START.plusMillis(1500)))
                .withMessageContaining("fractions");
    }
}
