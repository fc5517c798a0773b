package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.hub.commands.Commands;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.GatewayServices;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceTopic;
import io.muster.hub.protocol.ServiceTopic.Root;
import io.muster.hub.services.Report.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what devices ask on their own topics, and tells applications what they report. Shared by
 * all event loops; never blocks.
 *
 * <p>Requests are worked on where they arrive, on the event loop of their device, so that reports
 * and answers keep their order; only what the registry keeps goes to its thread.
 */
public final class DeviceServices implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeviceServices.class);

    /** The topics to listen to. */
    public static final List<String> FILTERS =
            List.of(ServiceTopic.FILTER, ServiceTopic.SESSION_FILTER);

    /** The device SDKs wait no longer for an answer. */
    private static final Duration ANSWER_AGE_MAX = Duration.ofSeconds(60);

    private static final int ID_LENGTH_MAX = 64;

    /** What requests are counted as that come for a device that is not signed in. */
    private static final String NOT_SIGNED_IN = "not.signed.in";

    /** What requests are counted as on topics that the rules of the device's product deny. */
    private static final String NOT_PERMITTED = "not.permitted";

    private final RegistryThread registry;
    private final ServiceTable services;
    private final GatewayServices gateways;
    private final Commands commands;
    private final Clock clock;
    private final Outlet outlet;
    private final ServiceListener listener;

    /**
     * Services on a registry.
     *
     * @param gateways the services of gateways, and for whom they speak
     * @param commands are told of the answers to them
     * @param outlet is given answers and reports, on event loops and on another thread
     * @param listener is told of each request
     */
    public DeviceServices(
            ServedRegistry stored,
            GatewayServices gateways,
            Commands commands,
            Clock clock,
            Outlet outlet,
            ServiceListener listener) {
        this.registry = new RegistryThread(stored.deadline());
        this.services =
                new ServiceTable(
                        stored,
                        gateways,
                        registry,
                        report -> outlet.reports().accept(report.message()),
                        clock);
        this.gateways = gateways;
        this.commands = commands;
        this.clock = clock;
        this.outlet = outlet;
        this.listener = listener;
    }

    /** A message was published; what no device says of itself is left alone. */
    public void received(Message message) {
        ServiceTopic topic = ServiceTopic.of(message, gateways.speakers());
        if (topic == null) {
            return;
        }
        if (topic.isReply()) {
            answered(topic, message);
        } else if (topic.rest().equals(ServiceTable.RAW)) {
            passOn(topic, message);
        } else {
            Service service = services.find(topic);
            if (service != null) {
                serve(topic, service, message);
            }
        }
    }

    /**
     * Where applications will hear of what a message says, or null if they will not. Of a message
     * about several devices, where they hear of the one that sent it.
     */
    public @Nullable String reportedOn(Message message) {
        ServiceTopic topic = ServiceTopic.of(message, gateways.speakers());
        return topic == null ? null : services.reportedOn(topic);
    }

    /** What gateways were told needs no answer. */
    private void answered(ServiceTopic topic, Message message) {
        if (topic.root() == Root.SYSTEM) {
            commands.answered(topic, message.payload());
        }
    }

    /**
     * A message was published that its publisher may not publish. If it is of the publisher, or of
     * a device for which that speaks, it is told why: the SDK for Node.js waits for an answer for
     * ever.
     *
     * @param answer sends to the publisher, if it listens
     */
    public void refused(Message message, Consumer<Message> answer) {
        ServiceTopic topic = ServiceTopic.of(message, gateways.members());
        if (topic == null || topic.isReply()) {
            return;
        }
        boolean isSignedIn = ServiceTopic.of(message, gateways.speakers()) != null;
        listener.served(isSignedIn ? NOT_PERMITTED : NOT_SIGNED_IN, ReplyCode.NOT_PERMITTED);
        if (topic.rest().equals(ServiceTable.RAW)) {
            return; // answered in bytes that only applications know, if at all
        }
        String id;
        try {
            id = requireId(Envelope.read(message.payload()));
        } catch (RefusedRequestException unreadable) {
            id = "";
        }
        String reason =
                isSignedIn
                        ? "the rules of product '%s' do not let its devices publish on this topic"
                                .formatted(topic.device().productKey())
                        : "device '%s' is not signed in; combine.login it first"
                                .formatted(topic.device());
        answer.accept(answer(topic, id, Reply.failure(ReplyCode.NOT_PERMITTED, reason)));
    }

    /** Answered by an application, if at all: only it knows what the bytes mean. */
    private void passOn(ServiceTopic topic, Message message) {
        String base64 = Base64.getEncoder().encodeToString(message.payload().bytes());
        long now = clock.millis();
        outlet.reports()
                .accept(
                        Report.of(topic.device(), Kind.RAW, now, now, TextNode.valueOf(base64))
                                .message());
        listener.served(topic.method(), ReplyCode.SUCCESS);
    }

    private void serve(ServiceTopic topic, Service service, Message message) {
        String id = "";
        try {
            JsonNode envelope = Envelope.read(message.payload());
            id = requireId(envelope);
            requireMethod(topic, envelope);
            Request request =
                    new Request(
                            topic.device(),
                            message.publisher(),
                            topic.rest(),
                            envelope,
                            message.payload().size());
            answerWhenDone(topic, id, service.serve(request));
        } catch (RefusedRequestException refused) {
            send(topic, id, refused.reply());
        }
    }

    private void answerWhenDone(ServiceTopic topic, String id, CompletionStage<Reply> stage) {
        var unused =
                stage.handle(
                        (reply, failure) -> {
                            send(topic, id, failure == null ? reply : failed(failure));
                            return null;
                        });
    }

    private static Reply failed(Throwable failure) {
        log.error("request of a device failed", failure);
        return Reply.failure(ReplyCode.INTERNAL, "the hub failed; its log says why");
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

    private void send(ServiceTopic topic, String id, Reply reply) {
        listener.served(ServiceTable.countedAs(topic), reply.code());
        Message answer = answer(topic, id, reply);
        if (reply.hasSecrets()) {
            // Only gateways are told some, and only on their own topics.
            gateways.tell(topic.device(), answer);
        } else {
            outlet.answers().accept(answer);
        }
    }

    private Message answer(ServiceTopic topic, String id, Reply reply) {
        ObjectNode body =
                Envelope.object()
                        .put("id", id)
                        .put("code", reply.code())
                        .put("message", reply.message())
                        .set("data", reply.data());
        return new Message(
                topic.replyTopic(),
                Envelope.payload(body),
                Qos.AT_LEAST_ONCE,
                false,
                "",
                clock.millis() + ANSWER_AGE_MAX.toMillis(),
                PublishProperties.NONE);
    }

    /** What waits for the registry or for a device is not answered any more. */
    @Override
    public void close() {
        commands.close();
        registry.close();
    }
}
