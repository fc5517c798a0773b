package io.muster.hub.devices;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.hub.gateways.FirstSignIns;
import io.muster.hub.gateways.Gateways;
import io.muster.hub.gateways.SubDevices;
import io.muster.hub.protocol.ServiceTopic;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the device directory of clients that are devices. Shared by all event loops; never blocks.
 *
 * <p>A client is a device if its identity names a product key and a device key. All others, such as
 * applications, are admitted and have no state. One that fetches its secret is a matter of the
 * {@link Activation}. The sessions of both must have their names: an authenticator that calls them
 * otherwise is refused.
 */
public final class DeviceClients implements ClientObserver {

    private static final Logger log = LoggerFactory.getLogger(DeviceClients.class);

    private static final CompletionStage<Admission> ADMITTED =
            CompletableFuture.completedFuture(Admission.ADMITTED);

    private final DeviceDirectory directory;
    private final Activation activation;
    private final Gateways gateways;
    private final SubDevices subDevices;
    private final FirstSignIns firstSignIns;

    /**
     * Tells this directory who comes and goes.
     *
     * @param activation of those who come to fetch their secret
     * @param gateways who speaks for devices
     */
    public DeviceClients(DeviceDirectory directory, Activation activation, Gateways gateways) {
        this.directory = directory;
        this.activation = activation;
        this.gateways = gateways;
        this.subDevices = gateways.subDevices();
        this.firstSignIns = gateways.firstSignIns();
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        Optional<DeviceId> device = device(client);
        if (device.isEmpty()) {
            return ADMITTED;
        }
        DeviceId id = device.get();
        String name =
                isActivating(client) ? DeviceSecretAuthenticator.activationName(id) : id.toString();
        if (!client.clientIdentifier().equals(name)) {
            // Whoever disables the device would look for its session in vain.
            log.error(
                    "device refused, session has another name device={} client={} principal={}",
                    id,
                    new Quoted(client.clientIdentifier()),
                    new Quoted(client.identity().principal()));
            return refused("its session does not have the name of the device: " + id);
        }
        return isActivating(client) ? activation.admit(id, secretMark(client)) : signIn(client, id);
    }

    /**
     * What it is comes first, so that nothing that can fail follows its sign-in but what takes that
     * back. Its secret may have been replaced since it was looked up: the directory looks again.
     */
    private CompletionStage<Admission> signIn(ConnectedClient client, DeviceId id) {
        LastClient shown = LastClients.of(client);
        return gateways.isGateway(id)
                .thenCompose(
                        isGateway ->
                                signInDirectly(id, secretMark(client), shown)
                                        .thenCompose(
                                                device ->
                                                        admission(
                                                                device, client, shown, isGateway)))
                .exceptionally(failure -> refusal(id, failure));
    }

    private CompletionStage<Device> signInDirectly(
            DeviceId id, Optional<String> secretMark, LastClient shown) {
        return subDevices
                .signInDirectly(id, secretMark, shown)
                .thenCompose(
                        device ->
                                firstSignIns
                                        .recorded(device)
                                        .whenComplete(
                                                (recorded, failure) -> {
                                                    if (failure != null) {
                                                        subDevices.directlyLost(id);
                                                    }
                                                }));
    }

    private CompletionStage<Admission> admission(
            Device device, ConnectedClient client, LastClient shown, boolean isGateway) {
        if (device.status() != DeviceStatus.ONLINE) {
            return refused("device is disabled: " + device.id());
        }
        return isGateway ? gateways.admitted(device.id(), client, shown) : ADMITTED;
    }

    private static CompletionStage<Admission> refused(String why) {
        return CompletableFuture.completedFuture(Admission.notAuthorized(why));
    }

    private static Admission refusal(DeviceId id, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        log.warn(
                "device refused, sign-in not recorded device={} cause={}",
                id,
                new Quoted(cause.toString()));
        return cause instanceof NotFoundException || cause instanceof SecretReplacedException
                ? Admission.notAuthorized("since it signed in: " + cause.getMessage())
                : Admission.UNAVAILABLE;
    }

    @Override
    public void connected(ConnectedClient client, Consumer<Message> sender) {
        if (isActivating(client)) {
            device(client).ifPresent(id -> activation.begin(id, secretMark(client), sender));
        }
    }

    @Override
    public void disconnected(ConnectedClient client) {
        device(client).ifPresent(isActivating(client) ? activation::end : subDevices::disconnected);
    }

    /**
     * The device protocol answers a device and never closes it, be the topic its own or not: what
     * it may publish there can end without its doing, and some SDKs answer on foreign topics. One
     * that fetches its secret may do nothing else, and tries.
     */
    @Override
    public boolean refused(ConnectedClient client, Message message, Consumer<Message> answer) {
        if (device(client).isEmpty()) {
            return false;
        }
        gateways.refused(message, answer);
        return isActivating(client) || ServiceTopic.isOfProtocol(message.topic());
    }

    @Override
    public void published(ConnectedClient client) {
        if (!isActivating(client)) {
            device(client).ifPresent(directory::sentData);
        }
    }

    /** It fetches its secret, and is not signed in. */
    private static boolean isActivating(ConnectedClient client) {
        return DeviceSecretAuthenticator.ACTIVATING.equals(
                client.identity().attributes().get("kind"));
    }

    /** Of the secret that let it in, if it was one. */
    private static Optional<String> secretMark(ConnectedClient client) {
        return Optional.ofNullable(
                client.identity().attributes().get(DeviceSecretAuthenticator.SECRET_MARK));
    }

    private static Optional<DeviceId> device(ConnectedClient client) {
        Map<String, String> attributes = client.identity().attributes();
        String productKey = attributes.get("productKey");
        String deviceKey = attributes.get("deviceKey");
        return productKey == null || deviceKey == null
                ? Optional.empty()
                : Optional.of(new DeviceId(productKey, deviceKey));
    }
}
