package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.ProductTopics;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.details.LastClient;
import io.muster.devices.product.ProductType;
import io.muster.devices.product.TopicTemplate;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.gateways.Gateways;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When it is known for whom a gateway speaks, and what is said of its topics before. */
class GatewayMembershipTest {

    private static final DeviceId GATEWAY = new DeviceId("gwp", "g1");
    private static final DeviceId MEMBER = new DeviceId("pump", "d1");
    private static final String MEMBERS_TOPIC = "/sys/pump/d1/in";
    private static final String STRANGERS_TOPIC = "/sys/pump/d2/in";

    private OpenRegistry open;
    private ProductTopics topics;
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private Topology topology;
    private Gateways gateways;
    private TopicPermissions permissions;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        open = new OpenRegistry(folder);
        database = open.database;
        registry = open.registry;
        topology = open.topology;
        gateways = open.gateways;
        topics = open.topics;
        Product product =
                registry.products()
                        .create(
                                Optional.of("gwp"),
                                settings -> settings.withType(ProductType.GATEWAY));
        for (String productKey : List.of("pump", "valve")) {
            registry.products().create(Optional.of(productKey), settings -> settings);
        }
        registry.createDevice("gwp", Optional.of("g1"));
        registry.createDevice("pump", Optional.of("d1"));
        registry.createDevice("pump", Optional.of("d2"));
        topology.add(GATEWAY, Set.of(MEMBER), 10);
        permissions =
                gateways.permissions().of(product, Map.of("productKey", "gwp", "deviceKey", "g1"));
    }

    @AfterEach
    void close() {
        open.close();
    }

    private CompletableFuture<Admission> connect() {
        Identity identity = new Identity("device:gwp/g1", "gwp/g1", permissions, Map.of());
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
        return gateways.admitted(
                        GATEWAY,
                        new ConnectedClient(
                                "gwp/g1",
                                "sent",
                                identity,
                                new ConnectedClient.Origin(address, "mqtt"),
                                4,
                                60,
                                Instant.EPOCH),
                        new LastClient(Optional.empty(), 4, 60, Optional.empty(), Optional.empty()))
                .toCompletableFuture();
    }

    private void assertUndecided() {
        assertThat(permissions.maySubscribe(MEMBERS_TOPIC)).isFalse();
        assertThat(permissions.isUndecidedWhileAway(MEMBERS_TOPIC)).isTrue();
        assertThat(permissions.isUndecidedWhileAway(STRANGERS_TOPIC)).isTrue();
        assertThat(permissions.isUndecidedWhileAway("elsewhere")).isFalse();
        assertThat(permissions.isUndecidedWhileAway("/sys/+/d1/in")).isFalse();
        assertThat(gateways.actingFor("valve").test("gwp/g1")).isTrue();
    }

    private void assertDecided() {
        assertThat(permissions.maySubscribe(MEMBERS_TOPIC)).isTrue();
        assertThat(permissions.maySubscribe(STRANGERS_TOPIC)).isFalse();
        assertThat(permissions.isUndecidedWhileAway(STRANGERS_TOPIC)).isFalse();
        assertThat(gateways.actingFor("pump").test("gwp/g1")).isTrue();
        assertThat(gateways.actingFor("valve").test("gwp/g1")).isFalse();
        assertThat(gateways.actingFor("pump").test("valve/v1")).isFalse();
    }

    @Test
    void nothingIsDecidedWhileAGatewayIsAwayOrItsTopologyIsBeingRead() throws Exception {
        assertUndecided();
        CountDownLatch held = new CountDownLatch(OpenRegistry.CONNECTIONS);
        CountDownLatch read = new CountDownLatch(1);
        for (int i = 0; i < OpenRegistry.CONNECTIONS; i++) {
            new Thread(() -> holdAConnection(held, read)).start();
        }
        awaitQuietly(held);

        CompletableFuture<Admission> connecting = connect();
        assertUndecided();
        assertThat(connecting).isNotDone();
        read.countDown();

        assertThat(connecting.get(10, TimeUnit.SECONDS)).isEqualTo(Admission.ADMITTED);
        assertDecided();
        gateways.subDevices().disconnected(GATEWAY);
        assertUndecided();
    }

    /** One that reads the registry; as long as all are held, nobody else does. */
    private void holdAConnection(CountDownLatch held, CountDownLatch until) {
        database.read(
                "hold a connection",
                handle -> {
                    held.countDown();
                    awaitQuietly(until);
                    return true;
                });
    }

    @Test
    void aGatewayMaySubscribeForADeviceOfAProductThatNobodyKnewBeforeItWasAdded() {
        assertThat(connect().join()).isEqualTo(Admission.ADMITTED);
        registry.createDevice("valve", Optional.of("v1"));
        assertThat(permissions.maySubscribe("/sys/valve/v1/in")).isFalse();

        gateways.add(GATEWAY, new DeviceId("valve", "v1"));

        assertThat(permissions.maySubscribe("/sys/valve/v1/in")).isTrue();
    }

    @Test
    void theRulesForADeviceThatWasAddedByAChangeOfUnknownOutcomeAreLookedUp() {
        assertThat(connect().join()).isEqualTo(Admission.ADMITTED);
        DeviceId added = registry.createDevice("valve", Optional.of("v1")).id();

        gateways.subDevices().changed(added, Optional.of(GATEWAY));

        Awaitility.await().until(() -> permissions.maySubscribe("/sys/valve/v1/in"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatTheProductOfADeviceForbidsIsDecidedAlways() throws Exception {
        assertThat(connect().get(10, TimeUnit.SECONDS)).isEqualTo(Admission.ADMITTED);
        assertDecided();
        TopicTemplate.Rule rule =
                TopicTemplate.Rule.parse("deny subscribe /sys/${productKey}/+/in");
        Product changed =
                registry.products()
                        .update(
                                "pump",
                                OptionalLong.empty(),
                                settings -> settings.withTopics(new TopicTemplate(List.of(rule))));

        assertThat(topics.changed(changed)).isTrue();
        assertThat(permissions.maySubscribe(MEMBERS_TOPIC)).isFalse();
        gateways.subDevices().disconnected(GATEWAY);

        assertThat(permissions.maySubscribe(MEMBERS_TOPIC)).isFalse();
        assertThat(permissions.isUndecidedWhileAway(MEMBERS_TOPIC)).isFalse();
        assertThat(permissions.isUndecidedWhileAway("/sys/pump/d1/other")).isTrue();
    }
}
