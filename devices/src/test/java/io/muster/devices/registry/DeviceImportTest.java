package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Secret;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.search.DeviceRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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
        assertThat(records.tags(List.of(first, second)))
                .isEqualTo(Map.of(first, Map.of("hall", "3", "line", "a"), second, Map.of()));
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
}
