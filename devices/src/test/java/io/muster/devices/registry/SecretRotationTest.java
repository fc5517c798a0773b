package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.registry.secret.SecretUnreadableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
class SecretRotationTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final DeviceId DEV1 = new DeviceId("pk1", "dev1");

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;

    SecretRotationTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithADevice() throws IOException {
        database = kind.open(folder);
        registry = at(NOW);
        registry.products()
                .create(Optional.of("pk1"), settings -> settings.withDynamicActivation(true));
        registry.createDevice("pk1", Optional.of("dev1"));
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private DeviceRegistry at(Instant now) {
        return new DeviceRegistry(database, Clock.fixed(now, ZoneOffset.UTC));
    }

    private Device stored() {
        return registry.findDevice(DEV1).orElseThrow();
    }

    @Test
    void theSecretBeforeStaysGoodForTheOverlap() {
        Secret before = stored().secret();

        Device rotated = registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());

        assertThat(rotated.secret()).isNotEqualTo(before);
        assertThat(rotated.secrets().previous())
                .contains(new RotatingSecret.Previous(before, NOW.plus(HOUR)));
        assertThat(rotated.secrets().previousAt(NOW.plus(HOUR).minusMillis(1))).isPresent();
        assertThat(rotated.secrets().previousAt(NOW.plus(HOUR))).isEmpty();
        assertThat(stored()).isEqualTo(rotated);
    }

    @Test
    void withoutAnOverlapThereIsOneSecretOnly() {
        registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());

        Device rotated = registry.rotateDeviceSecret(DEV1, Duration.ZERO, OptionalLong.empty());

        assertThat(rotated.secrets().previous()).isEmpty();
        assertThat(stored()).isEqualTo(rotated);
    }

    @Test
    void aSecondRotationEndsTheOldestSecretAtOnce() {
        Secret first = registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty()).secret();

        Device rotated = registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());

        assertThat(rotated.secrets().previous().map(RotatingSecret.Previous::secret))
                .contains(first);
    }

    @Test
    void changesNothingElseAndNoOtherDevice() {
        Device other = registry.createDevice("pk1", Optional.of("dev2"));
        Device before = stored();

        Device rotated = registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());

        assertThat(rotated.withSecrets(before.secrets())).isEqualTo(before);
        assertThat(registry.findDevice(other.id())).contains(other);
    }

    @Test
    void aProductsSecretIsReplacedAlike() {
        Product before = registry.products().find("pk1").orElseThrow();

        Product rotated = registry.products().rotateSecret("pk1", HOUR, OptionalLong.empty());

        assertThat(rotated.secret()).isNotEqualTo(before.secret());
        assertThat(rotated.secrets().previous())
                .contains(new RotatingSecret.Previous(before.secret(), NOW.plus(HOUR)));
        assertThat(registry.products().find("pk1")).contains(rotated);
        assertThat(
                        registry.products()
                                .update(
                                        "pk1",
                                        OptionalLong.empty(),
                                        settings -> settings.withName("x"))
                                .secrets())
                .isEqualTo(rotated.secrets());
    }

    @Test
    void nobodyGetsASecretWhoIsNotThere() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                registry.rotateDeviceSecret(
                                        new DeviceId("pk1", "no"), HOUR, OptionalLong.empty()))
                .withMessageContaining("pk1/no");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () -> registry.products().rotateSecret("no", HOUR, OptionalLong.empty()))
                .withMessageContaining("'no'");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 2_592_001})
    void refusesAnOverlapThatIsNegativeOrLongerThanAMonth(long seconds) {
        Duration overlap = Duration.ofSeconds(seconds);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.rotateDeviceSecret(DEV1, overlap, OptionalLong.empty()))
                .withMessageContaining("not 0 to 2592000 s");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.products()
                                        .rotateSecret("pk1", overlap, OptionalLong.empty()))
                .withMessageContaining("not 0 to 2592000 s");
    }

    @Test
    void endedSecretsAreRemovedFromTheDatabaseAndNoOthers() {
        registry.createDevice("pk1", Optional.of("dev2"));
        registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());
        registry.products().rotateSecret("pk1", HOUR, OptionalLong.empty());
        registry.rotateDeviceSecret(
                new DeviceId("pk1", "dev2"), HOUR.plusMillis(1), OptionalLong.empty());

        at(NOW.plus(HOUR)).removeEndedSecrets();

        assertThat(stored().secrets().previous()).isEmpty();
        assertThat(registry.products().find("pk1").orElseThrow().secrets().previous()).isEmpty();
        assertThat(previousSecrets()).hasSize(1);
    }

    @Test
    void noSecretStandsReadableInTheDatabaseNorCanOneBeBroughtBackByMovingItsText() {
        Secret before = stored().secret();
        registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty());

        assertThat(previousSecrets()).hasSize(1).noneMatch(text -> text.contains(before.reveal()));
        database.write(
                "move a text",
                handle -> handle.execute("UPDATE device SET secret = previous_secret"));
        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(this::stored)
                .withMessageContaining("device pk1/dev1");
    }

    @Test
    void aSecretThatCannotBeReadCanStillBeReplacedWithoutAnOverlap() {
        database.write(
                "damage a secret", handle -> handle.execute("UPDATE device SET secret = 'x'"));

        assertThatExceptionOfType(SecretUnreadableException.class)
                .isThrownBy(() -> registry.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty()));
        assertThat(registry.rotateDeviceSecret(DEV1, Duration.ZERO, OptionalLong.empty()))
                .isEqualTo(stored());
    }

    @Test
    void ofManyRotationsAtATimeEachFollowsTheOneBefore() throws Exception {
        Secret first = stored().secret();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<Device>> rotations = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            // Two registries, as two processes have them: their turns do not protect each other.
            DeviceRegistry one = i % 2 == 0 ? registry : at(NOW);
            rotations.add(
                    threads.submit(() -> one.rotateDeviceSecret(DEV1, HOUR, OptionalLong.empty())));
        }
        List<Secret> made = new ArrayList<>(List.of(first));
        Set<Secret> followed = new HashSet<>();
        for (Future<Device> rotation : rotations) {
            RotatingSecret secrets = rotation.get().secrets();
            made.add(secrets.newest());
            followed.add(secrets.previous().orElseThrow().secret());
        }
        threads.shutdown();

        assertThat(followed).hasSize(12).isSubsetOf(made);
    }

    private List<String> previousSecrets() {
        return database.read(
                "read columns",
                handle ->
                        handle.createQuery(
                                        "SELECT previous_secret FROM device"
                                                + " WHERE previous_secret IS NOT NULL")
                                .mapTo(String.class)
                                .list());
    }
}
