package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.hub.commands.Commands;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceTopic;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Answers what devices ask on their own topics, and tells applications what they report. Shared by
 * all event loops; never blocks.
 *
 * <p>Requests are worked on where they arrive, on the event loop of their device, so that reports
 * and answers keep their order; only what the registry keeps goes to its thread.
 */
public final class DeviceServices implements AutoCloseable {

    /** The topics to listen to. */
    public static final String FILTER = ServiceTopic.FILTER;

    /** The device SDKs wait no longer for an answer. */
    private static final Duration ANSWER_AGE_MAX = Duration.ofSeconds(60);

    private static final int ID_LENGTH_MAX = 64;
    private static final String RAW = "thing/model/up_raw";

    private final RegistryThread registry;
    private final ServiceTable services;
    private final Commands commands;
    private final Clock clock;
    private final Consumer<Message> broker;
    private final ServiceListener listener;

    /**
     * Services on a registry.
     *
     * @param commands are told of the answers to them
     * @param broker routes answers and reports; called on event loops and on another thread
     * @param listener is told of each request
     */
    public DeviceServices(
            ServedRegistry stored,
            Commands commands,
            Clock clock,
            Consumer<Message> broker,
            ServiceListener listener) {
        this.registry = new RegistryThread(stored.deadline());
        this.services =
                new ServiceTable(
                        stored, registry, report -> broker.accept(report.message()), clock);
        this.commands = commands;
        this.clock = clock;
        this.broker = broker;
        this.listener = listener;
    }

    /** A message was published; what no device says of itself is left alone. */
    public void received(Message message) {
        ServiceTopic topic = ServiceTopic.of(message);
        if (topic == null) {
            return;
        }
        if (topic.isReply()) {
            commands.answered(topic, message.payload());
        } else if (topic.rest().equals(RAW)) {
            passOn(topic, message);
        } else {
            Service service = services.find(topic.rest());
            if (service != null) {
                serve(topic, service, message);
            }
        }
    }

    /** Answered by an application, if at all: only it knows what the bytes mean. */
    private void passOn(ServiceTopic topic, Message message) {
        String base64 = Base64.getEncoder().encodeToString(message.payload().bytes());
        long now = clock.millis();
        broker.accept(
                Report.of(topic.device(), Kind.RAW, now, now, TextNode.valueOf(base64)).message());
        listener.served(topic.method(), ReplyCode.SUCCESS);
    }

    private void serve(ServiceTopic topic, Service service, Message message) {
        String id = "";
        try {
            JsonNode envelope = Envelope.read(message.payload());
            id = requireId(envelope);
            requireMethod(topic, envelope);
            Request request =
                    new Request(topic.device(), topic.rest(), envelope, message.payload().size());
            answerWhenDone(topic, id, service.serve(request));
        } catch (RefusedRequestException refused) {
            answer(topic, id, refused.reply());
        }
    }

    private void answerWhenDone(ServiceTopic topic, String id, CompletionStage<Reply> stage) {
        var unused = stage.thenAccept(reply -> answer(topic, id, reply));
    }

    private static String requireId(JsonNode envelope) {
        String id = Envelope.id(envelope);
        if (id.isEmpty() || id.length() > ID_LENGTH_MAX) {
            throw RefusedRequestException.badParameter(
                    "id is not a text of 1 to %d characters".formatted(ID_LENGTH_MAX));
        }
        return id;
    }

    private static void requireMethod(ServiceTopic topic, JsonNode envelope) {
        if (!ServiceTable.fits(topic, envelope.path("method").asText())) {
            throw new RefusedRequestException(
                    ReplyCode.METHOD_MISMATCH,
                    "method does not fit the topic, which is that of '" + topic.method() + "'");
        }
    }

    private void answer(ServiceTopic topic, String id, Reply reply) {
        listener.served(ServiceTable.countedAs(topic), reply.code());
        ObjectNode body =
                Envelope.object()
                        .put("id", id)
                        .put("code", reply.code())
                        .put("message", reply.message())
                        .set("data", reply.data());
        broker.accept(
                new Message(
                        topic.replyTopic(),
                        Envelope.payload(body),
                        Qos.AT_LEAST_ONCE,
                        false,
                        "",
                        clock.millis() + ANSWER_AGE_MAX.toMillis(),
                        PublishProperties.NONE));
    }

    /** What waits for the registry or for a device is not answered any more. */
    @Override
    public void close() {
        commands.close();
        registry.close();
    }
}
