package io.muster.hub.gateways;

import io.muster.auth.secret.ProductTopics;
import io.muster.broker.Clients;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import io.muster.devices.registry.topology.TopologyListener;
import io.muster.hub.protocol.ServiceTopic;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The connected gateways, the devices that they speak for, and who is signed in through them.
 * Shared by all event loops; never blocks.
 *
 * <p><b>One way at a time.</b> A device is connected itself, or signed in through a gateway. The
 * newest way counts, and how an older one ends says nothing of the device's state any more. Every
 * sign-in and every end runs inside {@link #change}, under the lock of the device, with the change
 * of its state, so that both go one after the other for one device. A connection of its own has no
 * entry: a device without gateway costs nothing here.
 *
 * <p><b>What a login needs is looked at under that lock</b>: that the gateway is connected and
 * still speaks for the device. Whoever ends one of them first makes it so, and then ends the logins
 * that he finds; so none is left over.
 */
public final class SubDevices implements TopologyListener, ServiceTopic.Speakers {

    /** A gateway does not speak for a device, or is not connected any more. */
    static final class NotMemberException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotMemberException(DeviceId gateway, DeviceId subDevice) {
            super(
                    "device '%s' is not in the topology of gateway '%s'; thing.topo.add it first"
                            .formatted(subDevice, gateway),
                    null,
                    false,
                    false);
        }
    }

    private static final int FIRST_SIZE = 256;

    private final DeviceDirectory directory;
    private final ProductTopics topics;
    private final FirstSignIns firstSignIns;
    private final Clock clock;

    /** Null until the broker runs; nobody signs in before. */
    private volatile @Nullable Clients clients;

    /** Is told which gateway spoke for a device that was deleted. */
    private volatile BiConsumer<GatewayLink, DeviceId> deletions = (gateway, device) -> {};

    /** By the gateway's name. */
    private final Map<String, GatewayLink> links = new ConcurrentHashMap<>();

    /** Who speaks for a device, by its name, if that gateway is connected. */
    private final Map<String, GatewayLink> speakers = new ConcurrentHashMap<>();

    /** By the device's name. */
    private final ConcurrentHashMap<String, SubDeviceLogin> logins =
            new ConcurrentHashMap<>(FIRST_SIZE);

    /**
     * Nobody is connected.
     *
     * @param topics knows the rules of the products of all that a gateway speaks for
     * @param firstSignIns is told of each sign-in
     * @param clock measures how often devices are heard
     */
    SubDevices(
            DeviceDirectory directory,
            ProductTopics topics,
            FirstSignIns firstSignIns,
            Clock clock) {
        this.directory = directory;
        this.topics = topics;
        this.firstSignIns = firstSignIns;
        this.clock = clock;
    }

    /** The broker runs: these are its clients. */
    public void reach(Clients connected) {
        clients = connected;
    }

    /** Whoever is told, before a deletion is answered, which gateway spoke for the device. */
    void onDeletion(BiConsumer<GatewayLink, DeviceId> told) {
        deletions = told;
    }

    Clients clients() {
        Clients reached = clients;
        if (reached == null) {
            throw new IllegalStateException("the broker does not run yet");
        }
        return reached;
    }

    // ------------------------------------------------------------------ gateways

    /**
     * A gateway connects, and speaks for nobody yet. The connection that it had has ended before.
     */
    GatewayLink connecting(DeviceId id, ConnectedClient client, LastClient shown) {
        GatewayLink link = new GatewayLink(id, client, shown);
        GatewayLink before = links.put(id.toString(), link);
        if (before != null) {
            end(before); // it was never admitted
        }
        return link;
    }

    /** A gateway that connects speaks for these devices; for whom else, {@link #changed} tells. */
    void follow(GatewayLink link, Collection<DeviceId> subDevices) {
        subDevices.forEach(each -> speaks(link, each));
    }

    private @Nullable GatewayLink speaks(GatewayLink link, DeviceId subDevice) {
        link.members().put(subDevice.toString(), subDevice);
        GatewayLink before = speakers.put(subDevice.toString(), link);
        if (link.hasEnded()) {
            speakers.remove(subDevice.toString(), link);
        }
        return before;
    }

    /**
     * The connection of a device has ended: its state follows, and if it was a gateway, all that
     * were signed in through it go offline.
     */
    public void disconnected(DeviceId id) {
        GatewayLink link = links.remove(id.toString());
        if (link != null) {
            end(link);
        }
        directlyLost(id);
    }

    private void end(GatewayLink link) {
        link.end();
        List.copyOf(link.logins()).forEach(each -> release(each, link));
        link.members().keySet().forEach(each -> speakers.remove(each, link));
    }

    /** The connection of a gateway, if it is connected. */
    Optional<GatewayLink> link(DeviceId gateway) {
        return Optional.ofNullable(links.get(gateway.toString()));
    }

    /** The gateway that speaks for a device, if it is connected. */
    Optional<GatewayLink> speakerOf(DeviceId subDevice) {
        return Optional.ofNullable(speakers.get(subDevice.toString()));
    }

    /** Whether this gateway speaks for the device, signed in or not. */
    boolean isMember(DeviceId gateway, String subDevice) {
        GatewayLink speaker = speakers.get(subDevice);
        return speaker != null && speaker.id().equals(gateway);
    }

    /** For how many devices a gateway speaks that is connected. */
    int memberCount(DeviceId gateway) {
        return link(gateway).map(link -> link.members().size()).orElse(0);
    }

    /** Another gateway speaks for the device, or none: it is signed in through this one no more. */
    @Override
    public void changed(DeviceId subDevice, Optional<DeviceId> gateway) {
        String name = subDevice.toString();
        GatewayLink link = gateway.map(each -> links.get(each.toString())).orElse(null);
        if (link != null && topics.find(subDevice).isEmpty()) {
            learnProductOf(subDevice);
        }
        GatewayLink before = link == null ? speakers.remove(name) : speaks(link, subDevice);
        if (before != null && before != link) {
            before.members().remove(name);
            release(subDevice, before);
            var unused = refreshed(before);
        }
    }

    /** Until its rules are known, nobody subscribes for the device. */
    private void learnProductOf(DeviceId subDevice) {
        var unused =
                directory
                        .findProduct(subDevice.productKey())
                        .thenAccept(product -> product.ifPresent(topics::learn));
    }

    /** It is signed in no more, and nothing is said of the state of a device that is not there. */
    @Override
    public void deleted(DeviceId subDevice) {
        String name = subDevice.toString();
        GatewayLink before = speakers.remove(name);
        change(
                subDevice,
                login -> {
                    firstSignIns.deleted(subDevice);
                    return null;
                });
        if (before != null) {
            before.members().remove(name);
            deletions.accept(before, subDevice);
            var unused = refreshed(before);
        }
    }

    // ------------------------------------------------------------------ ways

    /**
     * Changes the login of a device, under its lock: {@code step} gets the present one and returns
     * the new one, null for none. A login is in the list of its gateway as long as it is present,
     * so whoever ends the gateway finds it.
     */
    private void change(DeviceId id, UnaryOperator<@Nullable SubDeviceLogin> step) {
        logins.compute(
                id.toString(),
                (name, before) -> {
                    SubDeviceLogin after = step.apply(before);
                    if (before != null && (after == null || after.gateway() != before.gateway())) {
                        before.gateway().logins().remove(id);
                    }
                    return after;
                });
    }

    /**
     * Signs a device in through a gateway. Whichever way it was signed in before ends.
     *
     * @param secretMark of the secret that proved it; empty if it was its product's
     * @return the device as it stands then: online, or disabled and not signed in. Fails with
     *     {@link NotMemberException} if the gateway has gone or does not speak for it, and as
     *     {@link DeviceDirectory#signedIn} and {@link DeviceDirectory#withDevice} do; nothing has
     *     changed then
     */
    CompletionStage<SignedIn> signIn(SubDeviceLogin login, Optional<String> secretMark) {
        Attempt attempt =
                new Attempt(login.id(), login, present -> begin(login, present, secretMark));
        return attempt.run()
                .thenCompose(
                        signedIn ->
                                isOnline(signedIn)
                                        ? endConnection(login).thenApply(ended -> signedIn)
                                        : CompletableFuture.completedFuture(signedIn));
    }

    /**
     * Under the device's lock. Of a login that is repeated it is known already by which client it
     * came.
     */
    private Optional<SignedIn> begin(
            SubDeviceLogin login, @Nullable SubDeviceLogin present, Optional<String> secretMark) {
        GatewayLink gateway = login.gateway();
        if (gateway.hasEnded() || speakers.get(login.id().toString()) != gateway) {
            throw new NotMemberException(gateway.id(), login.id());
        }
        boolean isRepeated = present != null && present.gateway() == gateway;
        return directory.signedIn(
                login.id(),
                secretMark,
                isRepeated ? Optional.empty() : Optional.of(gateway.shown()));
    }

    /**
     * A device has signed in on a connection of its own. If it was signed in through a gateway,
     * that has ended when it is online.
     *
     * @param secretMark of the secret that proved it, if it was one
     * @param client by which it did
     * @return fails as {@link DeviceDirectory#signedIn} and {@link DeviceDirectory#withDevice} do;
     *     nothing has changed then
     */
    public CompletionStage<Device> signInDirectly(
            DeviceId id, Optional<String> secretMark, LastClient client) {
        Optional<LastClient> by = Optional.of(client);
        return new Attempt(id, null, present -> directory.signedIn(id, secretMark, by))
                .run()
                .thenApply(SignedIn::device);
    }

    private static boolean isOnline(SignedIn signedIn) {
        return signedIn.device().status() == DeviceStatus.ONLINE;
    }

    /** The sign-in of a device: the change of its state and of its way, both or none. */
    private final class Attempt {

        private final DeviceId id;

        /** Its way from now on; null for a connection of its own. */
        private final @Nullable SubDeviceLogin login;

        private final Function<@Nullable SubDeviceLogin, Optional<SignedIn>> step;
        private @Nullable SubDeviceLogin replaced;
        private Optional<SignedIn> signedIn = Optional.empty();

        private Attempt(
                DeviceId id,
                @Nullable SubDeviceLogin login,
                Function<@Nullable SubDeviceLogin, Optional<SignedIn>> step) {
            this.id = id;
            this.login = login;
            this.step = step;
        }

        private CompletionStage<SignedIn> run() {
            return directory
                    .withDevice(
                            id,
                            () -> {
                                change(id, this::look);
                                return signedIn;
                            })
                    .thenApply(
                            done -> {
                                refreshReplaced();
                                return done;
                            });
        }

        /** First into the list of the gateway, and then a look whether that has ended. */
        private @Nullable SubDeviceLogin look(@Nullable SubDeviceLogin present) {
            boolean isListed = login != null && login.gateway().logins().add(id);
            boolean entered = false;
            try {
                signedIn = step.apply(present);
                entered = signedIn.filter(SubDevices::isOnline).isPresent();
            } finally {
                if (login != null && isListed && !entered) {
                    login.gateway().logins().remove(id);
                }
            }
            if (!entered) {
                return present;
            }
            firstSignIns.online(signedIn.orElseThrow());
            replaced = present;
            return login;
        }

        /** The gateway through which it was signed in before may do less from now on. */
        private void refreshReplaced() {
            if (replaced != null && (login == null || replaced.gateway() != login.gateway())) {
                var unused = publishingRefreshed(replaced.gateway());
            }
        }
    }

    /** The connection that the device has itself is the older way. */
    private CompletionStage<Boolean> endConnection(SubDeviceLogin login) {
        String name = login.id().toString();
        boolean isNewest = logins.get(name) == login;
        return isNewest && clients().find(name).isPresent()
                ? clients().disconnect(name)
                : CompletableFuture.completedFuture(false);
    }

    /** A device is connected no more; that counts unless it is signed in through a gateway. */
    public void directlyLost(DeviceId id) {
        change(
                id,
                login -> {
                    if (login == null) {
                        var unused = directory.connectionLost(id);
                    }
                    return login;
                });
    }

    /**
     * Ends the login of a device, if it has one through this gateway: it goes offline. What the
     * gateway may publish is to be refreshed then.
     *
     * @return whether it had one
     */
    boolean release(DeviceId id, GatewayLink gateway) {
        return release(id, login -> login.gateway() == gateway);
    }

    private boolean release(DeviceId id, Predicate<SubDeviceLogin> which) {
        boolean[] was = {false};
        change(
                id,
                login -> {
                    if (login == null || !which.test(login)) {
                        return login;
                    }
                    was[0] = true;
                    var unused = directory.connectionLost(id);
                    return null;
                });
        return was[0];
    }

    /**
     * Takes a login back that came about but may not stay. One that has ended, or that a newer one
     * of the device has followed, is left alone.
     *
     * @return complete when the gateway can publish by it no more
     */
    CompletionStage<Void> takeBack(SubDeviceLogin login) {
        return release(login.id(), present -> present == login)
                ? publishingRefreshed(login.gateway())
                : CompletableFuture.completedFuture(null);
    }

    /**
     * Ends the login of a device, through whichever gateway.
     *
     * @return complete when the gateway can publish for it no more: whether it had one
     */
    CompletionStage<Boolean> end(String device) {
        SubDeviceLogin login = logins.get(device);
        if (login == null || !release(login.id(), login.gateway())) {
            return CompletableFuture.completedFuture(false);
        }
        return publishingRefreshed(login.gateway()).thenApply(done -> true);
    }

    /** The same of a device that was disabled, unless it has been enabled again meanwhile. */
    CompletionStage<Boolean> endIfDisabled(Device disabled) {
        return directory.latest(disabled).status() == DeviceStatus.DISABLED
                ? end(disabled.id().toString())
                : CompletableFuture.completedFuture(false);
    }

    /** Sends a message to a gateway, if it is connected. */
    void tell(DeviceId gateway, Message message) {
        var unused = send(gateway.toString(), message);
    }

    /** Sends a message to a gateway; whether it is connected. */
    CompletionStage<Boolean> send(GatewayLink gateway, Message message) {
        return send(gateway.client().clientIdentifier(), message);
    }

    private CompletionStage<Boolean> send(String clientIdentifier, Message message) {
        try {
            return clients().send(clientIdentifier, message);
        } catch (RuntimeException brokerIsClosed) {
            return CompletableFuture.failedFuture(brokerIsClosed);
        }
    }

    /** Complete when the broker asks anew what the gateway may publish and subscribe to. */
    CompletionStage<Void> refreshed(GatewayLink gateway) {
        return gateway.refresh(name -> clients().permissionsChanged(name));
    }

    /** Complete when it asks anew what it may publish, which is all that depends on logins. */
    CompletionStage<Void> publishingRefreshed(GatewayLink gateway) {
        return gateway.refreshPublishing(name -> clients().publishPermissionsChanged(name));
    }

    /** The same, if the gateway was refused what it may do now. */
    CompletionStage<Void> refreshedIfRefused(GatewayLink gateway) {
        return gateway.takeRefusal()
                ? publishingRefreshed(gateway)
                : CompletableFuture.completedFuture(null);
    }

    // ------------------------------------------------------------------ questions

    /** The login of a device, if it is signed in through a gateway. */
    Optional<SubDeviceLogin> login(String device) {
        return Optional.ofNullable(logins.get(device));
    }

    /**
     * Whether the device of a login is signed in through that connection of its gateway, be it by
     * this login or by one that followed it.
     */
    boolean isPresent(SubDeviceLogin login) {
        SubDeviceLogin present = logins.get(login.id().toString());
        return present != null
                && present.gateway() == login.gateway()
                && !login.gateway().hasEnded();
    }

    /** Whether a device is signed in through this gateway. */
    boolean isSignedIn(DeviceId gateway, String device) {
        return present(gateway.toString(), device) != null;
    }

    /** The login of a device through the connection that this gateway has now. */
    private @Nullable SubDeviceLogin present(String gateway, String device) {
        SubDeviceLogin login = logins.get(device);
        return login != null && login.gateway() == links.get(gateway) ? login : null;
    }

    /** How many devices are signed in through gateways. */
    public int count() {
        return logins.size();
    }

    /** What a gateway says for a device that is signed in through it counts as that device's. */
    @Override
    public @Nullable DeviceId find(String publisher, String device) {
        SubDeviceLogin login = present(publisher, device);
        if (login == null) {
            return null;
        }
        heard(login);
        return login.id();
    }

    /** The same of any device that the gateway speaks for. */
    @Nullable DeviceId findMember(String publisher, String device) {
        GatewayLink speaker = speakers.get(device);
        return speaker != null && speaker.client().clientIdentifier().equals(publisher)
                ? speaker.members().get(device)
                : null;
    }

    /** The device was heard through its gateway. */
    void heard(SubDeviceLogin login) {
        if (login.heard(clock.millis())) {
            directory.sentData(login.id());
        }
    }

    /** Whether a gateway may publish to a topic as a device may that is signed in through it. */
    boolean mayPublish(DeviceId gateway, String topic) {
        String device = ServiceTopic.deviceName(topic);
        if (device == null) {
            return false;
        }
        String name = gateway.toString();
        if (isAllowed(name, device, topic)) {
            return true;
        }
        GatewayLink link = links.get(name);
        if (link == null) {
            return false;
        }
        // First the note, then a second look: a login that began in between finds the note.
        link.noteRefusal();
        return isAllowed(name, device, topic);
    }

    private boolean isAllowed(String gateway, String device, String topic) {
        SubDeviceLogin login = present(gateway, device);
        return login != null && login.permissions().mayPublish(topic);
    }

    /** Whether a gateway may subscribe to a filter as a device may that it speaks for. */
    boolean maySubscribe(DeviceId gateway, String filter) {
        DeviceId device = ServiceTopic.deviceId(filter);
        return device != null
                && isMember(gateway, device.toString())
                && topics.find(device).filter(own -> own.maySubscribe(filter)).isPresent();
    }

    /** Whether that may be said of a gateway when it is connected, and is not known yet. */
    boolean mayTurnOutToSubscribe(DeviceId gateway, String filter) {
        GatewayLink link = links.get(gateway.toString());
        DeviceId device = link != null && link.isComplete() ? null : ServiceTopic.deviceId(filter);
        return device != null
                && topics.find(device).map(own -> own.maySubscribe(filter)).orElse(true);
    }

    /** Whether a gateway speaks for a device of a product, or may when it is connected. */
    boolean mayActFor(String gateway, String productKey) {
        GatewayLink link = links.get(gateway);
        return link == null
                || !link.isComplete()
                || link.members().values().stream()
                        .anyMatch(each -> each.productKey().equals(productKey));
    }
}
