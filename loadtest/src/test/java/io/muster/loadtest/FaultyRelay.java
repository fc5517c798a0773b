package io.muster.loadtest;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A relay of MQTT messages in this process that breaks one promise on purpose. All of it is
 * confined to one event loop. No limits.
 */
public final class FaultyRelay implements AutoCloseable {

    /** One message in so many is mistreated. */
    private static final int FAULT_EVERY = 20;

    /** How long {@link Fault#STALL} and {@link Fault#LATE_SUBSCRIPTION} take. */
    public static final long PAUSE_MILLIS = 200;

    /** What it does wrong. */
    public enum Fault {
        NONE,
        DROP,
        DUPLICATE,
        REORDER,
        MISROUTE,
        FOREIGN,
        NO_ACKNOWLEDGEMENT,
        REFUSE_SUBSCRIPTION,
        DISCONNECT,
        /** Reads nothing of the publisher for a while, once. */
        STALL,
        /** Answers a SUBSCRIBE, and obeys it, only after a while. */
        LATE_SUBSCRIPTION,
        /** Sends retained messages as if they were new. */
        UNFLAGGED,
        /** Lets no session outlive its connection. */
        FORGET,
        /** Sends a packet that only clients send. */
        WRONG_PACKET,
        /** Sends a PUBLISH whose topic is longer than the packet. */
        MALFORMED
    }

    private record Subscription(Session session, @Nullable String group, Pattern filter) {}

    private record Publication(String topic, int qos, ByteBuf payload, boolean retained) {}

    /** What is owed to a client. */
    private static final class Session {

        private final Queue<Publication> waiting = new ArrayDeque<>();
        private @Nullable Channel channel;
    }

    /** What a client signed in with. */
    public record SeenSignIn(
            String clientId, @Nullable String username, @Nullable String password, long nanos) {}

    private final Fault fault;
    private final MqttConnectReturnCode answer;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<String, Session> kept = new HashMap<>();
    private final Map<String, Publication> retained = new HashMap<>();
    private final AtomicInteger keptCount = new AtomicInteger();
    private final AtomicInteger retainedCount = new AtomicInteger();
    private final Queue<SeenSignIn> signIns = new ConcurrentLinkedQueue<>();
    private @Nullable Publication heldBack;
    private boolean stalled;
    private int publications;
    private int nextIdentifier;

    public FaultyRelay(Fault fault) {
        this(fault, MqttConnectReturnCode.CONNECTION_ACCEPTED, pipeline -> {});
    }

    /** A relay that answers every CONNECT with a code. */
    public FaultyRelay(MqttConnectReturnCode answer) {
        this(Fault.NONE, answer, pipeline -> {});
    }

    /** A relay whose clients come through other handlers first. */
    FaultyRelay(Consumer<ChannelPipeline> handlers) {
        this(Fault.NONE, MqttConnectReturnCode.CONNECTION_ACCEPTED, handlers);
    }

    private FaultyRelay(
            Fault fault, MqttConnectReturnCode answer, Consumer<ChannelPipeline> handlers) {
        this.fault = fault;
        this.answer = answer;
        ChannelInitializer<SocketChannel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        handlers.accept(channel.pipeline());
                        channel.pipeline()
                                .addLast(new MqttDecoder(), MqttEncoder.INSTANCE, new Client());
                    }
                };
        this.server =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(initializer)
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** All that signed in so far. */
    public List<SeenSignIn> signIns() {
        return List.copyOf(signIns);
    }

    /** Sessions that wait for their clients. */
    public int keptCount() {
        return keptCount.get();
    }

    /** Retained messages. */
    public int retainedCount() {
        return retainedCount.get();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }

    private void publish(ChannelHandlerContext publisher, Publication publication) {
        publications++;
        boolean mistreated = publications % FAULT_EVERY == 0;
        Publication late = heldBack;
        heldBack = null;
        if (!mistreated) {
            route(publication);
        } else {
            mistreat(publisher, publication);
        }
        if (late != null) {
            route(late);
        }
    }

    private void mistreat(ChannelHandlerContext publisher, Publication publication) {
        switch (fault) {
            case DROP -> {}
            case REORDER -> heldBack = publication;
            case DUPLICATE -> {
                route(publication);
                route(publication);
            }
            case MISROUTE -> subscriptions.forEach(each -> deliver(each.session(), publication));
            case FOREIGN -> {
                route(publication);
                route(
                        new Publication(
                                publication.topic(),
                                publication.qos(),
                                Unpooled.wrappedBuffer(new byte[40]),
                                false));
            }
            case DISCONNECT -> {
                var unused = publisher.close();
            }
            case STALL -> {
                route(publication);
                stallOnce(publisher.channel());
            }
            case WRONG_PACKET -> send(publisher.channel(), MqttMessage.PINGREQ);
            case MALFORMED -> {
                byte[] packet = {0x30, 3, 0, 9, 'a'};
                // Behind the encoder, which would not let it pass.
                var unused =
                        publisher
                                .pipeline()
                                .firstContext()
                                .writeAndFlush(Unpooled.wrappedBuffer(packet));
            }
            default -> route(publication);
        }
    }

    private void stallOnce(Channel publisher) {
        if (stalled) {
            return;
        }
        stalled = true;
        publisher.config().setAutoRead(false);
        var unused =
                loop.schedule(
                        () -> publisher.config().setAutoRead(true),
                        PAUSE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private void route(Publication publication) {
        List<Subscription> matching =
                subscriptions.stream()
                        .filter(each -> each.filter().matcher(publication.topic()).matches())
                        .toList();
        for (Subscription subscription : matching) {
            if (subscription.group() == null) {
                deliver(subscription.session(), publication);
            }
        }
        List<Subscription> members =
                matching.stream().filter(each -> each.group() != null).toList();
        if (!members.isEmpty()) {
            deliver(members.get(publications % members.size()).session(), publication);
        }
    }

    private void retain(Publication publication) {
        if (publication.payload().isReadable()) {
            retained.put(publication.topic(), publication);
        } else {
            retained.remove(publication.topic());
        }
        retainedCount.set(retained.size());
    }

    private void deliver(Session session, Publication publication) {
        Channel channel = session.channel;
        if (channel == null) {
            session.waiting.add(publication);
            return;
        }
        nextIdentifier = nextIdentifier % 65_535 + 1;
        // Of the heap, since what waits for a socket when the relay closes is released by nobody.
        ByteBuf payload = Unpooled.copiedBuffer(publication.payload());
        send(
                channel,
                MqttMessageBuilders.publish()
                        .topicName(publication.topic())
                        .qos(MqttQoS.valueOf(publication.qos()))
                        .retained(publication.retained())
                        .messageId(nextIdentifier)
                        .payload(payload)
                        .build());
    }

    private static void send(Channel channel, MqttMessage message) {
        var unused = channel.writeAndFlush(message);
    }

    private static MqttMessage reply(MqttMessageType type, int identifier) {
        MqttQoS qos = type == MqttMessageType.PUBREL ? MqttQoS.AT_LEAST_ONCE : MqttQoS.AT_MOST_ONCE;
        return new MqttMessage(
                new MqttFixedHeader(type, false, qos, false, 2),
                MqttMessageIdVariableHeader.from(identifier));
    }

    /** One connection. */
    private final class Client extends SimpleChannelInboundHandler<MqttMessage> {

        private Session session = new Session();
        private boolean keeps;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNECT -> connect(ctx, (MqttConnectMessage) message);
                case SUBSCRIBE -> {
                    MqttSubscribeMessage subscribe = (MqttSubscribeMessage) message;
                    long delay = fault == Fault.LATE_SUBSCRIPTION ? PAUSE_MILLIS : 0;
                    var unused =
                            ctx.executor()
                                    .schedule(
                                            () -> subscribe(ctx, subscribe),
                                            delay,
                                            TimeUnit.MILLISECONDS);
                }
                case PUBLISH -> received(ctx, (MqttPublishMessage) message);
                case PUBREC ->
                        send(ctx.channel(), reply(MqttMessageType.PUBREL, identifier(message)));
                case PUBREL ->
                        send(ctx.channel(), reply(MqttMessageType.PUBCOMP, identifier(message)));
                case PINGREQ -> send(ctx.channel(), MqttMessage.PINGRESP);
                default -> {}
            }
        }

        private void connect(ChannelHandlerContext ctx, MqttConnectMessage message) {
            byte[] password = message.payload().passwordInBytes();
            signIns.add(
                    new SeenSignIn(
                            message.payload().clientIdentifier(),
                            message.payload().userName(),
                            password == null ? null : new String(password, StandardCharsets.UTF_8),
                            System.nanoTime()));
            String clientId = message.payload().clientIdentifier();
            Session found = kept.remove(clientId);
            keeps = !message.variableHeader().isCleanSession() && fault != Fault.FORGET;
            if (found != null && keeps) {
                session = found;
            } else if (found != null) {
                subscriptions.removeIf(each -> each.session() == found);
            }
            if (keeps) {
                kept.put(clientId, session);
            }
            keptCount.set(kept.size());
            session.channel = ctx.channel();
            send(
                    ctx.channel(),
                    MqttMessageBuilders.connAck()
                            .returnCode(answer)
                            .sessionPresent(found != null && keeps)
                            .build());
            while (!session.waiting.isEmpty()) {
                deliver(session, session.waiting.remove());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            session.channel = null;
            if (!keeps) {
                subscriptions.removeIf(each -> each.session() == session);
            }
        }

        private void subscribe(ChannelHandlerContext ctx, MqttSubscribeMessage message) {
            MqttMessageBuilders.SubAckBuilder answer =
                    MqttMessageBuilders.subAck().packetId(message.variableHeader().messageId());
            message.payload()
                    .topicSubscriptions()
                    .forEach(
                            wanted -> {
                                if (fault == Fault.REFUSE_SUBSCRIPTION) {
                                    answer.addGrantedQos(MqttQoS.FAILURE);
                                    return;
                                }
                                subscriptions.add(subscription(wanted.topicFilter()));
                                answer.addGrantedQos(wanted.qualityOfService());
                            });
            send(ctx.channel(), answer.build());
            for (Publication each : retained.values()) {
                if (subscriptions.stream()
                        .anyMatch(
                                own ->
                                        own.session() == session
                                                && own.filter().matcher(each.topic()).matches())) {
                    deliver(session, each);
                }
            }
        }

        private Subscription subscription(String filter) {
            String[] parts = filter.split("/", 3);
            boolean shared = parts[0].equals("$share");
            String levels =
                    (shared ? parts[2] : filter).replace("+", "[^/]+").replace("/#", "(/.*)?");
            return new Subscription(session, shared ? parts[1] : null, Pattern.compile(levels));
        }

        private void received(ChannelHandlerContext ctx, MqttPublishMessage message) {
            int qos = message.fixedHeader().qosLevel().value();
            ByteBuf payload = Unpooled.copiedBuffer(message.payload());
            String topic = message.variableHeader().topicName();
            if (message.fixedHeader().isRetain()) {
                // A relay that is told to drop loses what it should retain, too.
                publications++;
                if (fault != Fault.DROP || publications % FAULT_EVERY != 0) {
                    retain(new Publication(topic, qos, payload, fault != Fault.UNFLAGGED));
                }
            } else {
                publish(ctx, new Publication(topic, qos, payload, false));
            }
            if (qos > 0 && fault != Fault.NO_ACKNOWLEDGEMENT) {
                MqttMessageType type = qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC;
                send(ctx.channel(), reply(type, message.variableHeader().packetId()));
            }
        }

        private int identifier(MqttMessage message) {
            return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
        }
    }
}
