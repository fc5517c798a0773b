package io.muster.devices.registry.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class FirmwareTableTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final DeviceId DEVICE = new DeviceId("pk1", "dk1");
    private static final String URL = "https://files.example/1.bin";

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private FirmwareTable firmware;

    FirmwareTableTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithADevice() throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.systemUTC());
        registry.products().create(Optional.of("pk1"), settings -> settings);
        registry.products().create(Optional.of("pk2"), settings -> settings);
        registry.createDevice("pk1", Optional.of("dk1"));
        firmware = new FirmwareTable(database, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private static Firmware version(String version, int size) {
        return new Firmware(version, URL, size, "abc", "md5");
    }

    @Test
    void offersReplacesAndWithdrawsVersionsOfAProduct() {
        firmware.offer("pk1", version("1.0", 7));
        firmware.offer("pk1", version("1.1", 8));
        firmware.offer("pk1", version("1.0", 9));

        assertThat(firmware.list("pk1")).containsExactly(version("1.1", 8), version("1.0", 9));
        assertThat(firmware.find("pk1", "1.1")).contains(version("1.1", 8));
        assertThat(firmware.list("pk2")).isEmpty();
        assertThat(firmware.find("pk2", "1.1")).isEmpty();

        assertThat(firmware.withdraw("pk1", "1.1")).isTrue();
        assertThat(firmware.withdraw("pk1", "1.1")).isFalse();
        assertThat(firmware.list("pk1")).containsExactly(version("1.0", 9));
    }

    @Test
    void offersNothingToAProductThatThereIsNot() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> firmware.offer("pk9", version("1.0", 7)));
    }

    @Test
    void offersNoMoreThanTwenty() {
        for (int i = 0; i < FirmwareTable.OFFERED_MAX; i++) {
            firmware.offer("pk1", version("1." + i, 7));
        }
        firmware.offer("pk1", version("1.0", 8));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> firmware.offer("pk1", version("2.0", 7)))
                .withMessageContaining("at most 20");
        assertThat(firmware.list("pk1")).hasSize(20);
    }

    @Test
    void keepsWhatADeviceLastSaid() {
        assertThat(firmware.reported(DEVICE)).isEqualTo(ReportedFirmware.NOTHING);

        firmware.reportVersion(DEVICE, "1.0");
        firmware.reportProgress(DEVICE, "50", "half");
        firmware.reportProgress(DEVICE, "-2", "no route");
        firmware.reportVersion(DEVICE, "1.1");

        assertThat(firmware.reported(DEVICE))
                .isEqualTo(
                        new ReportedFirmware(
                                Optional.of(new ReportedFirmware.Running("1.1", NOW)),
                                Optional.of(new ReportedFirmware.Progress("-2", "no route", NOW))));
    }

    @Test
    void hearsNothingOfADeviceThatThereIsNot() {
        DeviceId nobody = new DeviceId("pk1", "nobody");

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> firmware.reportVersion(nobody, "1.0"));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> firmware.reportProgress(nobody, "1", ""));
    }

    @Test
    void goesWithItsDeviceAndItsProduct() {
        firmware.offer("pk1", version("1.0", 7));
        firmware.reportVersion(DEVICE, "1.0");

        registry.deleteDevice(DEVICE);
        assertThat(firmware.reported(DEVICE)).isEqualTo(ReportedFirmware.NOTHING);
        registry.products().delete("pk1", OptionalLong.empty());
        assertThat(firmware.list("pk1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "1/2", "ä"})
    void aVersionIsAShortWord(String version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> version(version, 7))
                .withMessageContaining("version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "file:///etc/passwd", "https:", "no url", "/1.bin"})
    void aUrlIsOneThatDevicesCanFetch(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Firmware("1", url, 7, "abc", "md5"))
                .withMessageContaining("url");
    }

    @Test
    void refusesTextsThatAreTooLongAndASizeOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> firmware.reportVersion(DEVICE, "x".repeat(65)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> firmware.reportProgress(DEVICE, "1", "x".repeat(257)));
        assertThatIllegalArgumentException().isThrownBy(() -> version("1", 0));
    }
}
