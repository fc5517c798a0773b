package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.application.Application;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.change.RegistryListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class DeletionTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;

    DeletionTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithAProduct() throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
        registry.products()
                .create(Optional.of("pk1"), settings -> settings.withDynamicActivation(true));
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private Device create(String deviceKey) {
        return registry.createDevice("pk1", Optional.of(deviceKey));
    }

    /** Of a device that was deleted meanwhile, whoever has its name now. */
    @Test
    void aStateThatIsWrittenLateDoesNotReachWhoIsRegisteredUnderTheNameNow() {
        Device before = create("dev1");
        registry.deleteDevice(before.id());
        DeviceRegistry later =
                new DeviceRegistry(database, Clock.fixed(NOW.plusMillis(1), ZoneOffset.UTC));
        Device now = later.createDevice("pk1", Optional.of("dev1"));

        Device late = inState(before, DeviceStatus.OFFLINE, Long.MAX_VALUE);

        assertThat(later.writeStates(List.of(UnwrittenState.of(late)))).isZero();
        assertThat(later.findDevice(now.id())).contains(now);
    }

    private static Device inState(Device device, DeviceStatus status, long version) {
        return new Device(
                device.id(),
                device.secrets(),
                new DeviceState(status, version, NOW),
                device.createdAt(),
                device.activatedAt(),
                device.lastOnlineAt(),
                device.lastOfflineAt());
    }

    /** Whoever comes at the worst moment: when it is done, and nobody was told yet. */
    @Test
    void thatAProductIsCreatedAndDeletedIsToldInTheOrderInWhichThatHappened() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        List<Thread> others = Collections.synchronizedList(new ArrayList<>());
        registry.addListener(
                new RegistryListener() {
                    @Override
                    public void productDeleted(String productKey) {
                        if (told.isEmpty()) {
                            letComeFirst(
                                    others,
                                    () ->
                                            registry.products()
                                                    .create(Optional.of(productKey), made -> made));
                        }
                        told.add("deleted");
                    }

                    @Override
                    public void productCreated(Product product) {
                        letComeFirst(others, () -> delete(product.productKey()));
                        told.add("created");
                    }
                });

        delete("pk1");
        others.get(0).join();
        others.get(1).join();

        assertThat(told).containsExactly("deleted", "created", "deleted");
    }

    private void delete(String productKey) {
        registry.products().delete(productKey, OptionalLong.empty());
    }

    /** If it can. */
    private static void letComeFirst(List<Thread> others, Runnable change) {
        Thread other = new Thread(change);
        others.add(other);
        other.start();
        try {
            other.join(300);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aDeletedDeviceIsGoneAndNoOtherIs() {
        Device one = create("dev1");
        Device other = create("dev2");

        registry.deleteDevice(one.id());

        assertThat(registry.findDevice(one.id())).isEmpty();
        assertThat(registry.listDevices("pk1", "", 10)).containsExactly(other);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.deleteDevice(one.id()))
                .withMessageContaining("pk1/dev1");
    }

    @Test
    void oneThatIsRegisteredAgainHasAnotherSecretAndALaterVersionWhateverTheClockSays() {
        Device first = create("dev1");
        long ahead = NOW.plusSeconds(3600).toEpochMilli();
        registry.writeStates(
                List.of(UnwrittenState.of(inState(first, DeviceStatus.DISABLED, ahead))));
        registry.deleteDevice(first.id());

        Device second = create("dev1");

        assertThat(second.secret()).isNotEqualTo(first.secret());
        assertThat(second.status()).isEqualTo(DeviceStatus.INACTIVE);
        assertThat(second.state().version()).isEqualTo(ahead + 1);
        assertThat(registry.findDevice(second.id())).contains(second);
    }

    @Test
    void versionsThatOnlyMemoryKnewCountToo() {
        Device first = create("dev1");
        long ahead = NOW.plusSeconds(60).toEpochMilli();
        registry.addListener(
                new DeafListener() {
                    @Override
                    public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
                        return ahead;
                    }
                });
        registry.deleteDevice(first.id());

        assertThat(create("dev1").state().version()).isEqualTo(ahead + 1);
    }

    @Test
    void aStateThatIsWrittenLateReachesNeitherTheDeletedDeviceNorTheOneAfterIt() {
        Device first = create("dev1");
        Device late = inState(first, DeviceStatus.OFFLINE, first.state().version() + 5);
        registry.addListener(
                new DeafListener() {
                    @Override
                    public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
                        return late.state().version();
                    }
                });
        registry.deleteDevice(first.id());
        assertThat(registry.writeStates(List.of(UnwrittenState.of(late)))).isZero();
        assertThat(registry.findDevice(first.id())).isEmpty();

        Device second = create("dev1");

        assertThat(registry.writeStates(List.of(UnwrittenState.of(late)))).isZero();
        assertThat(registry.findDevice(first.id())).contains(second);
    }

    @Test
    void whatRefersToADeviceGoesWithIt() {
        database.write(
                "add a table",
                handle ->
                        handle.execute(
                                """
                                CREATE TABLE device_note (
                                  product_key VARCHAR(20) NOT NULL,
                                  device_key VARCHAR(64) NOT NULL,
                                  note VARCHAR(20) NOT NULL,
                                  FOREIGN KEY (product_key, device_key)
                                    REFERENCES device (product_key, device_key) ON DELETE CASCADE)
                                """));
        for (String key : List.of("dev1", "dev2", "dev3")) {
            create(key);
            database.write(
                    "add a note",
                    handle ->
                            handle.execute(
                                    "INSERT INTO device_note VALUES ('pk1', ?, 'note')", key));
        }

        registry.deleteDevice(new DeviceId("pk1", "dev2"));
        assertThat(notes()).containsExactly("dev1", "dev3");

        registry.deleteDevices("pk1", 10);
        assertThat(notes()).isEmpty();
    }

    private List<String> notes() {
        return database.read(
                "read notes",
                handle ->
                        handle.createQuery("SELECT device_key FROM device_note ORDER BY device_key")
                                .mapTo(String.class)
                                .list());
    }

    @Test
    void aProductWithDevicesIsNotDeleted() {
        create("dev1");
        create("dev2");

        assertThatExceptionOfType(ProductInUseException.class)
                .isThrownBy(() -> registry.products().delete("pk1", OptionalLong.empty()))
                .withMessage("product 'pk1' has 2 devices");
        assertThat(registry.products().find("pk1")).isPresent();
    }

    @Test
    void aProductIsDeletedWhenItsDevicesAreAndThoseOfOthersStay() {
        registry.products().create(Optional.of("pk2"), settings -> settings);
        Device other = registry.createDevice("pk2", Optional.of("dev1"));
        for (int i = 1; i <= 5; i++) {
            create("dev" + i);
        }

        List<Set<DeviceId>> deleted = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            deleted.add(registry.deleteDevices("pk1", 2));
        }
        registry.products().delete("pk1", OptionalLong.empty());

        assertThat(deleted).extracting(Set::size).containsExactly(2, 2, 1, 0);
        assertThat(registry.products().find("pk1")).isEmpty();
        assertThat(registry.products().list("", 10)).hasSize(1);
        assertThat(registry.findDevice(other.id())).contains(other);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.products().delete("pk1", OptionalLong.empty()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.deleteDevices("pk1", 2));
    }

    /** Hears of everything and does nothing. */
    private abstract static class DeafListener implements RegistryListener {

        @Override
        public void productCreated(Product product) {}

        @Override
        public void productChanged(String productKey) {}

        @Override
        public void deviceCreated(Device device) {}

        @Override
        public void applicationCreated(Application application) {}

        @Override
        public void applicationChanged(String username) {}
    }
}
