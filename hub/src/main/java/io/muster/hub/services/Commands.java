package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.hub.services.CommandFailedException.Reason;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks devices to do something, and finds their answers. A device is asked over its connection, no
 * matter what it subscribes to, and only if it is connected: nothing waits for one that is not.
 *
 * <p>Shared; never blocks.
 */
public final class Commands {

    private static final String DOWN_RAW = "thing/model/down_raw";
    private static final int UNDER_WAY_MAX = 10_000;

    /** Devices number their requests from 1, and some look for both kinds in one place. */
    private static final int ID_MIN = 1_000_000_000;

    private final Map<String, Pending> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Sender sender;
    private final Timer timer;
    private final Clock clock;
    private final ServiceListener listener;

    /** Sends a message to a connected client. */
    @FunctionalInterface
    public interface Sender {

        /** Sends to the client of this name; true if it is connected. */
        CompletionStage<Boolean> send(String clientIdentifier, Message message);
    }

    /** Runs tasks later, on any thread. */
    @FunctionalInterface
    public interface Timer {

        /** That of the JDK. */
        Timer JDK =
                (task, delayMillis) ->
                        CompletableFuture.delayedExecutor(delayMillis, TimeUnit.MILLISECONDS)
                                .execute(task);

        /** Runs {@code task} after {@code delayMillis}. */
        void schedule(Runnable task, long delayMillis);
    }

    private record Pending(DeviceId device, String rest, CompletableFuture<CommandAnswer> answer) {}

    /** Commands by way of a sender. */
    public Commands(Sender sender, Timer timer, Clock clock, ServiceListener listener) {
        this.sender = sender;
        this.timer = timer;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * Asks a device.
     *
     * @return complete when it has answered; fails with {@link CommandFailedException}
     */
    public CompletionStage<CommandAnswer> send(DeviceId device, Command command) {
        if (underWay.size() >= UNDER_WAY_MAX) {
            return failed(
                    Reason.TOO_MANY, "%d commands are under way already".formatted(UNDER_WAY_MAX));
        }
        String id = nextId();
        Pending pending = new Pending(device, command.rest(), new CompletableFuture<>());
        underWay.put(id, pending);
        pending.answer.whenComplete((answer, failure) -> end(id, answer != null));
        ObjectNode envelope =
                Envelope.object()
                        .put("id", id)
                        .put("version", "1.0")
                        .put("method", command.method())
                        .set("params", command.params());
        long timeoutMillis = command.timeout().toMillis();
        sendTo(device, command.rest(), Envelope.payload(envelope), timeoutMillis)
                .whenComplete(
                        (connected, failure) -> {
                            if (failure != null || !connected) {
                                fail(pending, Reason.NOT_CONNECTED, device + " is not connected");
                            }
                        });
        timer.schedule(
                () ->
                        fail(
                                pending,
                                Reason.TIMED_OUT,
                                "%s has not answered within %d s"
                                        .formatted(device, command.timeout().toSeconds())),
                timeoutMillis);
        return pending.answer;
    }

    /**
     * Sends bytes that only the device and an application understand. There is no answer to wait
     * for.
     *
     * @return whether the device is connected, when they are on their way
     */
    public CompletionStage<Boolean> sendRaw(DeviceId device, byte[] bytes) {
        return sendTo(device, DOWN_RAW, Payload.of(bytes), Command.TIMEOUT_MAX.toMillis());
    }

    private CompletionStage<Boolean> sendTo(
            DeviceId device, String rest, Payload payload, long ageMaxMillis) {
        return sender.send(
                device.toString(),
                new Message(
                        ServiceTopic.of(device, rest),
                        payload,
                        Qos.AT_LEAST_ONCE,
                        false,
                        "",
                        clock.millis() + ageMaxMillis,
                        PublishProperties.NONE));
    }

    private String nextId() {
        return Integer.toString(ID_MIN + Math.floorMod(numbers.getAndIncrement(), ID_MIN));
    }

    /** A device answered; it is believed of itself only, and once. */
    void answered(ServiceTopic topic, Payload payload) {
        if (underWay.isEmpty()) {
            return;
        }
        JsonNode envelope;
        try {
            envelope = Envelope.read(payload);
        } catch (RefusedRequestException unreadable) {
            return;
        }
        String id = Envelope.id(envelope);
        Pending pending = underWay.get(id);
        if (pending != null
                && pending.device.equals(topic.device())
                && topic.rest().equals(pending.rest + ServiceTopic.REPLY)) {
            pending.answer.complete(
                    new CommandAnswer(
                            id,
                            envelope.path("code").asInt(),
                            envelope.path("message").asText(""),
                            envelope.path("data")));
        }
    }

    private void end(String id, boolean isAnswered) {
        underWay.remove(id);
        if (isAnswered) {
            listener.commanded("answered");
        }
    }

    private void fail(Pending pending, Reason reason, String sentence) {
        if (pending.answer.completeExceptionally(new CommandFailedException(reason, sentence))) {
            listener.commanded(reason.name().toLowerCase(Locale.ROOT));
        }
    }

    private CompletionStage<CommandAnswer> failed(Reason reason, String sentence) {
        listener.commanded(reason.name().toLowerCase(Locale.ROOT));
        return CompletableFuture.failedFuture(new CommandFailedException(reason, sentence));
    }
}
