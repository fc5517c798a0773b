package io.muster.hub.commands;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceListener.Outcome;
import io.muster.hub.protocol.ServiceTopic;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks devices to do something, and finds their answers. A device is asked over its connection, no
 * matter what it subscribes to, and only if it is connected. It is asked with QoS 0: a command that
 * was not acknowledged would come again over the next connection, long after anybody wants it.
 *
 * <p>Shared; never blocks.
 */
public final class Commands implements AutoCloseable {

    private static final String DOWN_RAW = "thing/model/down_raw";

    /** Devices number their requests from 1, and some look for both kinds in one place. */
    private static final int ID_MIN = 1_000_000_000;

    private final UnderWay underWay = new UnderWay();
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
     * @return complete when it has answered; fails with {@link UnansweredException}
     */
    public CompletionStage<CommandAnswer> send(DeviceId device, Command command) {
        String id = nextId();
        UnderWay.Asked asked =
                new UnderWay.Asked(device, command.rest(), new CompletableFuture<>());
        asked.answer().whenComplete((answer, failure) -> count(failure));
        if (!underWay.add(id, asked)) {
            fail(asked, Outcome.TOO_MANY, "too many commands are under way");
            return asked.answer();
        }
        ask(id, asked, command);
        long seconds = command.timeout().toSeconds();
        String late = device + " has not answered within " + seconds + " s";
        timer.schedule(
                // Not the command itself: the timer would keep what was answered.
                () -> underWay.take(id).ifPresent(left -> fail(left, Outcome.TIMED_OUT, late)),
                TimeUnit.SECONDS.toMillis(seconds));
        return asked.answer();
    }

    /** A number for what the hub sends by itself, which no request of a device has. */
    public String nextId() {
        return Integer.toString(ID_MIN + Math.floorMod(numbers.getAndIncrement(), ID_MIN));
    }

    private void ask(String id, UnderWay.Asked asked, Command command) {
        ObjectNode envelope =
                Envelope.object()
                        .put("id", id)
                        .put("version", "1.0")
                        .put("method", command.method())
                        .set("params", command.params());
        sendTo(
                        asked.device(),
                        asked.rest(),
                        Envelope.payload(envelope),
                        command.timeout().toMillis())
                .whenComplete(
                        (connected, failure) -> {
                            if (failure != null || !connected) {
                                underWay.take(id);
                                fail(
                                        asked,
                                        Outcome.NOT_CONNECTED,
                                        asked.device() + " is not connected");
                            }
                        });
    }

    /**
     * Sends bytes that only the device and an application understand. There is no answer to wait
     * for.
     *
     * @return whether the device is connected, when they are on their way
     */
    public CompletionStage<Boolean> sendRaw(DeviceId device, byte[] bytes) {
        return sendTo(device, DOWN_RAW, Payload.of(bytes), Command.TIMEOUT_MAX.toMillis())
                .whenComplete(
                        (connected, failure) ->
                                listener.commanded(
                                        failure == null && connected
                                                ? Outcome.SENT
                                                : Outcome.NOT_CONNECTED));
    }

    private CompletionStage<Boolean> sendTo(
            DeviceId device, String rest, Payload payload, long ageMaxMillis) {
        try {
            return sender.send(
                    device.toString(),
                    new Message(
                            ServiceTopic.of(device, rest),
                            payload,
                            Qos.AT_MOST_ONCE,
                            false,
                            "",
                            clock.millis() + ageMaxMillis,
                            PublishProperties.NONE));
        } catch (RuntimeException brokerIsClosed) {
            return CompletableFuture.failedFuture(brokerIsClosed);
        }
    }

    /** A device answered; it is believed of itself only, and once. */
    public void answered(ServiceTopic topic, Payload payload) {
        if (!underWay.awaits(topic.device())) {
            return;
        }
        JsonNode envelope;
        try {
            envelope = Envelope.read(payload);
        } catch (RefusedRequestException unreadable) {
            return;
        }
        String id = Envelope.id(envelope);
        underWay.take(id, topic)
                .ifPresent(
                        asked ->
                                asked.answer()
                                        .complete(
                                                new CommandAnswer(
                                                        id,
                                                        envelope.path("code").asInt(),
                                                        envelope.path("message").asText(""),
                                                        envelope.path("data"))));
    }

    private static void fail(UnderWay.Asked asked, Outcome outcome, String sentence) {
        asked.answer().completeExceptionally(new UnansweredException(outcome, sentence));
    }

    private void count(Throwable failure) {
        listener.commanded(
                failure instanceof UnansweredException unanswered
                        ? unanswered.outcome()
                        : Outcome.ANSWERED);
    }

    /** Whoever waits for an answer is told that none will come. */
    @Override
    public void close() {
        List<UnderWay.Asked> left = underWay.takeAll();
        left.forEach(asked -> fail(asked, Outcome.STOPPED, "the hub is stopping"));
    }
}
