package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import io.muster.devices.application.ApplicationUpgrade;
import io.muster.devices.details.LastClient;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.outage.RegistryWatch.Operation;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.ProductRegistry;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.change.RegistryListener;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices, products and accounts as they stand right now, from memory; shared, never blocks.
 *
 * <p>What is in memory is answered with a completed stage; the rest is read on threads of the
 * directory, and what follows then runs on them too. A stage fails with {@link
 * RegistryUnavailableException} when the registry cannot be asked or does not answer within its
 * timeout, and with {@link NotFoundException} when a device is unknown that should change. In an
 * outage of the registry what is in memory is answered for the grace that the settings give; then
 * all look-ups and sign-ins fail so, until the registry can be read again.
 *
 * <p>It must be the only one that changes the states of these devices, and is told by the
 * registries of what they create and change. States are written back in batches; of the last
 * interval, what a crash destroys is only who was online.
 */
public final class DeviceDirectory
        implements DeviceLookup, ApplicationLookup, ApplicationUpgrade, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeviceDirectory.class);

    private static final int READS_WAITING_MAX = 10_000;
    private static final int READS_TOGETHER_MAX = 100;
    private static final int CHANGES_WAITING_MAX = 100_000;
    private static final int UNKNOWN_MAX = 10_000;
    private static final Duration UNKNOWN_AGE_MAX = Duration.ofSeconds(5);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final DirectorySettings settings;
    private final Ticker ticker;
    private final ScheduledThreadPoolExecutor timer;
    private final List<Cache<?, ?>> caches = new CopyOnWriteArrayList<>();
    private final ChangeNotifier notifier;
    private final ChangeNotifier publishing;
    private final StatusCounts counts;
    private final IdleLimits idleLimits;
    private final DeviceStates states;
    private final StateWriter writer;
    private final DeviceChanges changes;
    private final DurableChanges durable;
    private final LookupCache<DeviceId, Device> devices;
    private final LookupCache<String, Product> products;
    private final LookupCache<String, Application> applications;
    private final ApplicationRegistry applicationRegistry;
    private final RegistryWatch watch;

    private DeviceDirectory(
            DeviceRegistry devices,
            ApplicationRegistry applications,
            DirectorySettings settings,
            Clock clock,
            Ticker ticker) {
        this.settings = settings;
        this.ticker = ticker;
        timer = new ScheduledThreadPoolExecutor(1, new NamedThreads("device-timer"));
        timer.setRemoveOnCancelPolicy(true);
        Deadlines deadlines = new Deadlines(timer, devices.timeout());
        notifier = new ChangeNotifier("device-listener", CHANGES_WAITING_MAX, CLOSE_PATIENCE);
        publishing = new ChangeNotifier("device-publisher", CHANGES_WAITING_MAX, CLOSE_PATIENCE);
        counts = new StatusCounts(devices.countDevicesByProduct());
        Cache<DeviceId, Device> settled = cache();
        idleLimits = new IdleLimits(settings.idleTimeout());
        states =
                new DeviceStates(
                        settled,
                        counts,
                        List.of(notifier, publishing),
                        clock,
                        idled -> new IdleWatch(idleLimits, ticker, timer, idled));
        writer = new StateWriter(states, devices, deadlines);
        watch =
                RegistryWatch.start(
                        devices.database(), settings.outageGrace(), ticker::read, this::readable);
        this.devices =
                new LookupCache<>(
                        settled,
                        unknown(),
                        states::findSurely,
                        devices::findDevices,
                        reading ->
                                new RegistryReader<>(
                                        "device-reader",
                                        // Products and applications have a thread each.
                                        Math.max(1, devices.connectionsMax() - 2),
                                        READS_WAITING_MAX,
                                        READS_TOGETHER_MAX,
                                        deadlines,
                                        reading),
                        this::isReadable);
        changes = new DeviceChanges(states, this.devices);
        durable = new DurableChanges(states, changes, writer, devices);
        this.products = lookup("product-reader", devices.products()::find, deadlines);
        this.applications = lookup("application-reader", applications::find, deadlines);
        this.applicationRegistry = applications;
    }

    private <V> LookupCache<String, V> lookup(
            String reader, Function<String, Optional<V>> registry, Deadlines deadlines) {
        Cache<String, V> held = cache();
        return new LookupCache<>(
                held,
                unknown(),
                key -> Optional.ofNullable(held.getIfPresent(key)),
                LookupCache.oneByOne(registry),
                reading ->
                        new RegistryReader<>(reader, 1, READS_WAITING_MAX, 1, deadlines, reading),
                this::isReadable);
    }

    private boolean isReadable() {
        return watch.isAvailable(Operation.READ);
    }

    /** Nothing that is in memory when an outage begins gets too old before the grace is over. */
    private void readable(boolean isReadable) {
        Duration idle =
                isReadable
                        ? settings.cacheIdle()
                        : settings.cacheIdle().plus(settings.outageGrace());
        caches.forEach(
                cache ->
                        cache.policy()
                                .expireAfterAccess()
                                .ifPresent(expiration -> expiration.setExpiresAfter(idle)));
    }

    private <K, V> Cache<K, V> cache() {
        Cache<K, V> cache =
                Caffeine.newBuilder()
                        .maximumSize(settings.cacheMax())
                        .expireAfterAccess(settings.cacheIdle())
                        .ticker(ticker)
                        .scheduler(Scheduler.forScheduledExecutorService(timer))
                        .executor(timer)
                        .build();
        caches.add(cache);
        return cache;
    }

    private <K> Cache<K, Boolean> unknown() {
        return Caffeine.newBuilder()
                .maximumSize(UNKNOWN_MAX)
                .expireAfterWrite(UNKNOWN_AGE_MAX)
                .ticker(ticker)
                .scheduler(Scheduler.forScheduledExecutorService(timer))
                .executor(timer)
                .build();
    }

    /**
     * Opens the directory; blocks on the registry. Devices that stand online there, because the hub
     * crashed, become offline with a new version.
     *
     * @param clock gives times and versions
     * @param ticker measures idle times
     * @throws RegistryUnavailableException if the registry cannot be asked
     */
    public static DeviceDirectory open(
            DeviceRegistry devices,
            ApplicationRegistry applications,
            DirectorySettings settings,
            Clock clock,
            Ticker ticker) {
        int crashed = devices.takeAllOffline();
        if (crashed > 0) {
            log.info("devices taken offline after a crash devices={}", crashed);
        }
        DeviceDirectory directory =
                new DeviceDirectory(devices, applications, settings, clock, ticker);
        RegistryListener listener = directory.new RegistryChanges();
        devices.addListener(listener);
        directory.readIdleLimits(devices.products());
        applications.addListener(listener);
        directory.writer.start(settings.stateWriteInterval());
        directory.writer.every(Duration.ofMinutes(1), devices::removeEndedSecrets);
        directory.writer.every(settings.stateWriteInterval(), devices::settleChanges);
        return directory;
    }

    /** All products once; what changes meanwhile is told. */
    private void readIdleLimits(ProductRegistry registry) {
        List<Product> page = registry.list("", DeviceRegistry.PAGE_MAX);
        while (!page.isEmpty()) {
            page.forEach(idleLimits::note);
            page = registry.list(page.get(page.size() - 1).productKey(), DeviceRegistry.PAGE_MAX);
        }
    }

    private final class RegistryChanges implements RegistryListener {

        @Override
        public void productCreated(Product product) {
            products.created(product.productKey());
            var unused = idleLimits.note(product);
        }

        @Override
        public void settingsChanged(Product product) {
            if (idleLimits.note(product)) {
                states.idleLimitChanged(product.productKey());
            }
        }

        @Override
        public void productDeleted(String productKey) {
            idleLimits.forget(productKey);
            counts.forget(productKey);
        }

        @Override
        public void productChanged(String productKey) {
            products.changed(productKey);
        }

        /** Loads under way first: after that, none of them brings an old secret into memory. */
        @Override
        public void deviceSecretsChanged(DeviceId id, RotatingSecret secrets) {
            devices.changed(id);
            states.secretsChanged(id, secrets);
        }

        /** As with secrets: loads under way first. */
        @Override
        public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
            long newest = 0;
            for (Map.Entry<DeviceId, DeviceState> device : deleted.entrySet()) {
                devices.changed(device.getKey());
                long version =
                        states.remove(device.getKey(), Optional.of(device.getValue().status()))
                                .map(last -> last.state().version())
                                .orElse(0L);
                newest = Math.max(newest, version);
            }
            return newest;
        }

        @Override
        public void deviceMissing(DeviceId id) {
            devices.changed(id);
            var unused = states.remove(id, Optional.empty());
        }

        @Override
        public void deviceCreated(Device device) {
            counts.added(device.id(), device.status());
            devices.created(device.id());
        }

        @Override
        public void applicationCreated(Application application) {
            applications.created(application.username());
        }

        @Override
        public void applicationChanged(String username) {
            applications.changed(username);
        }
    }

    @Override
    public CompletionStage<Optional<Device>> find(DeviceId id) {
        if (watch.isPastGrace()) {
            return outOfDate();
        }
        Optional<Device> known = states.find(id);
        return known.isPresent() ? CompletableFuture.completedFuture(known) : devices.find(id);
    }

    private static <T> CompletionStage<T> outOfDate() {
        return CompletableFuture.failedFuture(
                new RegistryUnavailableException(
                        "registry has not been read for longer than the grace"));
    }

    @Override
    public CompletionStage<Optional<Product>> findProduct(String productKey) {
        return watch.isPastGrace() ? outOfDate() : products.find(productKey);
    }

    @Override
    public CompletionStage<Optional<Application>> findApplication(String username) {
        return watch.isPastGrace() ? outOfDate() : applications.find(username);
    }

    @Override
    public CompletionStage<Void> storeScramVerifier(Application application, String scramVerifier) {
        return writer.run(
                        () -> applicationRegistry.storeScramVerifier(application, scramVerifier),
                        UnaryOperator.identity(),
                        tooLate -> {})
                .thenAccept(stored -> {});
    }

    /**
     * The device as it stands now, given how it stands in the registry: listings are read from
     * there, but states are newer here.
     */
    public Device latest(Device registered) {
        return states.find(registered.id())
                .filter(held -> held.state().version() > registered.state().version())
                .orElse(registered);
    }

    /**
     * By which client the device last signed in, given what the registry knows of that: it is
     * written with the states.
     */
    public Optional<LastClient> latestClient(DeviceId id, Optional<LastClient> registered) {
        return states.unwrittenClient(id).or(() -> registered);
    }

    /**
     * A sign-in.
     *
     * @param device as it stands after that: online, or disabled and to be refused
     * @param isFirst whether it has never been online before
     */
    public record SignedIn(Device device, boolean isFirst) {}

    /**
     * A device that is in memory has proved who it is and is connected. If it is disabled in the
     * answer it must be refused; after {@link #disable} has taken hold in memory, no answer shows
     * it online. Nothing is changed if this throws, or if it is not in memory: see {@link
     * #withDevice}. So whoever holds a lock knows what came of it while he holds it.
     *
     * @param secretMark the {@link Secret#mark} of the secret that proved it; empty if it was none
     *     of the device's
     * @param client by which it signed in, which is written with its state; empty if it is not
     *     known
     * @return empty if the device is not in memory
     * @throws SecretReplacedException if that secret is not good any more: so after a change of
     *     secrets was answered, nobody gets in by those before, however long ago they were looked
     *     at
     * @throws RegistryUnavailableException if the directory is closed, or memory is out of date
     */
    public Optional<SignedIn> signedIn(
            DeviceId id, Optional<String> secretMark, Optional<LastClient> client) {
        if (changes.isClosed() || watch.isPastGrace()) {
            throw new RegistryUnavailableException(
                    "device directory is closed, or has not read the registry for too long");
        }
        return states.signIn(id, secretMark, client);
    }

    /**
     * What a step makes of a device in memory. If it is not there it is read, and the step is tried
     * again.
     *
     * @param step empty if it does not find the device in memory; called perhaps several times, by
     *     the caller or on a thread of the directory
     * @return fails as the step does, with {@link NotFoundException} if there is no such device,
     *     and with {@link RegistryUnavailableException} if that cannot be found out
     */
    public <T> CompletionStage<T> withDevice(DeviceId id, Supplier<Optional<T>> step) {
        return changes.change(id, step);
    }

    /**
     * Complete when this state of the device, or a later one, is durable; fails when that takes too
     * long or cannot be. Otherwise a crash may destroy what happened in the last interval.
     */
    public CompletionStage<Device> flush(Device device) {
        return states.isUnwritten(device)
                ? writer.flush(device)
                : CompletableFuture.completedFuture(device);
    }

    /** The connection of the device has ended. */
    public CompletionStage<Device> connectionLost(DeviceId id) {
        return changes.apply(id, DeviceEvent.CONNECTION_LOST);
    }

    /**
     * The connected device sent data: it does not count as idle, and comes online again if it did.
     * Cheap; does nothing for a device that is not connected.
     */
    public void sentData(DeviceId id) {
        if (!changes.isClosed()) {
            states.sentData(id);
        }
    }

    /**
     * How a device is being barred.
     *
     * @param inForce complete when the bar stands in memory, at once if the device is in memory: no
     *     sign-in after that finds it online, unless it is enabled. Fails if the device is unknown
     *     or cannot be looked up; then nothing was changed
     * @param durable complete when the registry holds the bar too. If this fails after it came into
     *     force, the device stays barred and writing is tried again
     */
    public record Disabling(CompletionStage<Device> inForce, CompletionStage<Device> durable) {}

    /**
     * Bars the device. An enabling that takes place before the bar is durable is undone then; so
     * whoever ends the device's connection does it again at the end.
     */
    public Disabling disable(DeviceId id) {
        return durable.disable(id);
    }

    /**
     * Lifts the bar; the stage completes when that is durable. The registry is written first and
     * memory follows, so that a device whose enabling failed stays barred. A device that is not
     * disabled stays as it is.
     */
    public CompletionStage<Device> enable(DeviceId id) {
        return enable(id, OptionalLong.empty());
    }

    /**
     * The same if the device has a given revision when it is the turn of this change: a disabling
     * that came first has changed it.
     *
     * @param revision that it must have; empty if any will do
     * @return fails with {@link RevisionConflictException} if it has another
     */
    public CompletionStage<Device> enable(DeviceId id, OptionalLong revision) {
        return durable.enable(id, revision);
    }

    /**
     * The listener is told of each device that is enabled, as soon as it may sign in and before
     * whoever asked for it hears of that. It must not block, and there is one at most.
     */
    public void whenEnabled(Consumer<DeviceId> listener) {
        durable.whenEnabled(listener);
    }

    /** How many devices stand in each status now; every status is named. Cheap. */
    public Map<DeviceStatus, Long> counts() {
        return counts.snapshot();
    }

    /** How many devices have a state that the registry does not hold yet. Cheap. */
    public int statesWaiting() {
        return states.waitingCount();
    }

    /** Whether the registry can be read and written, as it looks from here. */
    public RegistryWatch registryWatch() {
        return watch;
    }

    /**
     * How many devices stand in each status now, of the products with the most devices.
     *
     * @param max at most so many products
     */
    public Map<String, Map<DeviceStatus, Long>> countsOfLargestProducts(int max) {
        return counts.largest(max);
    }

    /** The listener is told of every change of state from now on, and keeps the others waiting. */
    public void addListener(DeviceStateListener listener) {
        notifier.addListener(listener);
    }

    /**
     * The same for one that may be held up, by those who read what it publishes: it has a thread of
     * its own, and keeps only others of its kind waiting.
     */
    public void addPublisher(DeviceStateListener publisher) {
        publishing.addListener(publisher);
    }

    /**
     * Runs {@code step} when the publishers were told all changes so far, on the thread that tells
     * them; none is called while it runs. Returns at once; when the directory is closed meanwhile,
     * it may never run.
     */
    public void whenPublisherCaughtUp(Runnable step) {
        publishing.whenCaughtUp(step);
    }

    /**
     * Writes the states that are not written, tells the listeners what they were not told, and
     * stops; blocks. Does not close the registry.
     */
    @Override
    public void close() {
        changes.close();
        writer.close();
        watch.close();
        notifier.close();
        publishing.close();
        List.of(devices, products, applications).forEach(LookupCache::close);
        timer.shutdownNow();
    }
}
