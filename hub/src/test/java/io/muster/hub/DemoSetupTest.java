package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.auth.application.PasswordHash;
import io.muster.auth.application.StoredPassword;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoSetupTest {

    private static final DeviceId DEVICE = new DeviceId("demo", "demo-device");

    private final Path path;
    private DataFolder folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private ApplicationRegistry applications;

    DemoSetupTest(@TempDir Path path) {
        this.path = path;
    }

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(path);
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + path.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(2)),
                        SecretCipher.load(folder.secretKeyFile()));
        registry = new DeviceRegistry(database, Clock.systemUTC());
        applications = new ApplicationRegistry(database, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        database.close();
        folder.close();
    }

    private Optional<FirstStart> run() {
        return new DemoSetup(folder, registry, applications, StoredPassword.SCRAM_ITERATIONS_MIN)
                .run();
    }

    private void assertComplete(FirstStart made) {
        assertThat(registry.findDevice(DEVICE).orElseThrow().secret().reveal())
                .isEqualTo(made.deviceSecret());
        assertThat(
                        PasswordHash.verify(
                                made.applicationPassword().getBytes(StandardCharsets.UTF_8),
                                applications.find("demo-app").orElseThrow().passwordHash()))
                .isTrue();
        assertThat(applications.find("demo-app").orElseThrow().scramVerifier()).isPresent();
        assertThat(folder.read("demo-unfinished")).isEmpty();
    }

    @Test
    void makesAProductADeviceAndAnApplicationAtTheFirstStart() throws IOException {
        FirstStart made = run().orElseThrow();

        assertThat(made.productKey()).isEqualTo("demo");
        assertThat(made.deviceKey()).isEqualTo("demo-device");
        assertThat(made.applicationUsername()).isEqualTo("demo-app");
        assertThat(made.applicationPassword()).matches("[A-Za-z0-9]{20}");
        assertComplete(made);
        Path file = path.resolve("demo.json");
        assertThat(new JsonMapper().readValue(file.toFile(), FirstStart.class)).isEqualTo(made);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void makesNothingAtTheSecondStart() throws IOException {
        run();
        String demo = Files.readString(path.resolve("demo.json"));

        assertThat(run()).isEmpty();
        assertThat(Files.readString(path.resolve("demo.json"))).isEqualTo(demo);
    }

    @Test
    void makesNothingInARegistryThatHasProducts() {
        registry.products().create(Optional.of("pump"), settings -> settings);

        assertThat(run()).isEmpty();
        assertThat(registry.products().find("demo")).isEmpty();
        assertThat(folder.read("demo.json")).isEmpty();
    }

    @Test
    void finishesAFirstStartThatEndedBeforeAnythingWasMade() {
        folder.write("demo-unfinished", "the-password\n");

        FirstStart made = run().orElseThrow();

        assertThat(made.applicationPassword()).isEqualTo("the-password");
        assertComplete(made);
    }

    @Test
    void finishesAFirstStartThatEndedAfterTheProduct() {
        folder.write("demo-unfinished", "the-password\n");
        registry.products().create(Optional.of("demo"), settings -> settings);

        assertComplete(run().orElseThrow());
    }

    @Test
    void finishesAFirstStartThatEndedAfterTheDevice() {
        folder.write("demo-unfinished", "the-password\n");
        registry.products().create(Optional.of("demo"), settings -> settings);
        registry.createDevice("demo", Optional.of("demo-device"));

        assertComplete(run().orElseThrow());
    }

    @Test
    void finishesAFirstStartThatEndedAfterTheApplication() {
        FirstStart before = run().orElseThrow();
        folder.delete("demo.json");
        folder.write("demo-unfinished", before.applicationPassword() + "\n");

        FirstStart made = run().orElseThrow();

        assertThat(made).isEqualTo(before);
        assertComplete(made);
        assertThat(run()).isEmpty();
    }

    @Test
    void printsNoSecret() {
        FirstStart made = run().orElseThrow();

        assertThat(made.toString())
                .contains("demo-device", "demo-app")
                .doesNotContain(made.deviceSecret())
                .doesNotContain(made.applicationPassword());
    }
}
