package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.memory.MemorySessionStore;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sessions, tree and router of a broker without its network: loops are driven by hand, and clients
 * note what they are sent. Confined to the test's thread.
 */
final class HandBroker {

    static final int QUEUE_MESSAGES_MAX = 6;

    final HandLoops loops = new HandLoops(2);
    final TopicTree tree;
    final SessionRegistry registry;

    /** Topics of all messages that were routed as wills. */
    final List<String> wills = new ArrayList<>();

    private final Router router;
    private final Map<String, HandClient> clients = new HashMap<>();

    HandBroker() {
        this(ShareStrategy.ROUND_ROBIN);
    }

    HandBroker(ShareStrategy strategy) {
        this(strategy, QUEUE_MESSAGES_MAX);
    }

    HandBroker(ShareStrategy strategy, int queueMessagesMax) {
        tree = new TopicTree(strategy);
        router = new Router(tree, new RetainedMessages(10, 10_000));
        registry =
                new SessionRegistry(
                        new MemorySessionStore(queueMessagesMax, 10_000),
                        tree,
                        new SessionLimits(
                                100, queueMessagesMax, 10_000, QueuePolicy.DROP_NEWEST, 1_000),
                        new TakeOvers(TakeOverLimits.NONE, () -> 0),
                        new Indifferent(),
                        this::routeWill);
    }

    private void routeWill(Message message) {
        wills.add(message.topic());
        router.publish(message);
    }

    private static final class Indifferent implements ClientObserver {
        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return CompletableFuture.completedFuture(Admission.ADMITTED);
        }

        @Override
        public void disconnected(ConnectedClient client) {}

        @Override
        public void published(ConnectedClient client) {}
    }

    HandClient client(String name) {
        return clients.computeIfAbsent(name, HandClient::new);
    }

    /** Routes a message on a loop, and lets every loop work until nothing is left to do. */
    void publish(int loop, String topic, Qos qos) {
        publish(loop, SessionStage.message(topic, qos));
    }

    /** Routes a message on a loop, and lets every loop work until nothing is left to do. */
    void publish(int loop, Message message) {
        loops.in(loop, () -> router.publish(message));
        loops.runAll();
    }

    /** As {@link #publish}, but what another loop is handed stays in its mailbox. */
    void publishOnly(int loop, String topic, Qos qos) {
        loops.in(loop, () -> router.publish(SessionStage.message(topic, qos)));
    }

    /** A client, with or without a connection. */
    final class HandClient {

        final String name;
        private RecordingOutput output = new RecordingOutput();
        private @Nullable Link link;
        private boolean sessionPresent;

        private HandClient(String name) {
            this.name = name;
        }

        HandClient connect(long expirySeconds) {
            return connect(name.length() % 2, false, expirySeconds, 100, null);
        }

        HandClient connect(
                int loop,
                boolean cleanStart,
                long expirySeconds,
                int receiveMaximum,
                @Nullable Will will) {
            SessionRegistry.Request request =
                    new SessionRegistry.Request(
                            name,
                            "principal",
                            cleanStart,
                            expirySeconds > 0,
                            loops.loop(loop),
                            SessionStage.REMOTE);
            CompletableFuture<Opening> opened =
                    loops.ask(loop, () -> registry.open(request)).toCompletableFuture();
            loops.runAll();
            Opening opening = opened.join();
            output = new RecordingOutput();
            sessionPresent = opening.isPresent();
            Link fresh =
                    new Link(
                            output, SessionStage.client(name), receiveMaximum, expirySeconds, will);
            link = fresh;
            Session session = opening.session();
            inLoop(
                    () -> {
                        session.attach(fresh);
                        assertThat(session.admit(fresh)).isTrue();
                        session.start();
                        opening.done().run();
                    });
            return this;
        }

        boolean isConnected() {
            return link != null;
        }

        boolean wasSessionPresent() {
            return sessionPresent;
        }

        Session session() {
            return registry.find(name).orElseThrow();
        }

        boolean hasSession() {
            return registry.find(name).isPresent();
        }

        /** Does something on the loop of the session. */
        void inLoop(Runnable work) {
            loops.in(session().loop().index(), work);
            loops.runAll();
        }

        HandClient subscribe(String filter, Qos qos) {
            return subscribe(filter, new SubscriptionOptions(qos, false, false, 0));
        }

        HandClient subscribe(String filter, SubscriptionOptions options) {
            inLoop(() -> session().subscribe(TopicFilter.parse(filter), options));
            return this;
        }

        void unsubscribe(String filter) {
            inLoop(() -> assertThat(session().unsubscribe(filter)).isTrue());
        }

        void end(ConnectionEnd cause) {
            Link ended = link;
            link = null;
            if (ended != null) {
                inLoop(() -> session().end(ended, cause));
            }
        }

        /** DISCONNECT that changes how long the session stays [MQTT5 3.14.2.2.2]. */
        void disconnect(long expirySeconds) {
            Link ended = link;
            if (ended != null) {
                inLoop(() -> ended.expirySeconds(expirySeconds));
                end(ConnectionEnd.CLIENT_DISCONNECTED);
            }
        }

        /** Leaves for good: the session ends with the connection. */
        void endSession() {
            disconnect(0);
        }

        void setWritable(boolean writable) {
            output.setWritable(writable);
            inLoop(() -> session().pump());
        }

        void acknowledge(int packetId) {
            inLoop(() -> session().acknowledged(packetId));
        }

        /** What the present connection was sent since this was last asked. */
        List<String> sent() {
            return output.sent();
        }
    }
}
