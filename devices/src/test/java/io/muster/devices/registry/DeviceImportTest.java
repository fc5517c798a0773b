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
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import io.muster.devices.registry.search.DeviceRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class DeviceImportTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;

    DeviceImportTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithAProduct() throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
        registry.products().create(Optional.of("pk1"), settings -> settings);
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private static List<NewDevice> devices(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> NewDevice.of("dev%05d".formatted(i), Secret.of("secret " + i)))
                .toList();
    }

    @Test
    void createsDevicesAsOneByOne() {
        assertThat(registry.importDevices("pk1", devices(2_500))).isEmpty();

        assertThat(registry.countDevices()).containsEntry(DeviceStatus.INACTIVE, 2_500L);
        Device last = registry.findDevice(new DeviceId("pk1", "dev02499")).orElseThrow();
        assertThat(last.secret()).isEqualTo(Secret.of("secret 2499"));
        assertThat(last.secrets().previous()).isEmpty();
        assertThat(last.createdAt()).isEqualTo(NOW);
        assertThat(last.state())
                .isEqualTo(new DeviceState(DeviceStatus.INACTIVE, NOW.toEpochMilli(), NOW));
    }

    @Test
    void devicesAreFoundByTheirAssetIdentifiersHoweverTheyCame() {
        registry.importDevices("pk1", devices(2_500));
        DeviceId single = registry.createDevice("pk1", Optional.of("single")).id();
        DeviceRecords records = new DeviceRecords(database);

        for (DeviceId id : List.of(new DeviceId("pk1", "dev02499"), single)) {
            assertThat(records.find(AssetId.of(id))).containsExactly(id);
        }
        registry.deleteDevice(single);
        assertThat(records.find(AssetId.of(single))).isEmpty();
    }

    @Test
    void createsNoneIfOneNameIsTakenAndNamesAllThatAre() {
        Device first = registry.createDevice("pk1", Optional.of("dev00003"));
        Device second = registry.createDevice("pk1", Optional.of("dev01700"));

        assertThat(registry.importDevices("pk1", devices(2_500)))
                .containsExactlyInAnyOrder(first.id(), second.id());

        assertThat(registry.listDevices("pk1", "", 10)).containsExactly(first, second);
    }

    @Test
    void createsNoneOfAProductThatIsNotThereOrOfMoreThanAreAllowed() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.importDevices("pk2", devices(1)))
                .withMessageContaining("pk2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.importDevices("pk1", List.of()))
                .withMessageContaining("0 devices are not 1 to 100000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.importDevices("pk1", devices(100_001)));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.importDevices(
                                        "pk1", List.of(NewDevice.of("a/b", Secret.of("s")))))
                .withMessageContaining("deviceKey 'a/b'");
    }

    @Test
    void aDeviceThatIsImportedUnderTheNameOfADeletedOneHasALaterVersion() {
        Device deleted = registry.createDevice("pk1", Optional.of("dev00000"));
        Device ahead = deleted.withVersion(NOW.plusSeconds(60).toEpochMilli());
        registry.writeStates(List.of(UnwrittenState.of(ahead)));
        registry.deleteDevice(deleted.id());

        registry.importDevices("pk1", devices(1));

        assertThat(registry.findDevice(deleted.id()).orElseThrow().state().version())
                .isEqualTo(ahead.state().version() + 1);
    }

    @Test
    void namesAndTagsAreImportedToo() {
        NewDevice named =
                new NewDevice(
                        "dev1",
                        Secret.of("s"),
                        Optional.of("Pump at the gate"),
                        Map.of("hall", "3", "line", "a"));

        assertThat(
                        registry.importDevices(
                                "pk1", List.of(named, NewDevice.of("dev2", Secret.of("t")))))
                .isEmpty();

        DeviceRecords records = new DeviceRecords(database);
        DeviceId first = new DeviceId("pk1", "dev1");
        DeviceId second = new DeviceId("pk1", "dev2");
        assertThat(records.find(first))
                .contains(new DeviceDetails(Optional.of("Pump at the gate"), 1, Optional.empty()));
        assertThat(records.find(second))
                .contains(new DeviceDetails(Optional.empty(), 1, Optional.empty()));
        assertThat(records.values(List.of(first, second), DeviceValues.Kind.TAG))
                .isEqualTo(Map.of(first, Map.of("hall", "3", "line", "a"), second, Map.of()));
    }

    private static NewDevice saying(String deviceKey, Map<String, String> attributes) {
        return new NewDevice(
                deviceKey, Secret.of("s"), Optional.empty(), Map.of(), attributes, false);
    }

    @Test
    void attributesAreImportedToo() {
        DeviceId id = new DeviceId("pk1", "dev1");
        Map<String, String> attributes = Map.of("size", "{\"w\":1.10}", "on", "true");

        registry.importDevices("pk1", List.of(saying("dev1", attributes)));

        assertThat(new DeviceValues(database).find(id, DeviceValues.Kind.ATTRIBUTE))
                .isEqualTo(attributes);
        assertThat(new DeviceRecords(database).values(List.of(id), DeviceValues.Kind.ATTRIBUTE))
                .isEqualTo(Map.of(id, attributes));
        assertThat(new DeviceValues(database).find(id, DeviceValues.Kind.TAG)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.importDevices(
                                        "pk1", List.of(saying("dev2", Map.of("", "1")))))
                .withMessageContaining("attribute ''");
    }

    @Test
    void aDeviceThatIsImportedAsDisabledIsBarredFromTheBeginning() {
        NewDevice barred =
                new NewDevice("dev1", Secret.of("s"), Optional.empty(), Map.of(), Map.of(), true);

        registry.importDevices("pk1", List.of(barred, NewDevice.of("dev2", Secret.of("t"))));

        assertThat(registry.listDevices("pk1", "", 10))
                .extracting(Device::status)
                .containsExactly(DeviceStatus.DISABLED, DeviceStatus.INACTIVE);
    }

    @Test
    void aTagThatIsNoneKeepsAllOut() {
        NewDevice bad =
                new NewDevice("dev1", Secret.of("s"), Optional.empty(), Map.of("a", "x\0y"));

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.importDevices(
                                        "pk1", List.of(NewDevice.of("dev0", Secret.of("s")), bad)))
                .withMessageContaining("U+0000");
        assertThat(registry.listDevices("pk1", "", 10)).isEmpty();
    }

    /** So many that they are brought to the database apart. */
    private static List<NewDevice> many() {
        return devices(1_500);
    }

    @Test
    void othersWriteWhileTheDevicesAreBroughtToTheDatabase() {
        Device other = registry.createDevice("pk1", Optional.of("other"));
        AtomicInteger written = new AtomicInteger();
        Collection<NewDevice> devices = many();
        DeviceImport imports = new DeviceImport(database, new Turn(database.settings().timeout()));
        List<DeviceImport.Row> rows =
                devices.stream()
                        .map(each -> imports.row(other(each.deviceKey(), other), each))
                        .toList();

        Set<DeviceId> taken =
                imports.insert(
                        Duration.ofMinutes(1),
                        Set.of("pk1"),
                        new WhileRead<>(rows, () -> written.addAndGet(write(other))),
                        handle -> {},
                        Supplier::get);

        assertThat(taken).isEmpty();
        assertThat(written.get()).isPositive();
        assertThat(registry.countDevices()).containsEntry(DeviceStatus.INACTIVE, 1_501L);
    }

    private static Device other(String deviceKey, Device like) {
        return new Device(
                new DeviceId("pk1", deviceKey),
                like.secrets(),
                like.state(),
                like.createdAt(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A state, by another thread; it fails if it has to wait for long. */
    private int write(Device device) {
        Device next = device.withVersion(device.state().version() + System.nanoTime());
        return CompletableFuture.supplyAsync(
                        () -> registry.writeStates(List.of(UnwrittenState.of(next))))
                .orTimeout(4, TimeUnit.SECONDS)
                .join();
    }

    /** Runs something in the middle of each reading. */
    private static final class WhileRead<T> extends AbstractCollection<T> {

        private final List<T> all;
        private final Runnable step;

        WhileRead(List<T> all, Runnable step) {
            this.all = all;
            this.step = step;
        }

        @Override
        public Iterator<T> iterator() {
            Iterator<T> each = all.iterator();
            return new Iterator<>() {
                private int read;

                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public T next() {
                    if (++read == all.size() / 2) {
                        step.run();
                    }
                    return each.next();
                }
            };
        }

        @Override
        public int size() {
            return all.size();
        }
    }

    @Test
    void whatFailsIsToldLikeEachFailureAndLeavesNothing() {
        AtomicInteger failures = new AtomicInteger();
        database.onFailure((isReading, failure) -> failures.addAndGet(isReading ? 0 : 1));
        database.write(
                "rename", handle -> handle.execute("ALTER TABLE device_value RENAME TO away"));

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.importDevices("pk1", many()))
                .withMessage("registry cannot import devices of [pk1]");
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.importDevices("pk1", devices(1)))
                .withMessage("registry cannot import devices of [pk1]");

        assertThat(failures).hasValue(2);
        database.write(
                "rename", handle -> handle.execute("ALTER TABLE away RENAME TO device_value"));
        assertThat(registry.importDevices("pk1", many())).isEmpty();
    }

    @Test
    void devicesThatSomebodyWantsAreCreatedInTheirOrderWithKeysAndTags() {
        registry.products().create(Optional.of("pk2"), settings -> settings);

        List<Device> created =
                registry.createDevices(
                        List.of(
                                new WantedDevice(
                                        "pk2",
                                        Optional.of("b"),
                                        Optional.of(Secret.of("burned in")),
                                        Optional.of("Pump"),
                                        Map.of("hall", "3"),
                                        Map.of("size", "[1]")),
                                wanted("pk1", Optional.empty()),
                                wanted("pk1", Optional.of("a"))),
                        DeviceImportTest::noMore);

        assertThat(created)
                .extracting(each -> each.id().productKey())
                .containsExactly("pk2", "pk1", "pk1");
        assertThat(created.get(0).secret().reveal()).isEqualTo("burned in");
        assertThat(created.get(1).secret().reveal()).matches("[A-Za-z0-9]{20}");
        assertThat(created.get(1).id().deviceKey()).matches("[A-Za-z0-9]{10}");
        for (Device each : created) {
            assertThat(registry.findDevice(each.id())).contains(each);
        }
        assertThat(
                        new DeviceRecords(database)
                                .values(List.of(created.get(0).id()), DeviceValues.Kind.TAG))
                .containsEntry(created.get(0).id(), Map.of("hall", "3"));
        assertThat(
                        new DeviceValues(database)
                                .find(created.get(0).id(), DeviceValues.Kind.ATTRIBUTE))
                .isEqualTo(Map.of("size", "[1]"));
    }

    @Test
    void devicesAreThereThoughTheirConnectionFailsAfterwards() {
        List<Handle> apart = new ArrayList<>();
        registry.addListener(
                new RegistryListener() {
                    @Override
                    public void deviceCreated(Device device) {
                        apart.forEach(Handle::close);
                    }
                });
        List<WantedDevice> many = Collections.nCopies(1_001, wanted("pk1", Optional.empty()));

        List<Device> created = registry.createDevices(many, (handle, all) -> apart.add(handle));

        assertThat(created).hasSize(1_001);
        assertThat(registry.findDevice(created.get(1_000).id())).isPresent();
    }

    /** Nothing else is written with the devices. */
    private static void noMore(Handle handle, List<Device> created) {}

    private static WantedDevice wanted(String productKey, Optional<String> deviceKey) {
        return new WantedDevice(
                productKey, deviceKey, Optional.empty(), Optional.empty(), Map.of(), Map.of());
    }

    @Test
    void devicesThatSomebodyWantsAreCreatedAllOrNone() {
        registry.createDevice("pk1", Optional.of("taken"));
        WantedDevice fresh = wanted("pk1", Optional.of("fresh"));

        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(
                        () ->
                                registry.createDevices(
                                        List.of(fresh, wanted("pk1", Optional.of("taken"))),
                                        DeviceImportTest::noMore))
                .withMessageContaining("pk1/taken");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                registry.createDevices(
                                        List.of(fresh, wanted("nope", Optional.empty())),
                                        DeviceImportTest::noMore))
                .withMessageContaining("nope");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.createDevices(
                                        List.of(fresh, fresh), DeviceImportTest::noMore))
                .withMessageContaining("twice");

        assertThat(registry.findDevice(new DeviceId("pk1", "fresh"))).isEmpty();
    }
}
