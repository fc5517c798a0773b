package io.muster.devices.registry.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.ProductInUseException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class TopologyTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);
    private static final int REMEMBERED_MAX = 5_000;
    private static final DeviceId GATEWAY = new DeviceId("gw", "g1");
    private static final DeviceId OTHER = new DeviceId("gw", "g2");
    private static final DeviceId A = new DeviceId("pk", "a");
    private static final DeviceId B = new DeviceId("pk", "b");
    private static final DeviceId C = new DeviceId("pk2", "a");

    private final TestDatabase kind;
    private final Path folder;
    private final List<String> told = new ArrayList<>();
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private Topology topology;

    TopologyTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithGatewaysAndDevices() throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.systemUTC());
        for (DeviceId id : List.of(GATEWAY, OTHER, A, B, C)) {
            if (registry.products().find(id.productKey()).isEmpty()) {
                ProductType type =
                        id.productKey().equals("gw") ? ProductType.GATEWAY : ProductType.DEVICE;
                registry.products()
                        .create(Optional.of(id.productKey()), settings -> settings.withType(type));
            }
            registry.createDevice(id.productKey(), Optional.of(id.deviceKey()));
        }
        topology = topology(database);
    }

    private Topology topology(RegistryDatabase on) {
        Topology made = new Topology(on, REMEMBERED_MAX, Clock.fixed(NOW, ZoneOffset.UTC));
        made.addListener(
                new TopologyListener() {
                    @Override
                    public void changed(DeviceId device, Optional<DeviceId> gateway) {
                        told.add(device + " " + gateway.map(DeviceId::toString).orElse("-"));
                    }

                    @Override
                    public void deleted(DeviceId device) {
                        told.add(device + " deleted");
                    }
                });
        registry.addListener(made);
        return made;
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    @Test
    void aGatewaySpeaksForWhatWasAddedAndNotRemoved() {
        topology.add(GATEWAY, Set.of(C), 10);
        topology.add(GATEWAY, Set.of(A), 10);
        topology.add(GATEWAY, Set.of(B), 10);

        assertThat(topology.remove(GATEWAY, Set.of(A, OTHER))).containsExactly(A);

        assertThat(topology.list(GATEWAY, Optional.empty(), 10))
                .containsExactly(new SubDevice(B, GATEWAY, NOW), new SubDevice(C, GATEWAY, NOW));
        assertThat(topology.find(A)).isEmpty();
        assertThat(topology.find(B)).contains(new SubDevice(B, GATEWAY, NOW));
        assertThat(told).containsExactly("pk2/a gw/g1", "pk/a gw/g1", "pk/b gw/g1", "pk/a -");
    }

    @Test
    void aDeviceHasOneGatewayAndMovesToTheLastThatAddedIt() {
        topology.add(GATEWAY, Set.of(A), 10);
        topology.add(OTHER, Set.of(A), 10);

        assertThat(topology.all(GATEWAY)).isEmpty();
        assertThat(topology.all(OTHER)).containsExactly(A);
        assertThat(topology.remove(GATEWAY, Set.of(A))).isEmpty();
        assertThat(topology.all(OTHER)).containsExactly(A);
        assertThat(told).containsExactly("pk/a gw/g1", "pk/a gw/g2");
    }

    @Test
    void allAreAddedOrNone() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                topology.add(
                                        GATEWAY,
                                        new LinkedHashSet<>(
                                                List.of(A, new DeviceId("pk", "nobody"))),
                                        10))
                .withMessage("device 'pk/nobody' is unknown");
        topology.add(GATEWAY, Set.of(C), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.add(GATEWAY, Set.of(A, B), 2))
                .withMessage("gateway 'gw/g1' would have 3 sub-devices; at most 2 are allowed");
        topology.add(GATEWAY, Set.of(C, A), 2);

        assertThat(topology.all(GATEWAY)).containsExactly(A, C);
    }

    @Test
    void onlyGatewaysSpeakForOthersAndOnlyForDevices() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.add(A, Set.of(B), 10))
                .withMessage("product 'pk' is not one of gateways");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.add(GATEWAY, Set.of(A, OTHER), 10))
                .withMessage("product 'gw' is one of gateways");
        assertThat(topology.all(GATEWAY)).isEmpty();
    }

    private void changeType(String productKey, ProductType type) {
        registry.products()
                .update(productKey, OptionalLong.empty(), settings -> settings.withType(type));
    }

    @Test
    void aProductKeepsItsTypeAsLongAsGatewaysSpeakForDevices() {
        topology.add(GATEWAY, Set.of(A, C), 10);

        assertThatExceptionOfType(ProductInUseException.class)
                .isThrownBy(() -> changeType("gw", ProductType.DEVICE))
                .withMessage(
                        "the type of product 'gw' cannot change while gateways speak for devices:"
                                + " pk/a of gw/g1, pk2/a of gw/g1");
        assertThatExceptionOfType(ProductInUseException.class)
                .isThrownBy(() -> changeType("pk", ProductType.GATEWAY))
                .withMessageEndingWith(": pk/a of gw/g1");
        changeType("pk", ProductType.DEVICE);
        topology.remove(GATEWAY, Set.of(A));
        changeType("pk", ProductType.GATEWAY);

        assertThat(registry.products().find("pk").orElseThrow().settings().type())
                .isEqualTo(ProductType.GATEWAY);
        assertThat(registry.products().find("gw").orElseThrow().settings().type())
                .isEqualTo(ProductType.GATEWAY);
    }

    private static WantedDevice wanted(String deviceKey, String attribute) {
        return new WantedDevice(
                "pk",
                Optional.of(deviceKey),
                Optional.empty(),
                Optional.of("Pump"),
                Map.of("hall", "3"),
                Map.of("size", attribute));
    }

    @Test
    void whatAGatewayRegisteredIsFoundByItAloneAsLongAsItHasTheSameSecret() {
        GatewayRegistrations registrations = new GatewayRegistrations(registry);
        List<Device> created =
                registrations.create(GATEWAY, List.of(wanted("r1", "1"), wanted("r2", "2")), 10);
        DeviceId first = new DeviceId("pk", "r1");
        DeviceId second = new DeviceId("pk", "r2");

        Map<DeviceId, Device> found = registrations.find(GATEWAY, Set.of(first, second, A));
        assertThat(found).containsOnlyKeys(first, second);
        assertThat(found).containsValue(created.get(0));
        assertThat(new DeviceValues(database).find(first, Kind.ATTRIBUTE))
                .isEqualTo(Map.of("size", "1"));
        assertThat(registrations.find(OTHER, Set.of(first))).isEmpty();
        registry.rotateDeviceSecret(second, Duration.ofHours(1), OptionalLong.empty());
        registry.deleteDevice(first);
        registry.createDevice("pk", Optional.of("r1"));
        assertThat(registrations.find(GATEWAY, Set.of(first, second))).isEmpty();
    }

    @Test
    void nothingIsRegisteredIfAPartOfItCannotBeStored() {
        GatewayRegistrations registrations = new GatewayRegistrations(registry);

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registrations.create(
                                        GATEWAY,
                                        List.of(wanted("r1", "1"), wanted("r2", "2\0")),
                                        10));

        assertThat(registry.findDevice(new DeviceId("pk", "r1"))).isEmpty();
    }

    @Test
    void aGatewayRegistersNoMoreWhenTooManyThatItRegisteredHaveNeverSignedIn() {
        GatewayRegistrations registrations = new GatewayRegistrations(registry);
        registrations.create(GATEWAY, List.of(wanted("r1", "1"), wanted("r2", "2")), 2);
        registrations.create(OTHER, List.of(wanted("r3", "3")), 2);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> registrations.create(GATEWAY, List.of(wanted("r4", "4")), 2))
                .withMessageContaining("3 devices that have never signed in; at most 2 are");
        assertThat(registry.findDevice(new DeviceId("pk", "r4"))).isEmpty();

        registry.deleteDevice(new DeviceId("pk", "r2"));
        activate(new DeviceId("pk", "r1"));
        assertThat(registrations.create(GATEWAY, List.of(wanted("r4", "4"), wanted("r5", "5")), 2))
                .hasSize(2);
    }

    /** As its first sign-in would. */
    private void activate(DeviceId id) {
        Device device = registry.findDevice(id).orElseThrow();
        Instant now = Instant.now();
        Device online =
                new Device(
                        id,
                        device.secrets(),
                        new DeviceState(DeviceStatus.ONLINE, device.state().version() + 1, now),
                        device.createdAt(),
                        Optional.of(now),
                        Optional.of(now),
                        Optional.empty());
        registry.writeStates(List.of(new UnwrittenState(online, Optional.empty())));
    }

    @Test
    void deletingEitherEndsIt() {
        topology.add(GATEWAY, Set.of(A, B), 10);
        topology.add(OTHER, Set.of(C), 10);
        told.clear();

        registry.deleteDevice(A);
        registry.deleteDevice(OTHER);

        assertThat(topology.all(GATEWAY)).containsExactly(B);
        assertThat(topology.all(OTHER)).isEmpty();
        assertThat(told).containsExactly("pk/a deleted", "gw/g2 deleted");
        assertThat(registry.findDevice(C)).isPresent();
    }

    @Test
    void allAreFoundThoughTheyFillSeveralPages() {
        registry.products().create(Optional.of("many"), settings -> settings);
        Set<DeviceId> many =
                IntStream.range(0, 2_050)
                        .mapToObj(i -> new DeviceId("many", "d" + i))
                        .collect(Collectors.toSet());
        registry.importDevices(
                "many",
                many.stream().map(id -> NewDevice.of(id.deviceKey(), Secret.generate())).toList());
        List<DeviceId> list = new ArrayList<>(many);
        for (int from = 0; from < list.size(); from += Topology.TOGETHER_MAX) {
            topology.add(
                    GATEWAY,
                    Set.copyOf(
                            list.subList(
                                    from, Math.min(list.size(), from + Topology.TOGETHER_MAX))),
                    5_000);
        }

        Set<DeviceId> found = new LinkedHashSet<>();
        topology.follow(GATEWAY, found::addAll);

        assertThat(found).isEqualTo(many);
        assertThat(topology.list(GATEWAY, Optional.of(new DeviceId("many", "d9")), 2))
                .extracting(each -> each.id().deviceKey())
                .containsExactly("d90", "d900");
    }

    @Test
    void tooManyAtOnceAreRefused() {
        Set<DeviceId> many =
                IntStream.rangeClosed(0, Topology.TOGETHER_MAX)
                        .mapToObj(i -> new DeviceId("pk", "d" + i))
                        .collect(Collectors.toSet());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.add(GATEWAY, many, 10_000))
                .withMessage("1001 devices are not 1 to 1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.remove(GATEWAY, Set.of()))
                .withMessage("0 devices are not 1 to 1000");
    }

    private Optional<Set<DeviceId>> known(DeviceId gateway) {
        Set<DeviceId> taken = new LinkedHashSet<>();
        return topology.followKnown(gateway, taken::addAll) ? Optional.of(taken) : Optional.empty();
    }

    private Set<DeviceId> followed(DeviceId gateway) {
        Set<DeviceId> taken = new LinkedHashSet<>();
        topology.follow(gateway, taken::addAll);
        return taken;
    }

    @Test
    void whomAGatewaySpeaksForIsKnownWithoutTheDatabaseOnceItWasAskedFor() {
        topology.add(GATEWAY, Set.of(A), 10);
        assertThat(known(GATEWAY)).isEmpty();
        assertThat(followed(GATEWAY)).containsExactly(A);
        assertThat(followed(OTHER)).isEmpty();

        topology.add(GATEWAY, Set.of(B), 10);
        topology.add(OTHER, Set.of(A), 10);
        topology.add(GATEWAY, Set.of(C), 10);
        topology.remove(GATEWAY, Set.of(C));
        database.close();

        assertThat(known(GATEWAY)).contains(Set.of(B));
        assertThat(known(OTHER)).contains(Set.of(A));
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> followed(GATEWAY));
    }

    @Test
    void nothingOfADeletedDeviceIsKnown() {
        topology.add(GATEWAY, Set.of(A, B), 10);
        topology.add(OTHER, Set.of(C), 10);
        followed(GATEWAY);
        followed(OTHER);

        registry.deleteDevice(A);
        registry.deleteDevice(OTHER);
        registry.createDevice(A.productKey(), Optional.of(A.deviceKey()));
        registry.createDevice(OTHER.productKey(), Optional.of(OTHER.deviceKey()));

        assertThat(known(GATEWAY)).contains(Set.of(B));
        assertThat(known(OTHER)).isEmpty();
        assertThat(followed(OTHER)).isEmpty();
    }

    @Test
    void theGatewaysThatWereAskedForLongestAgoAreForgotten() {
        KnownMembers members = new KnownMembers(5);
        members.put(GATEWAY, Set.of(A));
        members.put(OTHER, Set.of(B));
        assertThat(members.find(GATEWAY)).isPresent();

        members.changed(C, Optional.of(GATEWAY));
        assertThat(members.find(OTHER)).isPresent();
        members.changed(new DeviceId("pk", "more"), Optional.of(OTHER));

        assertThat(members.find(GATEWAY)).isEmpty();
        assertThat(members.find(OTHER)).contains(Set.of(B, new DeviceId("pk", "more")));
        members.put(A, Set.of());
        assertThat(members.find(A)).contains(Set.of());
    }

    /** The answer to its commit is lost: it failed, and yet it is done. */
    private void failButBeDone(Runnable change, String sql) throws SQLException {
        try (Connection other =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(change::run);
            statement.execute(sql);
            statement.execute("COMMIT");
        }
    }

    @Test
    void whatMemoryHoldsIsLookedUpAgainAfterAChangeWithoutAnswer() throws Exception {
        Assumptions.assumeTrue(kind == TestDatabase.SQLITE, "locks the whole file");
        topology.add(GATEWAY, Set.of(A, B), 10);
        try (RegistryDatabase impatient =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofMillis(300)),
                        SecretCipher.load(folder.resolve("key")))) {
            topology = topology(impatient);
            followed(GATEWAY);
            told.clear();

            failButBeDone(
                    () -> topology.remove(GATEWAY, Set.of(A)),
                    "DELETE FROM topology WHERE device_key = 'a'");
            assertThat(known(GATEWAY)).contains(Set.of(A, B));
            assertThat(topology.remove(GATEWAY, Set.of(A))).isEmpty();
            assertThat(known(GATEWAY)).contains(Set.of(B));
            assertThat(told).containsExactly("pk/a -");

            failButBeDone(
                    () -> topology.add(OTHER, Set.of(B), 10),
                    "UPDATE topology SET gateway_device_key = 'g2'");
            topology.settle();
            assertThat(known(GATEWAY)).contains(Set.of());
            topology.settle();
            assertThat(told).containsExactly("pk/a -", "pk/b gw/g2");
        }
    }
}
