package io.muster.broker.session;

import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.pace.StallWatch;
import io.muster.broker.pace.Timer;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a session knows for as long as one connection lasts. A new connection brings a new link.
 *
 * <p>Confined to the session's loop.
 */
public final class Link {

    private final SessionOutput output;
    private final ConnectedClient client;
    private final int receiveMaximum;

    /** Null if nothing was unacknowledged when the connection began. */
    private @Nullable Resends resends;

    /** Null as long as no subscription was owed retained messages. */
    private @Nullable Queue<Replay> replays;

    private @Nullable PermissionHolder permissionHolder;
    private @Nullable Will will;
    private long expirySeconds;
    private int outstanding;
    private boolean admitted;
    private boolean started;
    private boolean postponed;
    private boolean deniedPublish;
    private boolean deniedSubscribe;
    private @Nullable StallWatch stallWatch;
    private long acknowledgements;
    private long movedAcknowledgements;
    private long movedBytes;

    /** Knows what the client may do. */
    @FunctionalInterface
    public interface PermissionHolder {
        /**
         * What the client may publish is to be asked anew. On the session's loop.
         *
         * @return what it may do by its last sign-in
         */
        TopicPermissions permissionsChanged();
    }

    /**
     * Retained messages that a new subscription is owed, sent as the client takes them.
     *
     * @param readable the topics of which it is sent them
     */
    private record Replay(
            Matches messages, SubscriptionOptions options, Predicate<String> readable) {}

    /**
     * What was sent over an earlier connection and is not acknowledged, to be sent again
     * [MQTT-4.4.0-1]: first what needs no quota, and so waits for nothing.
     */
    private static final class Resends {

        private final Queue<Unacknowledged> waiting = new ArrayDeque<>();

        /** Packets of QoS 2 of which only PUBREL went over this connection: they use no quota. */
        private final Set<Integer> releases = new HashSet<>();

        private Resends(List<Unacknowledged> unacknowledged) {
            unacknowledged.stream().filter(Unacknowledged::isReleased).forEach(waiting::add);
            unacknowledged.stream().filter(each -> !each.isReleased()).forEach(waiting::add);
        }

        boolean isEmpty() {
            return waiting.isEmpty();
        }

        /** The first, PUBLISH or PUBREL; null if there is none. */
        @Nullable Unacknowledged first() {
            return waiting.peek();
        }

        /** The first is sent. */
        void sent() {
            Unacknowledged first = waiting.remove();
            if (first.isReleased()) {
                releases.add(first.packetId());
            }
        }

        /**
         * The message is acknowledged; whether it was not outstanding, since it was not sent again
         * as PUBLISH.
         */
        boolean acknowledged(int packetId) {
            return remove(packetId) || (!releases.isEmpty() && releases.remove(packetId));
        }

        /** PUBREC. If the message has not been sent again, it need not be. */
        void received(int packetId) {
            if (remove(packetId)) {
                releases.add(packetId);
            }
        }

        private boolean remove(int packetId) {
            return !waiting.isEmpty() && waiting.removeIf(each -> each.packetId() == packetId);
        }
    }

    /**
     * A link that sends nothing yet.
     *
     * @param output the connection
     * @param client who is at its other end
     * @param receiveMaximum how many unacknowledged messages the client takes [MQTT5 3.1.2.11.3]
     * @param expirySeconds how long the session outlives the connection; 0 is not at all
     * @param will published if the connection ends without the client's consent
     */
    public Link(
            SessionOutput output,
            ConnectedClient client,
            int receiveMaximum,
            long expirySeconds,
            @Nullable Will will) {
        this.output = output;
        this.client = client;
        this.receiveMaximum = receiveMaximum;
        this.expirySeconds = expirySeconds;
        this.will = will;
    }

    /** Says who knows what the client may do. */
    public void permissionHolder(PermissionHolder holder) {
        permissionHolder = holder;
    }

    /**
     * Of the retained messages that the client is owed now, it is sent only those on these topics;
     * what it will be owed later is judged by what holds then.
     */
    void oweOnly(Predicate<String> topics) {
        if (replays != null) {
            replays =
                    replays.stream()
                            .map(owed -> new Replay(owed.messages, owed.options, topics))
                            .collect(Collectors.toCollection(ArrayDeque::new));
        }
    }

    /** See {@link PermissionHolder}. */
    TopicPermissions permissionsChanged() {
        return permissionHolder == null
                ? client.identity().permissions()
                : permissionHolder.permissionsChanged();
    }

    /** Whether this is the first PUBLISH that is denied over this connection. */
    public boolean isFirstDeniedPublish() {
        boolean isFirst = !deniedPublish;
        deniedPublish = true;
        return isFirst;
    }

    /** Whether this is the first topic filter that is refused over this connection. */
    public boolean isFirstDeniedSubscribe() {
        boolean isFirst = !deniedSubscribe;
        deniedSubscribe = true;
        return isFirst;
    }

    /** Who is at the other end. */
    public ConnectedClient client() {
        return client;
    }

    /** How long the session outlives this connection, in seconds; 0 is not at all. */
    public long expirySeconds() {
        return expirySeconds;
    }

    /** Changes how long the session outlives this connection [MQTT5 3.14.2.2.2]. */
    public void expirySeconds(long seconds) {
        this.expirySeconds = seconds;
    }

    SessionOutput output() {
        return output;
    }

    /** The will, if there is one; from now on there is none. */
    @Nullable Will takeWill() {
        Will taken = will;
        will = null;
        return taken;
    }

    boolean isAdmitted() {
        return admitted;
    }

    void admit() {
        admitted = true;
    }

    /** Takes in what is to be sent again. */
    void start(List<Unacknowledged> unacknowledged) {
        started = true;
        resends = unacknowledged.isEmpty() ? null : new Resends(unacknowledged);
    }

    boolean isStarted() {
        return started;
    }

    /** Ends the connection; nothing more is sent over it. Complete when it is closed. */
    CompletionStage<Void> end(ConnectionEnd cause) {
        started = false;
        stopStallWatch();
        return output.end(cause);
    }

    /**
     * Publishers would wait for the client, or not any more.
     *
     * @param load knows whether one waits
     * @param stalled run if the client takes nothing for so long meanwhile, or publishers have
     *     waited for it ten times that
     */
    void behind(boolean isBehind, Timer timer, long stallMillis, Load load, Runnable stalled) {
        stopStallWatch();
        if (isBehind) {
            stallWatch =
                    new StallWatch(
                            timer, stallMillis, this::hasMoved, load::takeWaitedFor, stalled);
        }
        output.behind(isBehind);
    }

    private void stopStallWatch() {
        if (stallWatch != null) {
            stallWatch.stop();
            stallWatch = null;
        }
    }

    /**
     * Whether the client has taken something since this was last asked: acknowledged a message, or
     * read bytes, if it is them that hold it up. Answers that it reads while it acknowledges
     * nothing do not count.
     */
    private boolean hasMoved() {
        long bytes = output.isWritable() ? 0 : output.takenBytes();
        boolean hasMoved = acknowledgements != movedAcknowledgements || bytes != movedBytes;
        movedAcknowledgements = acknowledgements;
        movedBytes = bytes;
        return hasMoved;
    }

    /** Whether retained messages go on in a later turn, which is to come by itself. */
    boolean isPostponed() {
        return postponed;
    }

    void postponed(boolean isPostponed) {
        postponed = isPostponed;
    }

    void replay(Matches retained, SubscriptionOptions options, Predicate<String> readable) {
        if (replays == null) {
            replays = new ArrayDeque<>();
        }
        replays.add(new Replay(retained, options, readable));
    }

    /**
     * Whether a message may be sent at once: no retained ones are owed, and the socket has room.
     */
    boolean takesMore() {
        return started && !hasReplays() && output.isWritable();
    }

    boolean hasQuota() {
        return outstanding < receiveMaximum;
    }

    void sent() {
        outstanding++;
    }

    /**
     * The message is acknowledged. A client may do so on a new connection before the message has
     * been sent again there; then it is not, and it was not outstanding.
     */
    void acknowledged(int packetId) {
        acknowledgements++;
        boolean wasOutstanding = resends == null || !resends.acknowledged(packetId);
        if (wasOutstanding && outstanding > 0) {
            outstanding--;
        }
    }

    /** PUBREC. If the message has not been sent again over this connection, it need not be. */
    void received(int packetId) {
        acknowledgements++;
        if (resends != null) {
            resends.received(packetId);
        }
    }

    /**
     * The next message to be sent again, PUBLISH or PUBREL; null if there is none, or if it is a
     * PUBLISH and the client takes no more. PUBREL needs no quota [MQTT-3.3.4-10].
     */
    @Nullable Unacknowledged nextResend() {
        Unacknowledged next = resends == null ? null : resends.first();
        if (resends == null || next == null || !(next.isReleased() || hasQuota())) {
            return null;
        }
        if (!next.isReleased()) {
            sent();
        }
        resends.sent();
        return next;
    }

    boolean hasResends() {
        return resends != null && !resends.isEmpty();
    }

    /** New subscriptions whose retained messages have not all been sent. */
    public int pendingReplays() {
        return replays == null ? 0 : replays.size();
    }

    boolean hasReplays() {
        return replays != null && !replays.isEmpty();
    }

    private Queue<Replay> owed() {
        return Objects.requireNonNull(replays);
    }

    /** Whether the next retained message may have QoS 1 or 2. */
    boolean replayNeedsQuota() {
        return owed().element().options.qos() != Qos.AT_MOST_ONCE;
    }

    /** The next retained message, or null if none was found in a short time. */
    @Nullable Delivery nextReplay(long nowMillis) {
        Queue<Replay> owed = owed();
        Replay replay = owed.element();
        Message message = replay.messages.next(nowMillis);
        if (replay.messages.isOver()) {
            owed.remove();
        }
        return message == null
                        || isOwn(message, replay.options)
                        || !replay.readable.test(message.topic())
                ? null
                : delivery(message, replay.options);
    }

    /** The client does not want to be sent its own messages, these either [MQTT-3.8.3-3]. */
    private boolean isOwn(Message message, SubscriptionOptions options) {
        return options.noLocal() && message.publisher().equals(client.clientIdentifier());
    }

    private static Delivery delivery(Message message, SubscriptionOptions options) {
        return new Delivery(
                message,
                Qos.min(message.qos(), options.qos()),
                true,
                SubscriptionIdentifiers.of(options.identifier()),
                null);
    }
}
