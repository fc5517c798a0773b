package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static io.muster.devices.directory.DirectoryFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceDirectoryTest {

    private final DirectoryFixture fixture;
    private final DeviceDirectory directory;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private DeviceId id = new DeviceId("pk1", "unknown");

    DeviceDirectoryTest(@TempDir Path folder) throws IOException {
        fixture = new DirectoryFixture(folder, settings(NEVER));
        directory = fixture.directory;
    }

    @BeforeEach
    void createADevice() {
        id = fixture.device("dev1");
        directory.addListener(
                (device, before) ->
                        told.add(device.id().deviceKey() + " " + before + ">" + device.status()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void signsInADeviceThatWasJustCreated() {
        Device device = joined(fixture.signIn(id));

        assertThat(device.status()).isEqualTo(DeviceStatus.ONLINE);
        assertThat(device.activatedAt()).contains(device.state().since());
        assertThat(device.lastOnlineAt()).contains(device.state().since());
        assertThat(fixture.now(id)).isEqualTo(device);
        await().until(() -> told.equals(List.of("dev1 INACTIVE>ONLINE")));
    }

    @Test
    void waitsForNoSqlWhenADeviceIsInMemory() {
        joined(directory.find(id));
        fixture.database.close();

        CompletionStage<Device> signedIn = fixture.signIn(id);
        assertThat(signedIn.toCompletableFuture()).isCompletedWithValueMatching(this::isOnline);
        assertThat(directory.find(id).toCompletableFuture()).isCompleted();
        assertThat(directory.connectionLost(id).toCompletableFuture()).isCompleted();
    }

    private boolean isOnline(Device device) {
        return device.status() == DeviceStatus.ONLINE;
    }

    @Test
    void failsAndDoesNotSayUnknownWhenTheRegistryCannotBeAsked() {
        fixture.database.close();

        assertFails(directory.find(id), RegistryUnavailableException.class);
        assertFails(fixture.signIn(id), RegistryUnavailableException.class);
        assertFails(directory.findProduct("pk1"), RegistryUnavailableException.class);
        assertFails(directory.findApplication("app1"), RegistryUnavailableException.class);
        assertFails(directory.disable(id).durable(), RegistryUnavailableException.class);
        assertFails(directory.enable(id), RegistryUnavailableException.class);
    }

    @Test
    void knowsNoUnknownDevice() {
        DeviceId unknown = new DeviceId("pk1", "dev2");

        assertThat(joined(directory.find(unknown))).isEmpty();
        assertFails(fixture.signIn(unknown), NotFoundException.class);
        assertFails(directory.disable(unknown).durable(), NotFoundException.class);
        assertFails(directory.enable(unknown), NotFoundException.class);
        directory.sentData(unknown);
    }

    @Test
    void remembersForAShortTimeThatADeviceIsUnknown() {
        DeviceId unknown = new DeviceId("pk1", "dev2");
        assertThat(joined(directory.find(unknown))).isEmpty();
        fixture.database.close();

        fixture.pass(Duration.ofSeconds(4));
        assertThat(joined(directory.find(unknown))).isEmpty();
        fixture.pass(Duration.ofSeconds(2));
        assertFails(directory.find(unknown), RegistryUnavailableException.class);
    }

    @Test
    void findsAtOnceWhatWasUnknownBefore() {
        assertThat(joined(directory.find(new DeviceId("pk1", "dev2")))).isEmpty();
        assertThat(joined(directory.findProduct("pk2"))).isEmpty();
        assertThat(joined(directory.findApplication("app1"))).isEmpty();

        DeviceId created = fixture.device("dev2");
        var product =
                fixture.registry
                        .products()
                        .create(
                                Optional.of("pk2"),
                                settings -> settings.withDynamicActivation(true));
        var application = fixture.applications.create("app1", "hash", Optional.empty());

        assertThat(joined(fixture.signIn(created))).matches(this::isOnline);
        assertThat(joined(directory.findProduct("pk2"))).contains(product);
        assertThat(joined(directory.findApplication("app1"))).contains(application);
    }

    @Test
    void onlyTheFirstSignInIsTheFirstHoweverSoonTheNextOneComes() {
        assertThat(isFirst(id)).isTrue();
        assertThat(isFirst(id)).as("while it is online").isFalse();
        joined(directory.connectionLost(id));
        assertThat(isFirst(id)).as("in the same millisecond").isFalse();
        joined(directory.disable(id).durable());
        assertThat(isFirst(id)).as("when it is refused").isFalse();
        joined(directory.enable(id));
        assertThat(isFirst(id)).isFalse();
    }

    private boolean isFirst(DeviceId id) {
        return joined(
                        directory.withDevice(
                                id,
                                () -> directory.signedIn(id, Optional.empty(), Optional.empty())))
                .isFirst();
    }

    @Test
    void aDisabledDeviceThatWasNeverOnlineHasNoFirstSignIn() {
        joined(directory.disable(id).durable());

        assertThat(isFirst(id)).isFalse();
        joined(directory.enable(id));
        assertThat(isFirst(id)).isTrue();
    }

    @Test
    void findsAnAccountsNewScramVerifierAtOnce() {
        Application old = fixture.applications.create("app1", "hash", Optional.empty());
        assertThat(joined(directory.findApplication("app1"))).contains(old);

        joined(directory.storeScramVerifier(old, "verifier"));

        assertThat(joined(directory.findApplication("app1")).flatMap(Application::scramVerifier))
                .contains("verifier");
    }

    @Test
    void aPublisherThatIsHeldUpKeepsNoListenerWaiting() {
        CountDownLatch caughtUp = new CountDownLatch(1);
        directory.addPublisher((device, before) -> awaitUninterruptibly(caughtUp));
        try {
            joined(fixture.signIn(id));
            joined(directory.connectionLost(id));

            await().until(
                            () ->
                                    told.equals(
                                            List.of(
                                                    "dev1 INACTIVE>ONLINE",
                                                    "dev1 ONLINE>OFFLINE")));
        } finally {
            caughtUp.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void barsADeviceDurablyAndKeepsItBarred() {
        joined(fixture.signIn(id));

        Device disabled = joined(directory.disable(id).durable());

        assertThat(disabled.status()).isEqualTo(DeviceStatus.DISABLED);
        assertThat(disabled.lastOfflineAt()).contains(disabled.state().since());
        assertThat(fixture.stored(id)).isEqualTo(disabled);
        assertThat(joined(fixture.signIn(id))).isEqualTo(disabled);
        assertThat(joined(directory.connectionLost(id))).isEqualTo(disabled);
        assertThat(joined(directory.disable(id).durable())).isEqualTo(disabled);
        await().until(() -> told.equals(List.of("dev1 INACTIVE>ONLINE", "dev1 ONLINE>DISABLED")));
    }

    @Test
    void enablesDurablyToTheStateBefore() {
        DeviceId neverActivated = fixture.device("dev2");
        joined(directory.disable(neverActivated).durable());
        joined(fixture.signIn(id));
        joined(directory.disable(id).durable());

        assertThat(joined(directory.enable(id)).status()).isEqualTo(DeviceStatus.OFFLINE);
        assertThat(joined(directory.enable(neverActivated)).status())
                .isEqualTo(DeviceStatus.INACTIVE);

        assertThat(fixture.stored(id)).isEqualTo(fixture.now(id));
        assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.OFFLINE);
        assertThat(joined(fixture.signIn(id))).matches(this::isOnline);
    }

    @Test
    void enablesNoDeviceThatSomebodyElseDisabledSinceItWasLookedAt() {
        OptionalLong seen = OptionalLong.of(1);
        joined(fixture.signIn(id)); // so that it is in memory, and disabled at once
        CompletionStage<Device> disabling = directory.disable(id).durable();

        assertFails(directory.enable(id, seen), RevisionConflictException.class);

        joined(disabling);
        assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.DISABLED);
        assertThat(fixture.now(id).status()).isEqualTo(DeviceStatus.DISABLED);
        assertThat(joined(directory.enable(id, OptionalLong.of(2))).status())
                .isEqualTo(DeviceStatus.OFFLINE);
        assertFails(directory.enable(id, OptionalLong.of(2)), RevisionConflictException.class);
    }

    @Test
    void tellsOfAnEnablingBeforeItIsAnswered() {
        List<DeviceId> enabled = new CopyOnWriteArrayList<>();
        directory.whenEnabled(enabled::add);
        joined(directory.enable(id));
        assertThat(enabled).isEmpty();
        joined(directory.disable(id).durable());

        CompletionStage<List<DeviceId>> toldByThen =
                directory.enable(id).thenApply(answered -> List.copyOf(enabled));

        assertThat(joined(toldByThen)).containsExactly(id);
    }

    @Test
    void leavesADeviceAsItIsThatIsEnabledAlready() {
        Device online = joined(fixture.signIn(id));

        assertThat(joined(directory.enable(id))).isEqualTo(online);
        assertThat(fixture.stored(id)).isEqualTo(online);
    }

    @Test
    void doesNotBringADisabledDeviceBackWhenItIsHeard() {
        joined(fixture.signIn(id));
        joined(directory.disable(id).durable());
        joined(directory.enable(id));

        directory.sentData(id);

        assertThat(fixture.now(id).status()).isEqualTo(DeviceStatus.OFFLINE);
    }

    @Test
    void givesEveryChangeAGreaterVersionThoughTheClockStands() {
        long version = fixture.now(id).state().version();
        for (int i = 0; i < 3; i++) {
            for (CompletionStage<Device> change :
                    List.of(
                            fixture.signIn(id),
                            directory.connectionLost(id),
                            directory.disable(id).durable(),
                            directory.enable(id))) {
                long next = joined(change).state().version();
                assertThat(next).isGreaterThan(version);
                version = next;
            }
        }
    }

    @Test
    void takesTheTimeAsVersionWhenTheClockGoes() {
        fixture.pass(Duration.ofSeconds(10));

        Device device = joined(fixture.signIn(id));

        assertThat(device.state().version()).isEqualTo(device.state().since().toEpochMilli());
    }

    @Test
    void countsDevicesInEachStatus() {
        fixture.device("dev2");
        DeviceId barred = fixture.device("dev3");
        joined(fixture.signIn(id));
        joined(directory.disable(barred).durable());

        assertThat(directory.counts())
                .containsEntry(DeviceStatus.INACTIVE, 1L)
                .containsEntry(DeviceStatus.ONLINE, 1L)
                .containsEntry(DeviceStatus.OFFLINE, 0L)
                .containsEntry(DeviceStatus.DISABLED, 1L)
                .isEqualTo(countsAfterAllIsWritten());
    }

    @Test
    void countsTheDevicesOfTheLargestProducts() {
        DeviceRegistry registry = fixture.registry;
        registry.products().create(Optional.of("pk2"), settings -> settings);
        registry.products().create(Optional.of("empty"), settings -> settings);
        DeviceId small = registry.createDevice("pk2", Optional.of("a")).id();
        fixture.device("dev8");
        DeviceId gone = fixture.device("dev9");
        joined(fixture.signIn(small));
        registry.deleteDevice(gone);

        assertThat(directory.countsOfLargestProducts(10)).containsOnlyKeys("pk1", "pk2");
        assertThat(directory.countsOfLargestProducts(10).get("pk2"))
                .containsEntry(DeviceStatus.ONLINE, 1L)
                .containsEntry(DeviceStatus.INACTIVE, 0L);
        assertThat(directory.countsOfLargestProducts(1).get("pk1"))
                .containsEntry(DeviceStatus.INACTIVE, 2L);
        registry.deleteDevices("pk2", 1000);
        registry.products().delete("pk2", OptionalLong.empty());
        assertThat(directory.countsOfLargestProducts(10)).containsOnlyKeys("pk1");
    }

    private Object countsAfterAllIsWritten() {
        directory.close();
        return fixture.registry.countDevices();
    }

    @Test
    void showsTheNewestStateInAListing() {
        Device online = joined(fixture.signIn(id));
        Device other = fixture.stored(fixture.device("dev2"));

        assertThat(fixture.registry.listDevices("pk1", "", 10))
                .extracting(directory::latest)
                .containsExactly(online, other);
    }

    @Test
    void tellsTheOtherListenersWhenOneThrows() {
        directory.addListener(
                (device, before) -> {
                    throw new IllegalStateException("a listener that throws, on purpose");
                });
        List<Device> second = new CopyOnWriteArrayList<>();
        directory.addListener((device, before) -> second.add(device));

        Device online = joined(fixture.signIn(id));
        Device offline = joined(directory.connectionLost(id));

        await().until(() -> second.equals(List.of(online, offline)));
    }

    @Test
    void tellsListenersOnAThreadOfItsOwn() {
        List<String> threads = new CopyOnWriteArrayList<>();
        directory.addListener((device, before) -> threads.add(Thread.currentThread().getName()));
        joined(directory.find(id));

        joined(fixture.signIn(id));

        await().until(() -> threads.equals(List.of("device-listener-1")));
    }

    @Test
    void tellsTheLastChangesBeforeItCloses() {
        joined(fixture.signIn(id));
        joined(directory.connectionLost(id));

        directory.close();

        assertThat(told).containsExactly("dev1 INACTIVE>ONLINE", "dev1 ONLINE>OFFLINE");
    }

    @Test
    void refusesEverythingWhenClosed() {
        joined(directory.find(id));
        directory.close();

        assertFails(fixture.signIn(id), RegistryUnavailableException.class);
        assertFails(directory.disable(id).durable(), RegistryUnavailableException.class);
        assertFails(directory.enable(id), RegistryUnavailableException.class);
        directory.sentData(id);
        directory.close();
    }

    @Test
    void refusesSettingsThatCannotBe() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DirectorySettings(0, second, second, second, second))
                .withMessageContaining("cacheMax 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DirectorySettings(1, Duration.ZERO, second, second, second))
                .withMessageContaining("cacheIdle");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new DirectorySettings(1, second, second.negated(), second, second))
                .withMessageContaining("idleTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DirectorySettings(1, second, second, Duration.ZERO, second))
                .withMessageContaining("stateWriteInterval");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new DirectorySettings(1, second, second, second, second.negated()))
                .withMessageContaining("outageGrace");
    }

    private static void assertFails(
            CompletionStage<?> stage, Class<? extends RuntimeException> failure) {
        CompletableFuture<?> future = stage.toCompletableFuture();
        assertThatThrownBy(() -> joined(future)).hasCauseInstanceOf(failure);
    }
}
