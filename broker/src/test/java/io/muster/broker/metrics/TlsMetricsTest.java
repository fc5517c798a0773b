package io.muster.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TlsMetricsTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final TlsMetrics metrics = new TlsMetrics(meters, "jdk");

    private static Instant inDays(long days) {
        return Instant.now().plus(Duration.ofDays(days));
    }

    private Gauge expiry(String certificate) {
        return meters.get("muster.tls.certificate.expiry.days")
                .tag("certificate", certificate)
                .gauge();
    }

    /** A scrape that ran while it was registered anew would find it twice, and fail. */
    @Test
    void theExpiryOfARenewedCertificateIsShownByTheSameGauge() {
        metrics.showExpiry(Map.of("hub", inDays(3)));
        Gauge shown = expiry("hub");
        assertThat(shown.value()).isCloseTo(3, offset(0.1));
        metrics.showExpiry(Map.of("hub", inDays(90)));
        assertThat(expiry("hub")).isSameAs(shown);
        assertThat(shown.value()).isCloseTo(90, offset(0.1));
    }

    @Test
    void aCertificateThatIsNoLongerThereIsNotShown() {
        metrics.showExpiry(Map.of("hub", inDays(3), "old", inDays(2)));
        metrics.showExpiry(Map.of("hub", inDays(3), "new", inDays(4)));
        assertThat(meters.get("muster.tls.certificate.expiry.days").gauges())
                .extracting(gauge -> gauge.getId().getTag("certificate"))
                .containsExactlyInAnyOrder("hub", "new");
    }
}
