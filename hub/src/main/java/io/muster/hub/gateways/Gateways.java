package io.muster.hub.gateways;

import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.secret.ProductTopics;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Clients;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.outage.RegistryWatch.Operation;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.topology.SubDevice;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.protocol.GatewayListener;
import io.muster.hub.protocol.GatewayServices;
import io.muster.hub.protocol.RegistryWork;
import io.muster.hub.protocol.Service;
import io.muster.hub.protocol.ServiceTopic.Speakers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that is of gateways, put together. Shared; what blocks says so. */
public final class Gateways implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Gateways.class);

    private final SubDevices subDevices;
    private final DeviceDirectory directory;
    private final ProductTopics topics;

    /** Of products whose devices were given the permissions of gateways. */
    private final Set<String> productKeys = ConcurrentHashMap.newKeySet();

    private final DeviceRegistry devices;
    private final Topology topology;
    private final TopologyThread thread;
    private final Settings settings;
    private final Clock clock;
    private final FirstSignIns firstSignIns;

    /** Null until the broker runs. */
    private volatile @Nullable GatewayNotices notices;

    private volatile @Nullable BiConsumer<Message, Consumer<Message>> refusals;

    /**
     * How gateways are bounded.
     *
     * @param subDevicesMax how many devices one gateway may speak for
     * @param deadline the longest that the registry may take when a gateway connects
     */
    public record Settings(int subDevicesMax, Duration deadline) {}

    /**
     * What the registry knows.
     *
     * @param devices products and devices
     * @param topology who speaks for whom
     */
    public record Registry(DeviceRegistry devices, Topology topology) {}

    /**
     * Gateways of which none is connected.
     *
     * @param topics what devices may do that speak for themselves
     */
    public Gateways(
            DeviceDirectory directory,
            ProductTopics topics,
            Registry registry,
            Settings settings,
            Clock clock) {
        this.directory = directory;
        this.topics = topics;
        this.devices = registry.devices();
        this.topology = registry.topology();
        this.settings = settings;
        this.clock = clock;
        this.firstSignIns = new FirstSignIns(directory);
        this.subDevices = new SubDevices(directory, topics, firstSignIns, clock);
        this.thread = new TopologyThread(settings.deadline(), topology::settle);
        topology.addListener(subDevices);
        // Behind the directory: a device that signs in meanwhile is gone there, or is found here.
        devices.addListener(topology);
    }

    /** Who is signed in through gateways. */
    public SubDevices subDevices() {
        return subDevices;
    }

    /** Of all devices, with gateway or without. */
    public FirstSignIns firstSignIns() {
        return firstSignIns;
    }

    /** What devices may do, with gateway or without. */
    public DevicePermissions permissions() {
        return (product, facts) -> {
            TopicPermissions ofDevice = topics.of(product, facts);
            if (!isOfGateways(product)) {
                return ofDevice;
            }
            productKeys.add(product.productKey());
            return new GatewayPermissions(
                    ofDevice,
                    new DeviceId(product.productKey(), facts.getOrDefault("deviceKey", "")),
                    subDevices);
        };
    }

    /**
     * Says of names of devices whether what they may do depends on this product, though they are of
     * another: they are gateways and speak for a device of it. Of one that is not connected it is
     * not known for whom it speaks, so it counts too.
     */
    public Predicate<String> actingFor(String productKey) {
        return device ->
                productKeys.contains(device.substring(0, Math.max(0, device.indexOf('/'))))
                        && subDevices.mayActFor(device, productKey);
    }

    private static boolean isOfGateways(Product product) {
        return product.settings().type() == ProductType.GATEWAY;
    }

    /** Whether a device is a gateway; fails as a look-up of its product does. */
    public CompletionStage<Boolean> isGateway(DeviceId id) {
        return product(id.productKey())
                .thenApply(product -> product.filter(Gateways::isOfGateways).isPresent());
    }

    /** Its topic rules are known then: its device may be one that a gateway is to speak for. */
    private CompletionStage<Optional<Product>> product(String productKey) {
        return directory
                .findProduct(productKey)
                .whenComplete(
                        (product, failure) -> {
                            if (failure == null) {
                                product.ifPresent(topics::learn);
                            }
                        });
    }

    /**
     * A gateway has signed in. It may not have its CONNACK before it is known whom it speaks for:
     * the subscriptions of a session that lasts depend on that. What memory knows of it is enough,
     * so it waits for no registry and needs none.
     *
     * @param shown what is shown of this client
     * @return does not fail; unless it is admitted, the gateway has been taken offline again
     */
    public CompletionStage<Admission> admitted(
            DeviceId id, ConnectedClient client, LastClient shown) {
        GatewayLink link = subDevices.connecting(id, client, shown);
        boolean isKnown = topology.followKnown(id, members -> subDevices.follow(link, members));
        return (isKnown ? CompletableFuture.completedFuture(null) : read(link))
                .thenCompose(followed -> productsOf(link))
                .handle(
                        (done, failure) -> {
                            if (failure == null) {
                                link.complete();
                                return Admission.ADMITTED;
                            }
                            log.warn(
                                    "gateway refused, its topology is not known gateway={}"
                                            + " cause={}",
                                    id,
                                    new Quoted(failure.toString()));
                            subDevices.disconnected(id);
                            return Admission.UNAVAILABLE;
                        });
    }

    /** The rules for those that it speaks for are known then. */
    private CompletionStage<Void> productsOf(GatewayLink link) {
        CompletableFuture<?>[] products =
                link.members().values().stream()
                        .filter(member -> topics.find(member).isEmpty())
                        .map(DeviceId::productKey)
                        .distinct()
                        .map(productKey -> product(productKey).toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(products);
    }

    private CompletionStage<Void> read(GatewayLink link) {
        return directory.registryWatch().isAvailable(Operation.READ)
                ? thread.run(
                        () ->
                                topology.follow(
                                        link.id(), members -> subDevices.follow(link, members)))
                : CompletableFuture.failedFuture(
                        new RegistryUnavailableException("registry cannot be read"));
    }

    /**
     * What gateways may ask.
     *
     * @param signIn finds out whether they know the secrets of devices
     * @param listener is told of each sign-in
     */
    public GatewayServices services(SubDeviceSignIn signIn, GatewayListener listener) {
        return new Services(signIn, listener);
    }

    private final class Services implements GatewayServices {

        private final SubDeviceSignIn signIn;
        private final GatewayListener listener;

        private Services(SubDeviceSignIn signIn, GatewayListener listener) {
            this.signIn = signIn;
            this.listener = listener;
        }

        @Override
        public Map<String, Service> system(RegistryWork registry) {
            TopologyServices services =
                    new TopologyServices(
                            subDevices,
                            signIn,
                            topology,
                            registry,
                            Gateways.this::isGateway,
                            settings.subDevicesMax());
            Registrations registrations =
                    new Registrations(
                            subDevices,
                            signIn,
                            devices,
                            settings.subDevicesMax(),
                            directory::latest,
                            registry);
            return Map.of(
                    "thing/device/register", registrations.register(),
                    "thing/topo/add", services.add(),
                    "thing/topo/delete", services.delete(),
                    "thing/topo/get", services.get());
        }

        @Override
        public Map<String, Service> sessions() {
            LoginServices services =
                    new LoginServices(
                            subDevices,
                            signIn,
                            new SubDeviceLogins(subDevices, signIn, firstSignIns, clock, listener));
            return Map.of(
                    "combine/login", services.login(),
                    "combine/login/batch", services.batch(),
                    "combine/logout", services.logout());
        }

        @Override
        public Speakers speakers() {
            return subDevices;
        }

        @Override
        public Speakers members() {
            return subDevices::findMember;
        }

        @Override
        public Optional<DeviceId> speaksFor(DeviceId gateway, String device, boolean alsoOffline) {
            DeviceId signedIn = subDevices.find(gateway.toString(), device);
            return signedIn != null || !alsoOffline
                    ? Optional.ofNullable(signedIn)
                    : Optional.ofNullable(subDevices.findMember(gateway.toString(), device));
        }

        @Override
        public void tell(DeviceId gateway, Message message) {
            subDevices.tell(gateway, message);
        }
    }

    /**
     * The broker runs: from now on gateways are served, and told of what operators do.
     *
     * @param clients of the broker
     * @param numbers makes the identifiers of what they are told
     * @param refused is told of what clients may not publish, and may answer
     */
    public void start(
            Clients clients,
            Supplier<String> numbers,
            BiConsumer<Message, Consumer<Message>> refused) {
        subDevices.reach(clients);
        refusals = refused;
        GatewayNotices told = new GatewayNotices(subDevices, numbers, clock);
        notices = told;
        subDevices.onDeletion(told::removed);
        directory.addListener(told);
    }

    /** A device published what it may not, be it a gateway or not. */
    public void refused(Message message, Consumer<Message> answer) {
        BiConsumer<Message, Consumer<Message>> told = refusals;
        if (told != null) {
            told.accept(message, answer);
        }
    }

    /**
     * The devices that a gateway speaks for; blocks. See {@link Topology#list}.
     *
     * @throws RegistryUnavailableException if the registry cannot be asked
     */
    public List<SubDevice> list(DeviceId gateway, Optional<DeviceId> after, int limit) {
        return topology.list(gateway, after, limit);
    }

    /**
     * Who speaks for a device; blocks.
     *
     * @throws RegistryUnavailableException if the registry cannot be asked
     */
    public Optional<SubDevice> find(DeviceId subDevice) {
        return topology.find(subDevice);
    }

    /** Whether a device is signed in through a gateway now. */
    public boolean isSignedIn(DeviceId gateway, DeviceId subDevice) {
        return subDevices.isSignedIn(gateway, subDevice.toString());
    }

    /**
     * Has a gateway speak for a device, as an operator wants it; blocks.
     *
     * @throws NotFoundException if there is no such device
     * @throws IllegalArgumentException if one of the two cannot be that, saying why
     * @throws RegistryUnavailableException if the registry cannot be asked
     */
    public void add(DeviceId gateway, DeviceId subDevice) {
        // Before the gateway can subscribe for the device, which it may as soon as it is added.
        devices.products().find(subDevice.productKey()).ifPresent(topics::learn);
        topology.add(gateway, Set.of(subDevice), settings.subDevicesMax());
    }

    /**
     * A gateway speaks for a device no more, and is told so; blocks.
     *
     * @return complete when the login of the device has ended: whether the gateway spoke for it
     * @throws RegistryUnavailableException if the registry cannot be asked
     */
    public CompletionStage<Boolean> remove(DeviceId gateway, DeviceId subDevice) {
        if (topology.remove(gateway, Set.of(subDevice)).isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        Optional<GatewayLink> link = subDevices.link(gateway);
        GatewayNotices told = notices;
        if (link.isEmpty() || told == null) {
            return CompletableFuture.completedFuture(true);
        }
        told.removed(link.get(), subDevice);
        return subDevices.refreshed(link.get()).thenApply(done -> true);
    }

    /** Gateways that connect from now on are refused. */
    @Override
    public void close() {
        thread.close();
    }
}
