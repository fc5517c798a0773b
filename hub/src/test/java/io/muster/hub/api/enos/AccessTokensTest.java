package io.muster.hub.api.enos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AccessTokensTest {

    private final AtomicLong nanos = new AtomicLong();
    private final AccessTokens tokens = new AccessTokens(nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void aTokenIsGoodForTwoHoursAndThenThereIsAnother() {
        AccessTokens.Given first = tokens.give("k1");
        pass(Duration.ofHours(1));
        AccessTokens.Given again = tokens.give("k1");
        pass(Duration.ofMinutes(59));

        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.left()).isEqualTo(Duration.ofHours(1));
        assertThat(tokens.keyOf(first.text())).contains("k1");
        pass(Duration.ofMinutes(2));
        assertThat(tokens.keyOf(first.text())).isEmpty();
        assertThat(tokens.give("k1").text()).isNotEqualTo(first.text());
    }

    @Test
    void eachKeyHasATokenOfItsOwn() {
        assertThat(tokens.give("k1").text()).isNotEqualTo(tokens.give("k2").text());
        assertThat(tokens.keyOf("unknown")).isEmpty();
    }
}
