package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.secret.SecretUnreadableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class DeviceRegistryTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);
    private static final Optional<String> GENERATED = Optional.empty();

    private final TestDatabase kind;
    private final Path folder;
    private RegistrySettings settings;
    private RegistryDatabase database;
    private DeviceRegistry registry;

    DeviceRegistryTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void open() throws IOException {
        settings = kind.settings(folder);
        database = RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    @Test
    void changesOfAProductWhatIsNamed() {
        Product created =
                registry.products()
                        .create(
                                Optional.of("pk1"),
                                settings -> settings.withName("Pump").withDynamicActivation(true));

        Product renamed =
                registry.products()
                        .update(
                                "pk1",
                                OptionalLong.empty(),
                                settings -> settings.withName("Pumpe ä"));
        Product switchedOff =
                registry.products()
                        .update(
                                "pk1",
                                OptionalLong.empty(),
                                settings -> settings.withDynamicActivation(false));

        assertThat(renamed.settings().name()).isEqualTo("Pumpe ä");
        assertThat(renamed.dynamicActivation()).isTrue();
        assertThat(switchedOff.settings().name()).isEqualTo("Pumpe ä");
        assertThat(switchedOff.dynamicActivation()).isFalse();
        assertThat(switchedOff.secret()).isEqualTo(created.secret());
        assertThat(registry.products().find("pk1")).contains(switchedOff);
    }

    @Test
    void changesNoProductThatThereIsNot() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                registry.products()
                                        .update(
                                                "pk1",
                                                OptionalLong.empty(),
                                                settings -> settings.withName("x")))
                .withMessageContaining("pk1");
    }

    @Test
    void findsAProductAsItWasCreated() {
        Product created =
                registry.products()
                        .create(
                                Optional.of("pk1"),
                                settings ->
                                        settings.withName("Pump ä").withDynamicActivation(true));

        assertThat(created.createdAt()).isEqualTo(NOW);
        assertThat(created.dynamicActivation()).isTrue();
        assertThat(registry.products().find("pk1")).contains(created);
    }

    @Test
    void generatesAProductKeyAndTakesItAsTheName() {
        Product created = registry.products().create(GENERATED, settings -> settings);

        assertThat(created.productKey()).matches("[A-Za-z0-9]{8}");
        assertThat(created.settings().name()).isEqualTo(created.productKey());
        assertThat(registry.products().find(created.productKey())).contains(created);
    }

    @Test
    void knowsNoProductThatWasNotCreated() {
        assertThat(registry.products().find("pk1")).isEmpty();
    }

    @Test
    void refusesASecondProductOfTheSameKey() {
        Product first = product("pk1");

        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(() -> product("pk1"))
                .withMessage("product 'pk1' exists already");
        assertThat(registry.products().find("pk1")).contains(first);
    }

    @Test
    void refusesABadProductKeyAndABadName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> product("a/b"))
                .withMessageContaining("productKey 'a/b'");
        for (String name : List.of(" ", "x".repeat(101), "a\nb")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    registry.products()
                                            .create(GENERATED, settings -> settings.withName(name)))
                    .withMessageContaining("name is not 1 to 100 characters");
        }
        assertThat(registry.products().list("", 10)).isEmpty();
    }

    @Test
    void findsADeviceAsItWasCreated() {
        product("pk1");

        Device created = registry.createDevice("pk1", Optional.of("dev1"));

        assertThat(created.id()).isEqualTo(new DeviceId("pk1", "dev1"));
        assertThat(created.state())
                .isEqualTo(new DeviceState(DeviceStatus.INACTIVE, NOW.toEpochMilli(), NOW));
        assertThat(created.activatedAt()).isEmpty();
        assertThat(registry.findDevice(created.id())).contains(created);
    }

    @Test
    void generatesADeviceKey() {
        product("pk1");

        Device created = registry.createDevice("pk1", GENERATED);

        assertThat(created.id().deviceKey()).matches("[A-Za-z0-9]{10}");
        assertThat(registry.findDevice(created.id())).contains(created);
    }

    @Test
    void refusesADeviceOfAnUnknownProduct() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.createDevice("nope", GENERATED))
                .withMessage("product 'nope' is unknown");
    }

    @Test
    void refusesASecondDeviceOfTheSameKeyButNotInAnotherProduct() {
        product("pk1");
        product("pk2");
        Device first = registry.createDevice("pk1", Optional.of("dev1"));

        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(() -> registry.createDevice("pk1", Optional.of("dev1")))
                .withMessage("device 'dev1' exists already in 'pk1'");
        assertThat(registry.createDevice("pk2", Optional.of("dev1")).secret())
                .isNotEqualTo(first.secret());
        assertThat(registry.findDevice(first.id())).contains(first);
    }

    @Test
    void refusesABadDeviceKey() {
        product("pk1");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.createDevice("pk1", Optional.of("a/b")))
                .withMessageContaining("deviceKey 'a/b'");
    }

    @Test
    void createsOneDeviceWhenManyTryTheSameKey() throws Exception {
        product("pk1");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<Boolean>> tries = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tries.add(
                    threads.submit(
                            () -> {
                                try {
                                    registry.createDevice("pk1", Optional.of("dev1"));
                                    return true;
                                } catch (AlreadyExistsException second) {
                                    return false;
                                }
                            }));
        }
        int created = 0;
        for (Future<Boolean> attempt : tries) {
            created += attempt.get() ? 1 : 0;
        }
        threads.shutdown();
        assertThat(created).isEqualTo(1);
    }

    @Test
    void listsProductsPageByPage() {
        List<String> keys = List.of("B", "_x", "a", "a-1", "a1", "b");
        keys.forEach(this::product);

        Set<String> read = new HashSet<>();
        String after = "";
        for (int page = 0; page < 3; page++) {
            List<Product> products = registry.products().list(after, 2);
            assertThat(products).hasSize(2);
            products.forEach(product -> read.add(product.productKey()));
            after = products.get(1).productKey();
        }

        assertThat(read).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(registry.products().list(after, 2)).isEmpty();
    }

    @Test
    void listsTheDevicesOfAProductInByteOrderOnEveryDatabase() {
        product("pk1");
        product("pk2");
        registry.createDevice("pk2", Optional.of("other"));
        for (String key : List.of("b", "a", "_", "B", "a-1", "a1", "A:1")) {
            registry.createDevice("pk1", Optional.of(key));
        }

        assertThat(registry.listDevices("pk1", "", 1000))
                .extracting(device -> device.id().deviceKey())
                .containsExactly("A:1", "B", "_", "a", "a-1", "a1", "b");
        assertThat(registry.listDevices("pk1", "_", 2))
                .extracting(device -> device.id().deviceKey())
                .containsExactly("a", "a-1");
        assertThat(registry.listDevices("nope", "", 10)).isEmpty();
    }

    @Test
    void listsTheStatesOfAllProductsInPages() {
        product("pk2");
        product("pk1");
        product("empty");
        for (String key : List.of("b", "a-1", "A:1")) {
            registry.createDevice("pk1", Optional.of(key));
        }
        Device online =
                withState(
                        registry.createDevice("pk2", Optional.of("B")),
                        DeviceStatus.ONLINE,
                        17 + NOW.toEpochMilli());
        registry.writeStates(List.of(UnwrittenState.of(online)));

        Map<DeviceId, DeviceState> first = registry.listStates(Optional.empty(), 2);
        var second = registry.listStates(Optional.of(new DeviceId("pk1", "a-1")), 1000);

        assertThat(first.keySet())
                .containsExactly(new DeviceId("pk1", "A:1"), new DeviceId("pk1", "a-1"));
        assertThat(first.values())
                .extracting(DeviceState::status)
                .containsOnly(DeviceStatus.INACTIVE);
        assertThat(second.keySet()).containsExactly(new DeviceId("pk1", "b"), online.id());
        assertThat(second).containsEntry(online.id(), online.state());
        assertThat(registry.listStates(Optional.of(online.id()), 1000)).isEmpty();
    }

    @Test
    void refusesAPageWithoutALimit() {
        for (int limit : new int[] {0, -1, 1001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> registry.products().list("", limit))
                    .withMessage("limit " + limit + " is not 1 to 1000");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> registry.listDevices("pk1", "", limit));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> registry.listStates(Optional.empty(), limit));
        }
    }

    @Test
    void writesStatesInABatch() {
        product("pk1");
        List<Device> changed = new ArrayList<>();
        for (DeviceStatus status : DeviceStatus.values()) {
            Device device = registry.createDevice("pk1", Optional.of(status.name()));
            changed.add(withState(device, status, device.state().version() + 7));
        }

        assertThat(registry.writeStates(changed.stream().map(UnwrittenState::of).toList()))
                .isEqualTo(4);

        for (Device device : changed) {
            assertThat(registry.findDevice(device.id())).contains(device);
        }
    }

    @Test
    void neverOverwritesANewerState() {
        product("pk1");
        Device device = registry.createDevice("pk1", Optional.of("dev1"));
        long version = device.state().version();
        Device newer = withState(device, DeviceStatus.DISABLED, version + 2);
        registry.writeStates(List.of(UnwrittenState.of(newer)));

        Device older = withState(device, DeviceStatus.ONLINE, version + 1);
        Device same = withState(device, DeviceStatus.ONLINE, version + 2);

        assertThat(registry.writeStates(List.of(UnwrittenState.of(older)))).isZero();
        assertThat(registry.writeStates(List.of(UnwrittenState.of(same)))).isZero();
        assertThat(registry.findDevice(device.id())).contains(newer);
    }

    @Test
    void writesNothingForADeviceThatIsNotThere() {
        product("pk1");
        Device device = registry.createDevice("pk1", Optional.of("dev1"));
        Device stranger =
                withState(
                        new Device(
                                new DeviceId("pk1", "dev2"),
                                device.secrets(),
                                device.state(),
                                device.createdAt(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        DeviceStatus.ONLINE,
                        Long.MAX_VALUE);

        assertThat(registry.writeStates(List.of(UnwrittenState.of(stranger)))).isZero();
        assertThat(registry.findDevice(stranger.id())).isEmpty();
        assertThat(registry.writeStates(List.of())).isZero();
    }

    @Test
    void takesOnlineDevicesOfflineWithANewVersion() {
        product("pk1");
        Device old = state("old", DeviceStatus.ONLINE, NOW.toEpochMilli() + 1);
        Device ahead = state("ahead", DeviceStatus.ONLINE, NOW.toEpochMilli() + 5000);
        Device barred = state("barred", DeviceStatus.DISABLED, NOW.toEpochMilli() + 1);
        DeviceRegistry later =
                new DeviceRegistry(database, Clock.fixed(NOW.plusMillis(1000), ZoneOffset.UTC));

        assertThat(later.takeAllOffline()).isEqualTo(2);

        Device offline = later.findDevice(old.id()).orElseThrow();
        assertThat(offline.state())
                .isEqualTo(
                        new DeviceState(
                                DeviceStatus.OFFLINE,
                                NOW.toEpochMilli() + 1000,
                                NOW.plusMillis(1000)));
        assertThat(offline.lastOfflineAt()).contains(NOW.plusMillis(1000));
        assertThat(later.findDevice(ahead.id()).orElseThrow().state().version())
                .isEqualTo(NOW.toEpochMilli() + 5001);
        assertThat(later.findDevice(barred.id()))
                .contains(barred.withVersion(NOW.toEpochMilli() + 1000));
        assertThat(later.takeAllOffline()).isZero();
    }

    @Test
    void countsDevicesByStatus() {
        assertThat(registry.countDevices()).hasSize(4).containsValue(0L).doesNotContainValue(1L);
        product("pk1");
        state("a", DeviceStatus.ONLINE, Long.MAX_VALUE);
        state("b", DeviceStatus.ONLINE, Long.MAX_VALUE);
        state("c", DeviceStatus.DISABLED, Long.MAX_VALUE);

        assertThat(registry.countDevices())
                .containsEntry(DeviceStatus.ONLINE, 2L)
                .containsEntry(DeviceStatus.DISABLED, 1L)
                .containsEntry(DeviceStatus.OFFLINE, 0L);
    }

    @Test
    void tellsListenersOfWhatIsDurable() {
        List<Object> told = new ArrayList<>();
        registry.addListener(
                new RegistryListener() {
                    @Override
                    public void productCreated(Product product) {
                        told.add(registry.products().find(product.productKey()).orElseThrow());
                    }

                    @Override
                    public void productChanged(String productKey) {
                        told.add(productKey);
                    }

                    @Override
                    public void deviceCreated(Device device) {
                        told.add(registry.findDevice(device.id()).orElseThrow());
                    }

                    @Override
                    public void applicationCreated(Application application) {
                        throw new AssertionError();
                    }

                    @Override
                    public void applicationChanged(String username) {
                        throw new AssertionError();
                    }
                });

        Product product = product("pk1");
        Device device = registry.createDevice("pk1", GENERATED);

        registry.products()
                .update("pk1", OptionalLong.empty(), settings -> settings.withName("Pumps"));

        assertThat(told).containsExactly(product, device, "pk1");
    }

    @Test
    void keepsEverythingWhenReopened() throws IOException {
        Product product = product("pk1");
        Device device = state("dev1", DeviceStatus.OFFLINE, Long.MAX_VALUE);
        database.close();

        open(settings);

        assertThat(registry.products().find("pk1")).contains(product);
        assertThat(registry.findDevice(device.id())).contains(device);
    }

    @Test
    void doesNotOpenWithAnotherKey() throws IOException {
        product("pk1");
        database.close();
        SecretCipher another = SecretCipher.load(folder.resolve("another-key"));

        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> RegistryDatabase.open(settings, another))
                .withMessageContaining("another-key");
    }

    @Test
    void findsManyDevicesOfSeveralProductsAtOnce() {
        product("pk1");
        product("pk2");
        Device first = registry.createDevice("pk1", Optional.of("a"));
        Device second = registry.createDevice("pk2", Optional.of("b"));
        registry.createDevice("pk2", Optional.of("a"));
        Set<DeviceId> asked =
                Set.of(first.id(), second.id(), new DeviceId("pk1", "b"), new DeviceId("pk3", "a"));

        assertThat(registry.findDevices(asked))
                .containsOnly(Map.entry(first.id(), first), Map.entry(second.id(), second));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.findDevices(Set.of()));
    }

    @Test
    void doesNotReadASecretThatWasPutIntoAnotherRow() {
        product("pk1");
        Device victim = registry.createDevice("pk1", Optional.of("victim"));
        registry.createDevice("pk1", Optional.of("thief"));
        int swapped =
                database.write(
                        "swap secrets",
                        handle ->
                                handle.execute(
                                        "UPDATE device SET secret = (SELECT secret FROM device"
                                                + " WHERE device_key = 'thief')"
                                                + " WHERE device_key = 'victim'"));

        assertThat(swapped).isEqualTo(1);
        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> registry.findDevice(victim.id()))
                .withMessageContaining("device pk1/victim");
    }

    @Test
    void storesNoSecretInTheClear() {
        Product product = product("pk1");
        Device device = registry.createDevice("pk1", GENERATED);

        List<String> stored =
                database.read(
                        "read secrets",
                        handle ->
                                handle.createQuery(
                                                "SELECT secret FROM product UNION ALL"
                                                        + " SELECT secret FROM device")
                                        .mapTo(String.class)
                                        .list());

        assertThat(stored)
                .hasSize(2)
                .noneMatch(text -> text.contains(product.secret().reveal()))
                .noneMatch(text -> text.contains(device.secret().reveal()));
    }

    @Test
    void isUnavailableWhenClosed() {
        product("pk1");
        database.close();

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.products().find("pk1"))
                .withMessage("registry cannot find product");
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.createDevice("pk1", GENERATED));
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.writeStates(List.of()));
    }

    @Test
    void isUnavailableWhenSqlFailsAndTellsNoArguments() {
        int dropped =
                database.write("drop a table", handle -> handle.execute("DROP TABLE application"));
        assertThat(dropped).isNotNegative();
        ApplicationRegistry applications = new ApplicationRegistry(database, Clock.systemUTC());

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(
                        () ->
                                applications.create(
                                        "app1", "hash-of-password", Optional.of("the-verifier")))
                .withMessage("registry cannot create application app1")
                .withStackTraceContaining("application")
                .satisfies(
                        failure ->
                                assertThat(Throwables.getStackTrace(failure))
                                        .doesNotContain("hash-of-password", "the-verifier"));
    }

    private Product product(String key) {
        return registry.products().create(Optional.of(key), settings -> settings);
    }

    private Device state(String key, DeviceStatus status, long version) {
        Device device = withState(registry.createDevice("pk1", Optional.of(key)), status, version);
        assertThat(registry.writeStates(List.of(UnwrittenState.of(device)))).isEqualTo(1);
        return device;
    }

    private void open(RegistrySettings existing) throws IOException {
        database = RegistryDatabase.open(existing, SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Device withState(Device device, DeviceStatus status, long version) {
        return new Device(
                device.id(),
                device.secrets(),
                new DeviceState(status, version, NOW.plusSeconds(1)),
                device.createdAt(),
                Optional.of(NOW.plusSeconds(2)),
                Optional.of(NOW.plusSeconds(3)),
                Optional.empty());
    }
}
