package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
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

    private final Commands commands;
    private final Function<String, Optional<TopicPermissions>> permissions;
    private final Consumer<Message> broker;

    /**
     * Applications and their commands.
     *
     * @param permissions what the connected client of a name may do
     * @param broker routes answers
     */
    public ApplicationCommands(
            Commands commands,
            Function<String, Optional<TopicPermissions>> permissions,
            Consumer<Message> broker) {
        this.commands = commands;
        this.permissions = permissions;
        this.broker = broker;
    }

    /** An application commands a device. */
    public void received(Message message) {
        String id = "";
        CompletionStage<CommandAnswer> answer;
        try {
            JsonNode envelope = Envelope.read(message.payload());
            id = Envelope.id(envelope);
            answer = send(device(message.topic()), envelope);
        } catch (RefusedRequestException refused) {
            answer = CompletableFuture.completedFuture(refusal(refused.reply()));
        } catch (IllegalArgumentException wrong) {
            answer =
                    CompletableFuture.completedFuture(
                            refusal(
                                    Reply.failure(
                                            ReplyCode.BAD_PARAMETER,
                                            String.valueOf(wrong.getMessage()))));
        }
        String asked = id;
        var unused =
                answer.exceptionally(ApplicationCommands::failure)
                        .thenAccept(given -> reply(message, asked, given));
    }

    private static DeviceId device(String topic) {
        String[] levels = topic.split("/", -1);
        return new DeviceId(levels[PRODUCT_LEVEL], levels[DEVICE_LEVEL]);
    }

    private CompletionStage<CommandAnswer> send(DeviceId device, JsonNode envelope) {
        String method = Parameters.requireText("method", envelope.path("method"));
        JsonNode params = envelope.path("params");
        if (method.equals(RAW)) {
            byte[] bytes = Base64.getDecoder().decode(Parameters.requireText("params", params));
            return commands.sendRaw(device, bytes).thenApply(ApplicationCommands::sent);
        }
        return commands.send(device, new Command(method, params, timeout(envelope)));
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
                cause instanceof CommandFailedException failed
                        ? code(failed.reason())
                        : ReplyCode.INTERNAL;
        return refusal(Reply.failure(code, String.valueOf(cause.getMessage())));
    }

    private static int code(CommandFailedException.Reason reason) {
        return switch (reason) {
            case NOT_CONNECTED -> ReplyCode.NOT_PERMITTED;
            case TIMED_OUT -> ReplyCode.TIMED_OUT;
            case TOO_MANY -> ReplyCode.TOO_MANY_REQUESTS;
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
                && permissions
                        .apply(publisher)
                        .filter(allowed -> allowed.mayPublish(topic))
                        .isPresent();
    }
}
