package io.muster.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.muster.auth.spi.Authenticator;
import io.muster.broker.message.Message;
import io.muster.broker.metrics.BrokerMetrics;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.metrics.LoopLag;
import io.muster.broker.metrics.Totals;
import io.muster.broker.net.BrokerRules;
import io.muster.broker.net.ConnectionGuard;
import io.muster.broker.net.Doors;
import io.muster.broker.net.EventLoops;
import io.muster.broker.net.ListenerSettings;
import io.muster.broker.net.MqttListener;
import io.muster.broker.net.tls.ListenerTls;
import io.muster.broker.net.tls.Tls;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsSettings;
import io.muster.broker.pace.Rates;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.protocol.PacketFlows;
import io.muster.broker.protocol.ProtocolLimits;
import io.muster.broker.protocol.connect.ConnectFlow;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.packet.Capabilities;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Session;
import io.muster.broker.session.SessionLimits;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.session.memory.MemorySessionStore;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.sys.Figures;
import io.muster.broker.sys.SystemTopicPublisher;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker: listeners, sessions and routing behind one front door. Assembled here, with {@code
 * new}.
 */
public final class Broker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Broker.class);
    private static final long EXPIRY_SWEEP_SECONDS = 60;
    private static final int TOPIC_BYTES_MAX = 65_535;

    private final BrokerConfig config;
    private final EventLoops eventLoops;
    private final List<SessionLoop> loops;
    private final RetainedMessages retained;
    private final Router router;
    private final List<OwnPublisher> ownPublishers;
    private final TakeOvers takeOvers;
    private final SessionRegistry sessions;
    private final TopicTree tree;
    private final PacedDrain drain;
    private final List<MqttListener> listeners = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ConnectionGuard guard;
    private final MeterRegistry meters;

    /** Null until all is put together. */
    private @Nullable BrokerRules rules;

    /** Null without listeners over TLS. */
    private volatile @Nullable Tls tls;

    /** Does what takes long and is not urgent, off the event loops. */
    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(
                    new DefaultThreadFactory("muster-housekeeping", true));

    private Broker(BrokerConfig config, ClientObserver observer, MeterRegistry meters) {
        this.config = config;
        this.meters = meters;
        this.guard = new ConnectionGuard(config.limits().connectionsMax());
        this.eventLoops =
                EventLoops.start(
                        config.loops().count(), config.loops().handful(), Clock.systemUTC());
        this.loops = eventLoops.sessionLoops();
        this.retained =
                new RetainedMessages(config.retained().messagesMax(), config.retained().bytesMax());
        BrokerConfig.Sessions limits = config.sessions();
        this.tree = new TopicTree(limits.shareStrategy());
        this.router = new Router(tree, retained, limits.queuePolicy() == QueuePolicy.REFUSE);
        this.ownPublishers = loops.stream().map(loop -> new OwnPublisher(loop, router)).toList();
        this.takeOvers = new TakeOvers(config.rates().takeOvers(), System::nanoTime);
        this.sessions =
                new SessionRegistry(
                        new MemorySessionStore(limits.queueMessagesMax(), limits.queueBytesMax()),
                        tree,
                        new SessionLimits(
                                limits.sessionsMax(),
                                limits.queueMessagesMax(),
                                limits.queueBytesMax(),
                                limits.queuePolicy(),
                                config.times().stall().toMillis()),
                        takeOvers,
                        observer,
                        router::publish);
        this.drain = new PacedDrain(sessions.all(), this::connectedClients, System::nanoTime);
    }

    /**
     * Binds all listeners and starts. Blocks until they accept connections.
     *
     * @param authenticator asked about every CONNECT; never asked on a thread that may block
     * @param observer told of clients that come and go
     * @param meters where the broker's metrics are registered
     * @throws UncheckedIOException naming the listener, if one cannot be bound; nothing is left
     *     open then
     */
    public static Broker start(
            BrokerConfig config,
            Authenticator authenticator,
            ClientObserver observer,
            MeterRegistry meters) {
        Broker broker = prepare(config, authenticator, observer, meters);
        try {
            broker.listen();
            return broker;
        } catch (RuntimeException failure) {
            broker.close();
            throw failure;
        }
    }

    /**
     * Starts without listeners, so that whoever {@linkplain #subscribe subscribes} before {@link
     * #listen} misses no message of any client. See {@link #start}.
     */
    public static Broker prepare(
            BrokerConfig config,
            Authenticator authenticator,
            ClientObserver observer,
            MeterRegistry meters) {
        Broker broker = new Broker(config, observer, meters);
        try {
            broker.open(authenticator, observer);
            return broker;
        } catch (RuntimeException failure) {
            broker.close();
            throw failure;
        }
    }

    private void open(Authenticator authenticator, ClientObserver observer) {
        BrokerConfig.Limits limits = config.limits();
        ProtocolLimits protocolLimits = protocolLimits(config);
        FieldReader fields = new FieldReader(config.protocol().refusesControlCharacters());
        BrokerMetrics metrics = measure();
        rules =
                new BrokerRules(
                        fields,
                        new ConnectFlow(
                                authenticator,
                                sessions,
                                observer,
                                protocolLimits,
                                new ConnectFlow.Settings(
                                        limits.signInDeadline().toMillis(),
                                        config.protocol().responseInformation(),
                                        drain::redirection,
                                        Rates.of(config.rates(), System.nanoTime()))),
                        new PacketFlows(
                                fields, router, retained, protocolLimits, observer, metrics),
                        observer,
                        metrics,
                        limits.connectBytesMax(),
                        limits.connectTimeout().toMillis(),
                        limits.signInDeadline().toMillis());
        keepHouse();
        publishSystemTopics();
    }

    /**
     * Binds all listeners. Blocks until they accept connections; called once.
     *
     * @throws UncheckedIOException naming the listener, if one cannot be bound; the broker is to be
     *     closed then
     * @throws IllegalStateException likewise, if one is to speak TLS
     */
    public void listen() {
        bindAll();
    }

    /**
     * The same of listeners of which some speak TLS.
     *
     * @throws IllegalArgumentException if a certificate cannot be used; the broker is to be closed
     *     then
     * @throws IllegalStateException likewise, if the TLS that is asked for is not there
     */
    public void listen(TlsSettings settings) {
        tls = Tls.open(settings, meters);
        bindAll();
    }

    /**
     * Asks for certificates and trust again, of which {@link TlsSettings} says how; connections
     * that are there stay. Blocks for some milliseconds; one thread at a time.
     *
     * @throws IllegalArgumentException if they cannot be used; those of before stay in force
     */
    public void renewTls() {
        Tls present = tls;
        if (present != null) {
            present.renew();
        }
    }

    private ListenerTls tls(ListenerConfig listener, TlsMode mode) {
        Tls present = tls;
        if (present == null) {
            throw new IllegalStateException(
                    "listener '%s' is to speak TLS, and has no certificate"
                            .formatted(listener.name()));
        }
        return present.listener(mode);
    }

    private void bindAll() {
        BrokerConfig.Limits limits = config.limits();
        BrokerRules prepared = Objects.requireNonNull(rules, "not prepared");
        for (ListenerConfig listener : config.listeners()) {
            ListenerSettings settings =
                    new ListenerSettings(
                            listener.name(),
                            listener.bind(),
                            listener.port(),
                            limits.packetBytesMax(),
                            limits.outboundBytesMax(),
                            (int) Math.min(Integer.MAX_VALUE, config.sessions().queueBytesMax()),
                            new Doors(
                                    listener.proxy(),
                                    listener.tls().map(mode -> tls(listener, mode)),
                                    listener.webSocket()));
            listeners.add(MqttListener.bind(eventLoops, settings, guard, prepared));
            log.info(
                    "listening listener={} address={}",
                    listener.name(),
                    addresses().get(listener.name()));
        }
    }

    private void keepHouse() {
        housekeeping.scheduleWithFixedDelay(
                this::removeExpired, EXPIRY_SWEEP_SECONDS, EXPIRY_SWEEP_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(
                drain::tick, PacedDrain.TICK_MILLIS, PacedDrain.TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ProtocolLimits protocolLimits(BrokerConfig config) {
        BrokerConfig.Limits limits = config.limits();
        return new ProtocolLimits(
                new Capabilities(
                        config.sessions().inflightMax(),
                        limits.packetBytesMax(),
                        config.protocol().topicAliasMax(),
                        config.protocol().features()),
                limits.keepAliveSecondsMax(),
                limits.topicLevelsMax(),
                config.sessions().expiryMax().toSeconds(),
                config.sessions().subscriptionsMax(),
                config.protocol().refusesDollarTopics(),
                config.protocol().checksPayloadFormat(),
                config.protocol().closesDeniedPublishers());
    }

    private void removeExpired() {
        retained.removeExpired(loops.get(0).nowMillis());
        sessions.removeExpired();
    }

    private void publishSystemTopics() {
        long intervalMillis = config.times().systemInterval().toMillis();
        if (intervalMillis > 0) {
            SystemTopicPublisher topics =
                    new SystemTopicPublisher(version(), this::figures, this::publishIfRoom);
            housekeeping.scheduleAtFixedRate(
                    topics::publish, 0, intervalMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static String version() {
        String version = Broker.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private Figures figures() {
        Runtime runtime = Runtime.getRuntime();
        return new Figures(
                Totals.of(counters()),
                guard.accepted(),
                sessions.all().size(),
                tree.size(),
                tree.sharedSize(),
                retained.size(),
                retained.bytes(),
                runtime.totalMemory() - runtime.freeMemory());
    }

    /** Retained messages of clients are not pushed out, nor is each figure a refusal in vain. */
    private void publishIfRoom(Message figure) {
        publishNow(
                hasRoomToRetain(figure)
                        ? figure
                        : Message.of(figure.topic(), figure.payload(), figure.qos(), false));
    }

    private List<LoopCounters> counters() {
        return loops.stream().map(SessionLoop::counters).toList();
    }

    private long connectedClients() {
        return Totals.of(counters()).clients();
    }

    private BrokerMetrics measure() {
        BrokerMetrics metrics = new BrokerMetrics(meters, counters());
        metrics.gauge(
                "muster.connections", "Open connections, signed in or not.", guard::connections);
        metrics.gauge(
                "muster.sessions", "Sessions, connected or not.", () -> sessions.all().size());
        metrics.gauge(
                "muster.contested.clients",
                "Client identifiers that several clients take from each other.",
                takeOvers::contested);
        metrics.gauge("muster.subscriptions", "Subscriptions, the hub's own too.", tree::size);
        metrics.gauge("muster.retained.messages", "Retained messages.", retained::size);
        metrics.gauge("muster.retained.bytes", "Memory of the retained messages.", retained::bytes);
        metrics.retainedRefused(retained::refused);
        metrics.gauge(
                "muster.draining",
                "1 while clients are sent elsewhere.",
                () -> drain.status().isPresent() ? 1 : 0);
        for (SessionLoop loop : loops) {
            Tags tags = Tags.of("loop", Integer.toString(loop.index()));
            metrics.gauge(
                    "muster.mailbox.deliveries",
                    "Deliveries handed over to a loop.",
                    tags,
                    loop::mailboxDepth);
            LoopLag lag = new LoopLag();
            metrics.gauge(
                    "muster.event.loop.lag.seconds",
                    "Largest lag since the last scrape.",
                    tags,
                    lag::worstSeconds);
            loop.execute(() -> watch(loop, lag));
        }
        return metrics;
    }

    private static void watch(SessionLoop loop, LoopLag lag) {
        lag.tick();
        loop.schedule(() -> watch(loop, lag), LoopLag.INTERVAL_MILLIS);
    }

    /** The addresses bound, by listener name. */
    public Map<String, InetSocketAddress> addresses() {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        listeners.forEach(listener -> addresses.put(listener.name(), listener.address()));
        return addresses;
    }

    /** The connected clients. */
    public Clients clients() {
        return new SessionClients(sessions, takeOvers);
    }

    /** Sends the clients elsewhere. */
    public Drain drain() {
        return drain;
    }

    /**
     * Routes a message of the hub's own, with QoS 1 or 2, and retained if it says so. It waits for
     * connected subscribers that do not keep up, as one of a client does; none of them misses it.
     * Messages to one topic keep their order. Any thread.
     *
     * @return complete when it has been handed to all sessions; whoever publishes much bounds by it
     *     how much waits
     * @throws IllegalArgumentException if its topic is longer than MQTT has lengths for
     */
    public CompletionStage<Void> publish(Message message) {
        requireTopic(message);
        return ownPublishers.get(place(message)).publish(message);
    }

    /** The loop that routes messages of this topic. */
    private int place(Message message) {
        return Math.floorMod(message.topic().hashCode(), loops.size());
    }

    private void publishNow(Message message) {
        loops.get(place(message)).execute(() -> router.publish(message));
    }

    /**
     * Routes a message of the hub's own that answers one of a client's. From a listener of {@link
     * #subscribe} it goes behind what the event loop is doing, acknowledgement included, and wakes
     * no other loop. It waits for nobody. Messages to one topic keep their order if they all come
     * of one client's messages, in the one way or in the other.
     */
    public void answer(Message message) {
        requireTopic(message);
        SessionLoop here = SessionLoop.current();
        if (here == null) {
            publishNow(message);
        } else {
            here.execute(() -> router.publish(message));
        }
    }

    /**
     * Routes a message of the hub's own that a listener of {@link #subscribe} makes of one of a
     * client's: at once, so that the next message of the client finds the queues as this one leaves
     * them. Those that one thread passes on keep their order. Any thread.
     */
    public void passOn(Message message) {
        requireTopic(message);
        router.passOn(message);
    }

    /** A longer one would be taken for another by who reads the packet [MQTT-1.5.4]. */
    private static void requireTopic(Message message) {
        String topic = message.topic();
        if (topic.length() > TOPIC_BYTES_MAX / 3
                && topic.getBytes(StandardCharsets.UTF_8).length > TOPIC_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a topic of more than " + TOPIC_BYTES_MAX + " bytes cannot be published to");
        }
    }

    /**
     * Subscribes the hub itself, until the broker is closed. What is retained is not told.
     *
     * @param filter a topic filter, not a shared one
     * @param listener told of each message that matches, on the publisher's event loop, in the
     *     order of its publisher; must return at once
     */
    public void subscribe(String filter, Consumer<Message> listener) {
        subscribe(filter, message -> null, listener);
    }

    /**
     * The same of a listener that makes another message of each and publishes it by {@link
     * #passOn}.
     *
     * @param onward where; must not match the filter
     */
    public void subscribe(String filter, OnwardTopic onward, Consumer<Message> listener) {
        tree.subscribe(LocalSubscriber.subscription(filter, router, onward, listener));
    }

    /** Whether a message of the hub's own could be retained if it came now. Any thread. */
    public boolean hasRoomToRetain(Message message) {
        return retained.hasRoomFor(message);
    }

    /**
     * Closes the listeners, tells the clients, ends their connections and stops. Blocks, at most
     * for the configured grace.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        listeners.forEach(MqttListener::close);
        housekeeping.shutdown();
        CompletableFuture<Void> ended =
                onEach(Broker::publishWill)
                        .thenCompose(
                                published ->
                                        onEach(
                                                session ->
                                                        session.end(
                                                                ConnectionEnd
                                                                        .SERVER_SHUTTING_DOWN)));
        long graceMillis = config.times().stopGrace().toMillis();
        try {
            ended.orTimeout(graceMillis, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException late) {
            log.warn("connections not closed in time grace={}ms", graceMillis);
        }
        eventLoops
                .shutdownGracefully(0, graceMillis, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * graceMillis);
        Optional.ofNullable(tls).ifPresent(Tls::close);
    }

    private static CompletionStage<Void> publishWill(Session session) {
        session.publishWillBeforeStop();
        return CompletableFuture.completedFuture(null);
    }

    /** Does this with each session, on its loop; complete when it is complete for all of them. */
    private CompletableFuture<Void> onEach(Function<Session, CompletionStage<Void>> action) {
        return CompletableFuture.allOf(
                sessions.all().stream()
                        .map(
                                session ->
                                        CompletableFuture.supplyAsync(
                                                        () -> action.apply(session),
                                                        session.loop()::execute)
                                                .thenCompose(done -> done))
                        .toArray(CompletableFuture[]::new));
    }
}
