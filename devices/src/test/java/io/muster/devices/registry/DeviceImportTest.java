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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static Map<String, Secret> secrets(int count) {
        Map<String, Secret> secrets = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            secrets.put("dev%05d".formatted(i), Secret.of("secret " + i));
        }
        return secrets;
    }

    @Test
    void createsDevicesAsOneByOne() {
        assertThat(registry.importDevices("pk1", secrets(2_500))).isEmpty();

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

        assertThat(registry.importDevices("pk1", secrets(2_500)))
                .containsExactlyInAnyOrder(first.id(), second.id());

        assertThat(registry.listDevices("pk1", "", 10)).containsExactly(first, second);
    }

    @Test
    void createsNoneOfAProductThatIsNotThereOrOfMoreThanAreAllowed() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.importDevices("pk2", secrets(1)))
                .withMessageContaining("pk2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.importDevices("pk1", Map.of()))
                .withMessageContaining("0 devices are not 1 to 100000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.importDevices("pk1", secrets(100_001)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.importDevices("pk1", Map.of("a/b", Secret.of("s"))))
                .withMessageContaining("deviceKey 'a/b'");
    }

    @Test
    void aDeviceThatIsImportedUnderTheNameOfADeletedOneHasALaterVersion() {
        Device deleted = registry.createDevice("pk1", Optional.of("dev00000"));
        Device ahead = deleted.withVersion(NOW.plusSeconds(60).toEpochMilli());
        registry.writeStates(List.of(ahead));
        registry.deleteDevice(deleted.id());

        registry.importDevices("pk1", secrets(1));

        assertThat(registry.findDevice(deleted.id()).orElseThrow().state().version())
                .isEqualTo(ahead.state().version() + 1);
    }
}
