package io.muster.hub.commands;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceListener.Outcome;
import io.muster.hub.protocol.ServiceTopic;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Takes commands to devices from applications, on {@code
 * /muster/devices/{productKey}/{deviceKey}/commands}, and answers them: where the message says
 * [MQTT5 3.3.2.3.5], else on the same topic with {@code _reply} behind it.
 *
 * <p>Whoever may publish there may command the device. Shared; never blocks.
 */
public final class ApplicationCommands {

    /** The topics to listen to. */
    public static final String FILTER = "/muster/devices/+/+/commands";

    private static final String RAW = "thing.model.down_raw";
    private static final int PRODUCT_LEVEL = 3;
    private static final int DEVICE_LEVEL = 4;

    /** Longer response topics, or deeper ones, are not used. */
    private static final int RESPONSE_LENGTH_MAX = 1_024;

    private static final int RESPONSE_LEVELS_MAX = 100;

    private final Commands commands;
    private final Function<String, Optional<TopicPermissions>> permissions;
    private final Consumer<Message> broker;
    private final ServiceListener listener;

    /**
     * Applications and their commands.
     *
     * @param permissions what the connected client of a name may do
     * @param broker routes answers
     * @param listener is told of what is no command
     */
    public ApplicationCommands(
            Commands commands,
            Function<String, Optional<TopicPermissions>> permissions,
            Consumer<Message> broker,
            ServiceListener listener) {
        this.commands = commands;
        this.permissions = permissions;
        this.broker = broker;
        this.listener = listener;
    }

    /** An application commands a device. What no device can be called is not answered. */
    public void received(Message message) {
        Optional<DeviceId> device = device(message.topic());
        boolean isOurOwn = message.publisher().isEmpty();
        if (device.isPresent() && !isOurOwn) {
            command(device.get(), message);
        }
    }

    private void command(DeviceId device, Message message) {
        String id = "";
        CompletionStage<CommandAnswer> answer;
        try {
            JsonNode envelope = Envelope.read(message.payload());
            id = Envelope.id(envelope);
            answer = send(device, envelope);
        } catch (RefusedRequestException refused) {
            answer = refused(refused.reply());
        } catch (IllegalArgumentException wrong) {
            String sentence = String.valueOf(wrong.getMessage());
            answer = refused(Reply.failure(ReplyCode.BAD_PARAMETER, sentence));
        }
        String asked = id;
        var unused =
                answer.exceptionally(ApplicationCommands::failure)
                        .thenAccept(given -> reply(message, asked, given));
    }

    private CompletionStage<CommandAnswer> refused(Reply reply) {
        listener.commanded(Outcome.REFUSED);
        return CompletableFuture.completedFuture(refusal(reply));
    }

    private static Optional<DeviceId> device(String topic) {
        String[] levels = topic.split("/", -1);
        String productKey = levels[PRODUCT_LEVEL];
        String deviceKey = levels[DEVICE_LEVEL];
        return DeviceId.isProductKey(productKey) && DeviceId.isDeviceKey(deviceKey)
                ? Optional.of(new DeviceId(productKey, deviceKey))
                : Optional.empty();
    }

    private CompletionStage<CommandAnswer> send(DeviceId device, JsonNode envelope) {
        String method = Parameters.requireText("method", envelope.path("method"));
        if (method.equals(RAW)) {
            byte[] bytes = bytes(Parameters.requireText("params", envelope.path("params")));
            return commands.sendRaw(device, bytes).thenApply(ApplicationCommands::sent);
        }
        JsonNode params = envelope.has("params") ? envelope.get("params") : Envelope.object();
        return commands.send(device, new Command(method, params, timeout(envelope)));
    }

    private static byte[] bytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw RefusedRequestException.badParameter("params is not Base64");
        }
    }

    private static Duration timeout(JsonNode envelope) {
        JsonNode seconds = envelope.path("timeoutSeconds");
        if (seconds.isMissingNode()) {
            return Command.TIMEOUT_DEFAULT;
        }
        if (!seconds.isInt()) {
            throw RefusedRequestException.badParameter("timeoutSeconds is not a whole number");
        }
        return Duration.ofSeconds(seconds.intValue());
    }

    private static CommandAnswer sent(boolean isConnected) {
        return isConnected
                ? new CommandAnswer("", ReplyCode.SUCCESS, "sent", MissingNode.getInstance())
                : refusal(Reply.failure(ReplyCode.NOT_PERMITTED, "the device is not connected"));
    }

    private static CommandAnswer refusal(Reply reply) {
        return new CommandAnswer("", reply.code(), reply.message(), MissingNode.getInstance());
    }

    private static CommandAnswer failure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        int code =
                cause instanceof UnansweredException unanswered
                        ? code(unanswered.outcome())
                        : ReplyCode.INTERNAL;
        return refusal(Reply.failure(code, String.valueOf(cause.getMessage())));
    }

    private static int code(Outcome outcome) {
        return switch (outcome) {
            case NOT_CONNECTED -> ReplyCode.NOT_PERMITTED;
            case TIMED_OUT -> ReplyCode.TIMED_OUT;
            case TOO_MANY -> ReplyCode.TOO_MANY_REQUESTS;
            case ANSWERED, SENT, REFUSED, STOPPED -> ReplyCode.INTERNAL;
        };
    }

    private void reply(Message command, String id, CommandAnswer answer) {
        ObjectNode body =
                Envelope.object()
                        .put("id", id)
                        .put("code", answer.code())
                        .put("message", answer.message());
        if (!answer.data().isMissingNode()) {
            body.set("data", answer.data());
        }
        PublishProperties asked = command.properties();
        broker.accept(
                new Message(
                        replyTopic(command),
                        Envelope.payload(body),
                        Qos.AT_LEAST_ONCE,
                        false,
                        "",
                        Message.NEVER,
                        new PublishProperties(-1, null, null, asked.correlationData(), List.of())));
    }

    /** The hub publishes nowhere where the application may not. */
    private String replyTopic(Message command) {
        String wanted = command.properties().responseTopic();
        return wanted != null && isOpen(command.publisher(), wanted)
                ? wanted
                : command.topic() + ServiceTopic.REPLY;
    }

    private boolean isOpen(String publisher, String topic) {
        return !topic.startsWith("$")
                && topic.length() <= RESPONSE_LENGTH_MAX
                && topic.chars().filter(letter -> letter == '/').count() < RESPONSE_LEVELS_MAX
                && permissions
                        .apply(publisher)
                        .filter(allowed -> allowed.mayPublish(topic))
                        .isPresent();
    }
}
