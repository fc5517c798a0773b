package io.muster.hub.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.auth.secret.ActivationListener;
import io.muster.auth.secret.ActivationListener.Event;
import io.muster.auth.secret.ActivationListener.Refusal;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.Product;
import io.muster.devices.details.AssetId;
import io.muster.hub.commands.Timer;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.ReplyCode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells devices that signed in with their product's secret their own: dynamic activation.
 *
 * <p>The secret is sent as soon as the device has its CONNACK, without a subscription, and again
 * until the device says that it has it, or leaves. A device counts as activated when it signs in
 * with that secret, and not before: an answer can be lost, and some devices give none.
 *
 * <p>Shared; never blocks.
 */
public final class Activation implements AutoCloseable {

    /** Where devices answer. */
    public static final String REPLIES = "/ext/session/+/+/thing/activate/info_reply";

    private static final Logger log = LoggerFactory.getLogger(Activation.class);

    /** An answer is a short sentence; what is longer is not read. */
    private static final int REPLY_BYTES_MAX = 4_096;

    /** From one sending to the next: a device that was not ready for the first may be by then. */
    private static final long[] PAUSES_MILLIS = {1_000, 2_000, 3_000};

    /** From the last sending to when nothing more is expected of the device. */
    private static final long LAST_PAUSE_MILLIS = 4_000;

    private final DeviceLookup devices;
    private final Timer timer;
    private final ActivationListener listener;

    /** By the name of the connection's session. */
    private final Map<String, Telling> tellings = new ConcurrentHashMap<>();

    /**
     * An activation of the devices that {@code devices} knows.
     *
     * @param timer for what is sent again
     * @param listener is told what comes of it
     */
    public Activation(DeviceLookup devices, Timer timer, ActivationListener listener) {
        this.devices = devices;
        this.timer = timer;
        this.listener = listener;
    }

    /** One connection whose device is told its secret. Guarded by itself. */
    private final class Telling {

        private final DeviceId id;
        private final Optional<String> secretMark;
        private final Consumer<Message> sender;
        private int sent;
        private volatile boolean ended;

        private Telling(DeviceId id, Optional<String> secretMark, Consumer<Message> sender) {
            this.id = id;
            this.secretMark = secretMark;
            this.sender = sender;
        }

        /** The device is looked up each time: it may have signed in meanwhile, or been barred. */
        private void tell() {
            if (ended) {
                return;
            }
            find(id, secretMark)
                    .whenComplete(
                            (found, failure) -> {
                                if (failure != null) {
                                    tellLater(failure);
                                } else {
                                    found.ifPresent(this::tellNow);
                                }
                            });
        }

        private synchronized void tellNow(Device device) {
            if (ended) {
                return;
            }
            sender.accept(message(device));
            listener.happened(sent == 0 ? Event.BEGUN : Event.RESENT);
            if (sent == 0) {
                log.info("secret sent device={}", id);
            }
            if (sent < PAUSES_MILLIS.length) {
                timer.schedule(this::tell, PAUSES_MILLIS[sent]);
            } else {
                timer.schedule(this::giveUp, LAST_PAUSE_MILLIS);
            }
            sent++;
        }

        /** It may answer yet, but is not told again on this connection. */
        private synchronized void giveUp() {
            if (!ended) {
                listener.happened(Event.GAVE_UP);
                log.warn("secret not confirmed device={} sent={}", id, sent);
            }
        }

        /** There are devices that wait for ever. */
        private synchronized void tellLater(Throwable failure) {
            if (!ended) {
                log.warn(
                        "secret not sent yet device={} cause={}",
                        id,
                        new Quoted(failure.toString()));
                timer.schedule(this::tell, PAUSES_MILLIS[0]);
            }
        }

        private synchronized boolean end() {
            boolean isSent = !ended && sent > 0;
            ended = true;
            return isSent;
        }
    }

    /** The device, if it may be told its secret now by whoever knew this secret of the product. */
    private CompletionStage<Optional<Device>> find(DeviceId id, Optional<String> secretMark) {
        return devices.findProduct(id.productKey())
                .thenCompose(
                        product ->
                                product.filter(found -> mayTell(found, secretMark)).isPresent()
                                        ? devices.find(id)
                                        : CompletableFuture.completedFuture(Optional.empty()))
                .thenApply(found -> found.filter(Device::awaitsActivation));
    }

    private static boolean mayTell(Product product, Optional<String> secretMark) {
        return product.dynamicActivation()
                && secretMark
                        .map(mark -> product.secrets().isGood(mark, Instant.now()))
                        .orElse(true);
    }

    /**
     * Whether the device may be told its secret. Asked again although its sign-in was accepted: it
     * may have signed in as itself meanwhile, or its product may have another secret.
     *
     * @param secretMark of the product's secret that it knew; empty if it was let in otherwise
     */
    CompletionStage<Admission> admit(DeviceId id, Optional<String> secretMark) {
        return find(id, secretMark)
                .handle(
                        (found, failure) -> {
                            if (failure != null) {
                                log.warn(
                                        "device not activated device={} cause={}",
                                        id,
                                        new Quoted(failure.toString()));
                                listener.refused(Refusal.UNAVAILABLE);
                                return Admission.UNAVAILABLE;
                            }
                            if (found.isEmpty()) {
                                listener.refused(Refusal.CHANGED);
                                return Admission.notAuthorized(
                                        "may not fetch its secret any more: " + id);
                            }
                            return Admission.ADMITTED;
                        });
    }

    /**
     * The device has its CONNACK. Not called twice without end.
     *
     * @param secretMark as for {@link #admit}; looked at before each sending
     * @param sender sends to the device
     */
    void begin(DeviceId id, Optional<String> secretMark, Consumer<Message> sender) {
        Telling telling = new Telling(id, secretMark, sender);
        tellings.put(DeviceSecretAuthenticator.activationName(id), telling);
        telling.tell();
    }

    /** The device's connection has ended. */
    void end(DeviceId id) {
        Telling ended = tellings.remove(DeviceSecretAuthenticator.activationName(id));
        if (ended != null && ended.end()) {
            listener.happened(Event.UNCONFIRMED);
        }
    }

    /**
     * A device answered. It is believed of itself only. That it has no ear yet (1101), or anything
     * else but success, is no reason to stop.
     */
    public void replied(Message reply) {
        Telling telling = tellings.get(reply.publisher());
        if (telling != null && code(reply.payload()) == ReplyCode.SUCCESS) {
            tellings.remove(reply.publisher(), telling);
            telling.end();
            listener.happened(Event.CONFIRMED);
            log.info("secret received device={}", telling.id);
        }
    }

    private static int code(Payload payload) {
        if (payload.size() > REPLY_BYTES_MAX) {
            return 0;
        }
        try {
            return Envelope.read(payload).path("code").asInt();
        } catch (RefusedRequestException unreadable) {
            return 0;
        }
    }

    /** Without blanks: there are devices that would take them for a part of the secret. */
    private static Message message(Device device) {
        DeviceId id = device.id();
        ObjectNode envelope = Envelope.object();
        envelope.put("id", "1").put("version", "1.0").put("method", "thing.activate.info");
        envelope.putObject("params")
                .put("assetId", AssetId.of(id).text())
                .put("productKey", id.productKey())
                .put("deviceKey", id.deviceKey())
                .put("deviceSecret", device.secret().reveal());
        return Message.of(
                "/ext/session/" + id + "/thing/activate/info",
                Envelope.payload(envelope),
                Qos.AT_LEAST_ONCE,
                false);
    }

    /** Tells nobody any more. */
    @Override
    public void close() {
        tellings.values().forEach(Telling::end);
    }
}
