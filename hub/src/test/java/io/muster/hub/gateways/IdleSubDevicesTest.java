package io.muster.hub.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.hub.OpenRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices behind a gateway, whose product has the shortest idle limit there is: a second. */
class IdleSubDevicesTest {

    private static final DeviceId GATEWAY = new DeviceId("gwp", "g1");

    private static final long START = 1_700_000_000_000L;

    /** Caffeine looks for expired entries each 2^30 ns: here 1.4 s after the start. */
    private static final long FIRST_NANOS = (1L << 30) * 1_000 - 1_400_000_000L;

    private final AtomicLong millis = new AtomicLong(START);
    private final Clock clock = new StandingClock();
    private OpenRegistry open;
    private DeviceRegistry registry;
    private DeviceDirectory directory;
    private Gateways gateways;
    private GatewayLink link;
    private int sweeps;

    private final class StandingClock extends Clock {

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis.get());
        }
    }

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        open =
                new OpenRegistry(
                        folder,
                        Duration.ofSeconds(5),
                        clock,
                        () -> TimeUnit.MILLISECONDS.toNanos(millis.get() - START) + FIRST_NANOS);
        registry = open.registry;
        directory = open.directory;
        gateways = open.gateways;
        registry.products()
                .create(Optional.of("gwp"), settings -> settings.withType(ProductType.GATEWAY));
        registry.products()
                .create(
                        Optional.of("demo"),
                        settings -> settings.withIdleLimit(Optional.of(Duration.ofSeconds(1))));
        registry.createDevice("gwp", Optional.of("g1"));
        LastClient shown =
                new LastClient(Optional.empty(), 4, 60, Optional.empty(), Optional.empty());
        gateways.admitted(GATEWAY, client(), shown).toCompletableFuture().join();
        link = gateways.subDevices().link(GATEWAY).orElseThrow();
    }

    private static ConnectedClient client() {
        return new ConnectedClient(
                GATEWAY.toString(),
                "sent",
                new Identity("device:" + GATEWAY, GATEWAY.toString(), NoTopics.INSTANCE, Map.of()),
                new ConnectedClient.Origin(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000), "mqtt"),
                4,
                60,
                Instant.EPOCH);
    }

    @AfterEach
    void close() {
        open.close();
    }

    private DeviceId signedIn(String deviceKey) {
        DeviceId id = registry.createDevice("demo", Optional.of(deviceKey)).id();
        gateways.add(GATEWAY, id);
        SubDeviceLogin login = new SubDeviceLogin(id, link, NoTopics.INSTANCE, clock.millis());
        // There is no broker here, and so no connection of the device to end.
        gateways.subDevices()
                .signIn(login, Optional.empty())
                .toCompletableFuture()
                .handle((d, f) -> d)
                .join();
        return id;
    }

    private Device now(DeviceId id) {
        return directory.find(id).toCompletableFuture().join().orElseThrow();
    }

    /** Whoever has expired is looked for when somebody else comes. */
    private void pass(long time) {
        millis.addAndGet(time);
        String other = "sweep" + sweeps++;
        registry.createDevice("demo", Optional.of(other));
        DeviceId id = new DeviceId("demo", other);
        directory
                .withDevice(id, () -> directory.signedIn(id, Optional.empty(), Optional.empty()))
                .toCompletableFuture()
                .join();
    }

    @Test
    void whoReportsThroughItsGatewayStaysOnlineAndWhoDoesNotGoesOffline() {
        DeviceId reporting = signedIn("reporting");
        DeviceId silent = signedIn("silent");
        long version = now(reporting).state().version();

        pass(900);
        assertThat(gateways.subDevices().find(GATEWAY.toString(), reporting.toString()))
                .isEqualTo(reporting);
        pass(900);

        Awaitility.await().until(() -> now(silent).status() == DeviceStatus.OFFLINE);
        assertThat(now(reporting).status()).isEqualTo(DeviceStatus.ONLINE);
        assertThat(now(reporting).state().version()).isEqualTo(version);
    }
}
