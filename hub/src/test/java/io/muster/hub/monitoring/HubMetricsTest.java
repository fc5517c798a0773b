package io.muster.hub.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.NoTopics;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.devices.DeviceStatus;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubMetricsTest {

    private final HubMetrics metrics = new HubMetrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void countsAcceptedSignInsByAuthenticator() {
        AuthResult accepted =
                AuthResult.accept(new Identity("app:a", "", NoTopics.INSTANCE, Map.of()));

        metrics.decided("staff", accepted);
        metrics.decided("staff", accepted);
        metrics.decided("plant", accepted);

        assertThat(metrics.registry().scrape())
                .contains(
                        "muster_sign_ins_total{authenticator=\"staff\",outcome=\"accepted\"} 2.0",
                        "muster_sign_ins_total{authenticator=\"plant\",outcome=\"accepted\"} 1.0");
    }

    @ParameterizedTest
    @EnumSource(DenyReason.class)
    void countsRefusedSignInsByReasonAndWithoutTheDetail(DenyReason reason) {
        metrics.decided("staff", AuthResult.deny(reason, "wrong password: billing"));

        assertThat(metrics.registry().scrape())
                .contains("outcome=\"" + reason.name().toLowerCase(Locale.ROOT) + "\"} 1.0")
                .doesNotContain("billing");
    }

    @Test
    void showsTheDevicesOfTheLargestProductsAsTheyAreNow() {
        Map<String, Map<DeviceStatus, Long>> counts = new LinkedHashMap<>();
        metrics.watchProducts(
                max -> {
                    assertThat(max).isEqualTo(100);
                    return counts;
                });
        assertThat(metrics.registry().scrape()).doesNotContain("muster_product_devices{");

        counts.put("pump", Map.of(DeviceStatus.ONLINE, 3L));
        assertThat(metrics.registry().scrape())
                .contains("muster_product_devices{product=\"pump\",state=\"online\"} 3.0");

        counts.clear();
        assertThat(metrics.registry().scrape()).doesNotContain("muster_product_devices{");
    }

    @Test
    void showsTheDevicesOfEachStateAsTheyAreNow() {
        Map<DeviceStatus, Long> counts = new EnumMap<>(DeviceStatus.class);
        metrics.watchDevices(() -> counts);
        assertThat(metrics.registry().scrape()).contains("muster_devices{state=\"online\"} 0.0");

        counts.put(DeviceStatus.ONLINE, 3L);

        assertThat(metrics.registry().scrape())
                .contains(
                        "muster_devices{state=\"online\"} 3.0",
                        "muster_devices{state=\"disabled\"} 0.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jvm_memory_used_bytes",
                "jvm_gc_max_data_size_bytes",
                "jvm_threads_live_threads",
                "process_cpu_usage",
                "process_uptime_seconds"
            })
    void showsTheJvm(String name) {
        assertThat(metrics.registry().scrape()).contains("# TYPE " + name + " gauge");
    }
}
