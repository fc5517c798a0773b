package io.muster.devices.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdleLimitsTest {

    private static final Duration USUAL = Duration.ofSeconds(90);
    private static final Optional<Duration> LONG = Optional.of(Duration.ofMinutes(5));
    private static final Instant CREATED = Instant.ofEpochMilli(1_700_000_000_000L);

    private final IdleLimits limits = new IdleLimits(USUAL);

    private static Product product(long revision, Optional<Duration> limit, Instant created) {
        return new Product(
                "pk1",
                RotatingSecret.of(Secret.of("s")),
                ProductSettings.named("pk1").withIdleLimit(limit),
                revision,
                created);
    }

    @Test
    void anOlderRevisionThatComesLateDoesNotBringItsLimitBack() {
        limits.note(product(2, LONG, CREATED));
        assertThat(limits.nanos("pk1")).isEqualTo(LONG.orElseThrow().toNanos());

        assertThat(limits.note(product(4, Optional.empty(), CREATED))).isTrue();
        assertThat(limits.note(product(3, LONG, CREATED))).isFalse();

        assertThat(limits.nanos("pk1")).isEqualTo(USUAL.toNanos());
    }

    @Test
    void aProductThatIsCreatedAnewBeginsWithItsOwnLimit() {
        limits.note(product(4, Optional.empty(), CREATED));

        assertThat(limits.note(product(1, LONG, CREATED.plusMillis(1)))).isTrue();
    }
}
