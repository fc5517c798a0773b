package io.muster.loadtest;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A relay of MQTT messages in this process that breaks one promise on purpose. All of it is
 * confined to one event loop. No sessions, no limits, no retained messages.
 */
final class FaultyRelay implements AutoCloseable {

    /** One message in so many is mistreated. */
    private static final int FAULT_EVERY = 20;

    /** How long {@link Fault#STALL} and {@link Fault#LATE_SUBSCRIPTION} take. */
    static final long PAUSE_MILLIS = 200;

    /** What it does wrong. */
    enum Fault {
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
        /** Sends a packet that only clients send. */
        WRONG_PACKET,
        /** Sends a PUBLISH whose topic is longer than the packet. */
        MALFORMED
    }

    private record Subscription(Channel channel, Pattern filter) {}

    private record Publication(String topic, int qos, ByteBuf payload) {}

    /** What a client signed in with. */
    record SeenSignIn(
            String clientId, @Nullable String username, @Nullable String password, long nanos) {}

    private final Fault fault;
    private final MqttConnectReturnCode answer;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Queue<SeenSignIn> signIns = new ConcurrentLinkedQueue<>();
    private @Nullable Publication heldBack;
    private boolean stalled;
    private int publications;
    private int nextIdentifier;

    FaultyRelay(Fault fault) {
        this(fault, MqttConnectReturnCode.CONNECTION_ACCEPTED);
    }

    /** A relay that answers every CONNECT with a code. */
    FaultyRelay(MqttConnectReturnCode answer) {
        this(Fault.NONE, answer);
    }

    private FaultyRelay(Fault fault, MqttConnectReturnCode answer) {
        this.fault = fault;
        this.answer = answer;
        ChannelInitializer<SocketChannel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
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

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** All that signed in so far. */
    List<SeenSignIn> signIns() {
        return List.copyOf(signIns);
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
            case MISROUTE -> subscriptions.forEach(each -> deliver(each.channel(), publication));
            case FOREIGN -> {
                route(publication);
                route(
                        new Publication(
                                publication.topic(),
                                publication.qos(),
                                Unpooled.wrappedBuffer(new byte[40])));
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
        for (Subscription subscription : subscriptions) {
            if (subscription.filter().matcher(publication.topic()).matches()) {
                deliver(subscription.channel(), publication);
            }
        }
    }

    private void deliver(Channel channel, Publication publication) {
        nextIdentifier = nextIdentifier % 65_535 + 1;
        ByteBuf payload = channel.alloc().buffer().writeBytes(publication.payload().duplicate());
        send(
                channel,
                MqttMessageBuilders.publish()
                        .topicName(publication.topic())
                        .qos(MqttQoS.valueOf(publication.qos()))
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
            send(ctx.channel(), MqttMessageBuilders.connAck().returnCode(answer).build());
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
                                String levels = wanted.topicFilter().replace("+", "[^/]+");
                                subscriptions.add(
                                        new Subscription(ctx.channel(), Pattern.compile(levels)));
                                answer.addGrantedQos(wanted.qualityOfService());
                            });
            send(ctx.channel(), answer.build());
        }

        private void received(ChannelHandlerContext ctx, MqttPublishMessage message) {
            int qos = message.fixedHeader().qosLevel().value();
            ByteBuf payload = Unpooled.copiedBuffer(message.payload());
            publish(ctx, new Publication(message.variableHeader().topicName(), qos, payload));
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
