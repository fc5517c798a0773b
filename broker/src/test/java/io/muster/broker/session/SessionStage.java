package io.muster.broker.session;

import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.memory.MemorySession;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.topic.TopicFilter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One session on a hand-driven loop, and a broker around it that notes what it is told. */
final class SessionStage implements SessionHost {

    static final int QUEUE_MESSAGES_MAX = 10;
    static final long QUEUE_BYTES_MAX = 1_000;
    static final long STALL_MILLIS = 1_000;

    final HandLoops loops;
    final SessionLoop loop;
    final MemorySession state = new MemorySession("principal", QUEUE_MESSAGES_MAX, QUEUE_BYTES_MAX);
    final Session session;
    final RecordingOutput output = new RecordingOutput();
    private final List<String> events = new ArrayList<>();

    /** Whether there is another member for the messages of a shared subscription. */
    boolean redelivers;

    SessionStage() {
        this(QueuePolicy.DROP_NEWEST);
    }

    SessionStage(QueuePolicy queuePolicy) {
        this(queuePolicy, new HandLoops(1));
    }

    /** On the first of these loops. */
    SessionStage(QueuePolicy queuePolicy, HandLoops loops) {
        this.loops = loops;
        this.loop = loops.loop(0);
        SessionLimits limits =
                new SessionLimits(
                        1, QUEUE_MESSAGES_MAX, QUEUE_BYTES_MAX, queuePolicy, STALL_MILLIS);
        session = new Session("client", loop, state, true, limits, this);
    }

    /** Where clients are. */
    static final InetSocketAddress REMOTE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    static ConnectedClient client(String clientIdentifier) {
        return new ConnectedClient(
                clientIdentifier,
                clientIdentifier,
                new Identity("principal", clientIdentifier, new AllAllowed(), Map.of()),
                new ConnectedClient.Origin(REMOTE, "default"),
                5,
                0,
                Instant.EPOCH);
    }

    private record AllAllowed() implements TopicPermissions {
        @Override
        public boolean mayPublish(String topicName) {
            return true;
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return true;
        }
    }

    static Message message(String topic, Qos qos) {
        return message(topic, qos, 0);
    }

    static Message message(String topic, Qos qos, int payloadBytes) {
        return Message.of(topic, Payload.of(new byte[payloadBytes]), qos, false);
    }

    static Will will(long delaySeconds) {
        return new Will(message("will", Qos.AT_MOST_ONCE), delaySeconds, -1);
    }

    Link link(long expirySeconds) {
        return link(expirySeconds, 100, null);
    }

    Link link(long expirySeconds, int receiveMaximum, @Nullable Will will) {
        return new Link(output, client("client"), receiveMaximum, expirySeconds, will);
    }

    /** Attached, admitted and started. */
    Link connect(long expirySeconds) {
        return connect(link(expirySeconds));
    }

    Link connect(Link link) {
        loops.in(
                0,
                () -> {
                    session.attach(link);
                    session.admit(link);
                    session.start();
                });
        return link;
    }

    void end(Link link, ConnectionEnd cause) {
        loops.in(0, () -> session.end(link, cause));
    }

    /** Routes a message to the session, which subscribes to everything with QoS 2. */
    void deliver(String topic, Qos qos) {
        deliver(message(topic, qos));
    }

    /** Publishes a message for which there was room. */
    void admit(String topic, Qos qos) {
        loops.in(
                0,
                () ->
                        session.deliver(
                                message(topic, qos), subscription(Qos.EXACTLY_ONCE, false), true));
    }

    void deliver(Message message) {
        deliver(message, subscription(Qos.EXACTLY_ONCE, false));
    }

    void deliver(Message message, Subscription subscription) {
        loops.in(0, () -> session.deliver(message, subscription, false));
    }

    static SubscriptionOptions options(Qos qos) {
        return new SubscriptionOptions(qos, false, false, 0);
    }

    Subscription subscription(Qos qos, boolean retainAsPublished) {
        return new Subscription(
                TopicFilter.parse("#"),
                session,
                qos,
                false,
                retainAsPublished,
                SubscriptionIdentifiers.NONE);
    }

    /** What the broker was told since this was last asked. */
    List<String> events() {
        List<String> told = List.copyOf(events);
        events.clear();
        return told;
    }

    @Override
    public void subscribe(Subscription subscription) {
        events.add("subscribe " + subscription.filter().text());
    }

    @Override
    public boolean unsubscribe(String filter, Subscriber subscriber) {
        events.add("unsubscribe " + filter);
        return true;
    }

    @Override
    public boolean redeliver(String share, Message message, Subscriber leaving, boolean readyOnly) {
        events.add("redeliver " + message.topic() + (readyOnly ? " if ready" : ""));
        return redelivers;
    }

    @Override
    public boolean publishWill(Message message, ConnectedClient leaving) {
        events.add("publish " + message.topic());
        return true;
    }

    @Override
    public void disconnected(ConnectedClient client, ConnectionEnd cause) {
        events.add("disconnected " + cause);
    }

    @Override
    public void discarded(Session discarded, boolean isStored) {
        events.add("discarded");
    }
}
