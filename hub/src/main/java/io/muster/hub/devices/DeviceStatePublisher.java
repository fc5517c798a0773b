package io.muster.hub.devices;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.directory.DeviceStateListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes every change of a device's state, retained and with QoS 1, to {@code
 * $muster/devices/{productKey}/{deviceKey}/state}; when a device is deleted, the topic is cleared.
 * Shared by the threads of the directory, which it may hold up.
 *
 * <p>The directory must be listened to before the broker lets the first device in, but only the
 * started broker can publish: until {@link #publishTo}, changes wait here. Later no more than a
 * thousand are with the broker at a time, which has them wait for applications that do not keep up;
 * if it is slower than the devices, the directory waits, and spares a device that changes often the
 * steps in between. So no connected application misses the last state of a device.
 *
 * <p>What was retained is gone after a restart, so {@link PresentStates} has the state of every
 * device published that has not changed since. Until it is done, the publisher remembers which ones
 * did: an older state never follows a newer one.
 */
public final class DeviceStatePublisher implements DeviceStateListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeviceStatePublisher.class);

    private static final int WITH_BROKER_MAX = 1_000;
    private static final byte[] NOTHING = {};

    /** What became of a present state. */
    enum Presented {
        PUBLISHED,
        /** The device changed meanwhile, so that its state was published anyway. */
        KNOWN,
        /** It could not be retained. */
        NO_ROOM
    }

    private final Semaphore places = new Semaphore(WITH_BROKER_MAX);

    // Guarded by this. Nobody can sign in before the broker starts, so few changes ever wait.
    private final Queue<Message> waiting = new ArrayDeque<>();
    private @Nullable Function<Message, CompletionStage<Void>> broker;

    // Guarded by this: the versions published so far, until nobody asks for present states any
    // more.
    private @Nullable Map<DeviceId, Long> changed = new HashMap<>();

    private volatile boolean closed;

    @Override
    public synchronized void changed(Device device, DeviceStatus before) {
        if (changed != null) {
            changed.put(device.id(), device.state().version());
        }
        waiting.add(message(device.id(), device.state()));
        drain();
    }

    /** Clears what is retained: an empty message [MQTT-3.3.1-6]. */
    @Override
    public synchronized void deleted(DeviceId id) {
        if (changed != null) {
            changed.put(id, Long.MAX_VALUE);
        }
        waiting.add(Message.of(topic(id), Payload.of(NOTHING), Qos.AT_LEAST_ONCE, true));
        drain();
    }

    /**
     * Publishes the state that a device stands in, unless one as new was published already. To be
     * called while no change is waiting with the directory, and after {@link #publishTo}.
     *
     * @param hasRoom whether a message could be retained; if it says no, nothing is published
     * @return what became of it
     */
    synchronized Presented present(DeviceId id, DeviceState state, Predicate<Message> hasRoom) {
        if (changed == null || changed.getOrDefault(id, Long.MIN_VALUE) >= state.version()) {
            return Presented.KNOWN;
        }
        Message message = message(id, state);
        if (!hasRoom.test(message)) {
            return Presented.NO_ROOM;
        }
        waiting.add(message);
        drain();
        return Presented.PUBLISHED;
    }

    /** No present state will be asked for any more: what was remembered for that is forgotten. */
    synchronized void presentedAll() {
        changed = null;
    }

    /** From now on changes are handed to {@code broker}, those that waited first. */
    public synchronized void publishTo(Function<Message, CompletionStage<Void>> broker) {
        this.broker = broker;
        drain();
    }

    private void drain() {
        Function<Message, CompletionStage<Void>> target = broker;
        if (target == null) {
            return;
        }
        for (Message next = waiting.poll(); next != null; next = waiting.poll()) {
            publish(target, next);
        }
    }

    private void publish(Function<Message, CompletionStage<Void>> target, Message message) {
        if (closed) {
            return;
        }
        try {
            places.acquire();
            if (closed) {
                return;
            }
            target.apply(message).whenComplete((done, failure) -> published(message, failure));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            published(message, e);
        }
    }

    private void published(Message message, @Nullable Throwable failure) {
        places.release();
        if (failure != null && !closed) {
            log.warn("device state not published topic={}", message.topic(), failure);
        }
    }

    /** The keys need no escapes: {@link DeviceId} has no character that JSON or MQTT minds. */
    private static Message message(DeviceId id, DeviceState state) {
        String json =
                "{\"productKey\":\""
                        + id.productKey()
                        + "\",\"deviceKey\":\""
                        + id.deviceKey()
                        + "\",\"state\":\""
                        + state.status()
                        + "\",\"version\":"
                        + state.version()
                        + ",\"since\":"
                        + state.since().toEpochMilli()
                        + "}";
        return Message.of(
                topic(id),
                Payload.of(json.getBytes(StandardCharsets.UTF_8)),
                Qos.AT_LEAST_ONCE,
                true);
    }

    private static String topic(DeviceId id) {
        return "$muster/devices/" + id + "/state";
    }

    /** Publishes nothing more: the broker is about to stop, and with it all who could listen. */
    @Override
    public void close() {
        closed = true;
        places.release(); // whoever waits for a place sees that it is closed
    }
}
