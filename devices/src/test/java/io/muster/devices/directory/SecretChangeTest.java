package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.SOON;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.SecretReplacedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that are replaced while devices use them. */
class SecretChangeTest {

    private static final int SIGNING = 4;
    private static final int ROUNDS = 100;

    private final DirectoryFixture fixture;
    private final DeviceDirectory directory;
    private final DeviceId id;

    /** Hardly anything stays in memory, so that devices are loaded again and again. */
    SecretChangeTest(@TempDir Path folder) throws IOException {
        fixture =
                new DirectoryFixture(
                        folder,
                        new DirectorySettings(1, NEVER, Duration.ofSeconds(90), SOON, NEVER));
        directory = fixture.directory;
        id = fixture.device("dev1");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void assertReplaced(Secret secret) {
        DeviceStatus before = fixture.now(id).status();
        assertThatThrownBy(() -> joined(fixture.signIn(id, secret)))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(SecretReplacedException.class)
                .hasMessageContaining("pk1/dev1")
                .hasMessageNotContaining(secret.reveal());
        assertThat(fixture.now(id).status()).isEqualTo(before);
    }

    @Test
    void aDeviceInMemoryHasTheNewSecretAtOnce() {
        Secret before = fixture.now(id).secret();

        Device rotated =
                fixture.registry.rotateDeviceSecret(id, Duration.ZERO, OptionalLong.empty());

        assertThat(fixture.now(id).secrets()).isEqualTo(rotated.secrets());
        assertReplaced(before);
        assertThat(joined(fixture.signIn(id, rotated.secret())).status())
                .isEqualTo(DeviceStatus.ONLINE);
    }

    @Test
    void aDeviceThatIsNotInMemoryIsLookedUpForASecretThatWasGoodBefore() {
        Secret before = fixture.stored(id).secret();

        fixture.registry.rotateDeviceSecret(id, Duration.ZERO, OptionalLong.empty());

        assertReplaced(before);
    }

    @Test
    void aConnectedDeviceKeepsItsStateAndGetsTheSecret() {
        Device online = joined(fixture.signIn(id));

        Device rotated =
                fixture.registry.rotateDeviceSecret(id, Duration.ZERO, OptionalLong.empty());

        assertThat(fixture.now(id)).isEqualTo(online.withSecrets(rotated.secrets()));
        assertReplaced(online.secret());
        await().until(() -> fixture.stored(id).equals(fixture.now(id)));
        joined(directory.connectionLost(id));
        await().until(() -> fixture.stored(id).equals(fixture.now(id)));
        assertReplaced(online.secret());
    }

    @Test
    void bothSecretsAreGoodUntilTheOverlapEnds() {
        Secret before = fixture.now(id).secret();
        Secret after =
                fixture.registry
                        .rotateDeviceSecret(id, Duration.ofMinutes(1), OptionalLong.empty())
                        .secret();

        fixture.pass(Duration.ofMillis(59_999));
        assertThat(joined(fixture.signIn(id, before)).status()).isEqualTo(DeviceStatus.ONLINE);
        assertThat(joined(fixture.signIn(id, after)).status()).isEqualTo(DeviceStatus.ONLINE);

        fixture.pass(Duration.ofMillis(1));
        assertReplaced(before);
        assertThat(joined(fixture.signIn(id, after))).isNotNull();
    }

    @Test
    void enablingADeviceDoesNotBringItsOldSecretBack() {
        joined(directory.disable(id).durable());
        Secret before = fixture.now(id).secret();
        AtomicReference<Device> rotated = new AtomicReference<>();
        directory.addListener(
                (device, status) -> {
                    // Once only, as the second enabling comes here too.
                    if (device.status() == DeviceStatus.INACTIVE && rotated.get() == null) {
                        rotated.set(
                                fixture.registry.rotateDeviceSecret(
                                        id, Duration.ZERO, OptionalLong.empty()));
                    }
                });

        joined(directory.enable(id));
        await().until(() -> rotated.get() != null);
        joined(directory.disable(id).durable());
        joined(directory.enable(id));

        assertThat(fixture.now(id).secrets())
                .isEqualTo(Objects.requireNonNull(rotated.get()).secrets());
        assertReplaced(before);
    }

    @Test
    void nobodyGetsInWithASecretThatWasReplacedHoweverManyTry() throws Exception {
        DeviceId another = fixture.device("dev2");
        AtomicReference<Secret> ended = new AtomicReference<>(Secret.of("never"));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger wrong = new AtomicInteger();
        AtomicInteger right = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(SIGNING);
        List<Future<?>> signing = new ArrayList<>();
        for (int i = 0; i < SIGNING; i++) {
            signing.add(
                    threads.submit(
                            () -> {
                                while (!over.get()) {
                                    Secret endedBefore = Objects.requireNonNull(ended.get());
                                    // As the authenticator finds it, perhaps long ago.
                                    Secret proof =
                                            joined(directory.find(id)).orElseThrow().secret();
                                    boolean in = signIn(proof);
                                    wrong.addAndGet(in && proof.equals(endedBefore) ? 1 : 0);
                                    wrong.addAndGet(signIn(endedBefore) ? 1 : 0);
                                    (in ? right : refused).incrementAndGet();
                                    joined(directory.connectionLost(id));
                                    joined(directory.find(another));
                                }
                            }));
        }
        for (int round = 1; round <= ROUNDS; round++) {
            Secret before = fixture.stored(id).secret();
            fixture.registry.rotateDeviceSecret(id, Duration.ZERO, OptionalLong.empty());
            ended.set(before);
            int seen = right.get();
            await().until(() -> right.get() > seen + 2);
        }
        over.set(true);
        for (Future<?> thread : signing) {
            thread.get();
        }
        threads.shutdown();

        assertThat(wrong).hasValue(0);
        await().until(() -> fixture.stored(id).equals(fixture.now(id)));
    }

    private boolean signIn(Secret proof) {
        try {
            joined(fixture.signIn(id, proof));
            return true;
        } catch (CompletionException replaced) {
            assertThat(replaced).hasCauseInstanceOf(SecretReplacedException.class);
            return false;
        }
    }
}
