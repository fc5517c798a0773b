package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.directory.DeviceDirectory.Disabling;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Devices sign in, with good and with old secrets, are lost and send data on some threads, while
 * others disable and enable them, give them other secrets, delete them and create them again, all
 * at random. Whoever was kept out when an operator was answered stays out until he is let in again;
 * listeners hear a chain of changes; and in the end memory, registry and counts agree.
 *
 * <p>{@code -Draces.acts=20000} makes a long run of it. What the threads do is that of the seed,
 * {@code -Draces.seed}; how they meet is not.
 */
class DirectoryRacesTest {

    private static final int DEVICES = 6;
    private static final int OPERATORS = 2;
    private static final int CLIENTS = 4;
    private static final int ACTS = Integer.getInteger("races.acts", 40);
    private static final long SEED = Long.getLong("races.seed", System.nanoTime());

    /** A device that was dropped from memory again and again while it was used: nothing changed. */
    private static final String DROPPED = RegistryUnavailableException.class.getSimpleName();

    /** Few stay in memory, so that they are loaded again and again. */
    private static final DirectorySettings SETTINGS =
            new DirectorySettings(
                    2,
                    DirectoryFixture.NEVER,
                    Duration.ZERO,
                    Duration.ofMillis(5),
                    DirectoryFixture.NEVER);

    private final Path folder;
    private final List<Target> targets = new ArrayList<>();
    private final Map<DeviceId, Device> told = new ConcurrentHashMap<>();
    private final Map<DeviceId, Long> versions = new ConcurrentHashMap<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final AtomicInteger keptOut = new AtomicInteger();
    private volatile boolean over;

    DirectoryRacesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** What an operator was answered of a device. */
    private enum Answered {
        ENABLED,
        DISABLED,
        DELETED,
        /** A change is under way: anything may be. */
        UNDER_WAY
    }

    /**
     * What is known of a device at a moment.
     *
     * @param step grows with each
     * @param secret that is good, of a device that is there
     * @param ended one that is not good any more; empty if it never had another
     */
    private record Known(int step, Answered answered, Secret secret, Optional<Secret> ended) {

        Known then(Answered next) {
            return new Known(step + 1, next, secret, ended);
        }

        Known withSecretOf(Device device) {
            return new Known(step, answered, device.secret(), Optional.of(secret));
        }
    }

    /** A device, and the one thread that changes it as an operator. */
    private static final class Target {
        private final DeviceId id;
        private volatile Known known;

        Target(DeviceId id, Secret secret) {
            this.id = id;
            this.known = new Known(0, Answered.ENABLED, secret, Optional.empty());
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void whoIsKeptOutStaysOutAndAllAgreeInTheEnd(TestDatabase kind) throws Exception {
        try (DirectoryFixture fixture =
                new DirectoryFixture(patient(kind.settings(folder)), folder, SETTINGS)) {
            fixture.directory.addListener(new Chain());
            for (int i = 0; i < DEVICES; i++) {
                DeviceId id = fixture.device("dev" + i);
                targets.add(new Target(id, fixture.stored(id).secret()));
            }
            race(fixture);
            System.out.println("races seed=" + SEED + " kept out=" + keptOut);
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(keptOut).as("the barred, the deleted, the old secrets").hasPositiveValue();
            targets.forEach(target -> settle(fixture, target.id));
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(fixture.directory.counts()).isEqualTo(fixture.registry.countDevices());
        }
    }

    /** Nothing fails because the machine is busy. */
    private static RegistrySettings patient(RegistrySettings usual) {
        return new RegistrySettings(
                usual.jdbcUrl(),
                usual.username(),
                usual.password(),
                usual.connectionsMax(),
                Duration.ofMinutes(1));
    }

    private void race(DirectoryFixture fixture) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(OPERATORS + CLIENTS);
        List<Future<?>> operators = new ArrayList<>();
        List<Future<?>> clients = new ArrayList<>();
        for (int i = 0; i < OPERATORS; i++) {
            int first = i;
            operators.add(threads.submit(() -> operate(fixture, first)));
        }
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(SEED + OPERATORS + i);
            clients.add(threads.submit(() -> beClients(fixture, random)));
        }
        for (Future<?> each : operators) {
            each.get(10, TimeUnit.MINUTES);
        }
        over = true;
        for (Future<?> each : clients) {
            each.get(1, TimeUnit.MINUTES);
        }
        threads.shutdown();
    }

    // ------------------------------------------------------------------ operators

    /** Each operator has devices of his own, so he knows how they stand. */
    private void operate(DirectoryFixture fixture, int first) {
        Random random = new Random(SEED + first);
        for (int act = 0; act < ACTS; act++) {
            Target target = targets.get(first + random.nextInt(DEVICES / OPERATORS) * OPERATORS);
            Known before = target.known;
            target.known = before.then(Answered.UNDER_WAY);
            act(fixture, target, before, random.nextInt(4));
        }
    }

    private static void act(DirectoryFixture fixture, Target target, Known before, int dice) {
        DeviceId id = target.id;
        Known next = target.known;
        if (before.answered() == Answered.DELETED) {
            Device again = fixture.registry.createDevice("pk1", Optional.of(id.deviceKey()));
            target.known = next.withSecretOf(again).then(Answered.ENABLED);
        } else if (dice == 0) {
            fixture.registry.deleteDevice(id);
            target.known = next.then(Answered.DELETED);
        } else if (dice == 1) {
            Device rotated =
                    fixture.registry.rotateDeviceSecret(id, Duration.ZERO, OptionalLong.empty());
            target.known = next.withSecretOf(rotated).then(before.answered());
        } else if (before.answered() == Answered.DISABLED) {
            asked(() -> fixture.directory.enable(id), Function.identity());
            target.known = next.then(Answered.ENABLED);
        } else {
            Disabling disabling = asked(() -> fixture.directory.disable(id), Disabling::inForce);
            target.known = next.then(Answered.DISABLED);
            // An enabling that came before would be undone. If this fails, the bar stands.
            status(disabling.durable());
        }
    }

    /** Until it is answered: one that was dropped from memory in the moment is asked for again. */
    private static <T> T asked(Supplier<T> change, Function<T, CompletionStage<Device>> answer) {
        while (true) {
            T asked = change.get();
            try {
                joined(answer.apply(asked));
                return asked;
            } catch (CompletionException failed) {
                if (!(failed.getCause() instanceof RegistryUnavailableException)) {
                    throw failed;
                }
            }
        }
    }

    // ------------------------------------------------------------------ clients

    private void beClients(DirectoryFixture fixture, Random random) {
        while (!over) {
            Target target = targets.get(random.nextInt(DEVICES));
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> signIn(fixture, target, random.nextInt(3));
                case 3, 4 -> status(fixture.directory.connectionLost(target.id));
                case 5 -> fixture.directory.sentData(target.id);
                default -> look(fixture, target);
            }
        }
    }

    /** With the good secret, with the one before, or with none. */
    private void signIn(DirectoryFixture fixture, Target target, int by) {
        Known before = target.known;
        boolean isOld = by == 1 && before.ended().isPresent();
        Secret proof = isOld ? before.ended().orElseThrow() : before.secret();
        String came =
                status(by == 2 ? fixture.signIn(target.id) : fixture.signIn(target.id, proof));
        if (before.answered() != Answered.UNDER_WAY && target.known.step() == before.step()) {
            check(target.id + " signed in, " + before, expected(before, isOld), came);
        }
    }

    /** The status of the device, or why there is none. */
    private static String status(CompletionStage<Device> change) {
        try {
            return joined(change).status().toString();
        } catch (CompletionException failed) {
            return Objects.requireNonNull(failed.getCause()).getClass().getSimpleName();
        }
    }

    private static String expected(Known known, boolean isOld) {
        if (known.answered() == Answered.DELETED) {
            return NotFoundException.class.getSimpleName();
        }
        if (isOld) {
            return SecretReplacedException.class.getSimpleName();
        }
        return known.answered() == Answered.DISABLED ? "DISABLED" : "ONLINE";
    }

    private void check(String what, String expected, String came) {
        if (came.equals(DROPPED)) {
            return;
        }
        if (!came.equals(expected)) {
            wrong.add(what + ": " + came + " and not " + expected);
        } else if (!came.equals("ONLINE")) {
            keptOut.incrementAndGet();
        }
    }

    private void look(DirectoryFixture fixture, Target target) {
        Known before = target.known;
        Optional<DeviceStatus> seen = joined(fixture.directory.find(target.id)).map(Device::status);
        if (before.answered() != Answered.UNDER_WAY && target.known.step() == before.step()) {
            boolean isRight =
                    switch (before.answered()) {
                        case DELETED -> seen.isEmpty();
                        case DISABLED -> seen.equals(Optional.of(DeviceStatus.DISABLED));
                        default ->
                                seen.isPresent()
                                        && !seen.equals(Optional.of(DeviceStatus.DISABLED));
                    };
            if (!isRight) {
                wrong.add(target.id + " seen " + seen + ", " + before);
            }
        }
    }

    // ------------------------------------------------------------------ afterwards

    /** What is told of a device is a chain, and begins anew with greater versions. */
    private final class Chain implements DeviceStateListener {

        @Override
        public void changed(Device device, DeviceStatus before) {
            Device earlier = told.put(device.id(), device);
            long version = versions.getOrDefault(device.id(), 0L);
            boolean isNext =
                    earlier == null ? before == DeviceStatus.INACTIVE : earlier.status() == before;
            if (!isNext || version >= device.state().version()) {
                wrong.add(earlier + ", " + version + ", and then " + before + " > " + device);
            }
            versions.put(device.id(), device.state().version());
        }

        @Override
        public void deleted(DeviceId id) {
            told.remove(id);
        }
    }

    private void settle(DirectoryFixture fixture, DeviceId id) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> {
                            Optional<Device> held = joined(fixture.directory.find(id));
                            assertThat(fixture.registry.findDevice(id)).isEqualTo(held);
                            DeviceStatus unchanged = DeviceStatus.INACTIVE;
                            assertThat(Optional.ofNullable(told.get(id)).map(Device::status))
                                    .isEqualTo(
                                            held.map(Device::status)
                                                    .filter(
                                                            status ->
                                                                    told.containsKey(id)
                                                                            || status
                                                                                    != unchanged));
                        });
    }
}
