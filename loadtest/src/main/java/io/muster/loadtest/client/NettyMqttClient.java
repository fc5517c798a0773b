package io.muster.loadtest.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The load tester's own MQTT client, on few event loops. Shared between threads. */
public final class NettyMqttClient implements MqttClient {

    private static final int CLOSE_SECONDS_MAX = 5;

    private final ChannelGroup channels =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Target target;
    private final @Nullable TlsContexts tls;
    private final EventLoopGroup eventLoops;
    private final Bootstrap bootstrap;
    private final AtomicInteger connects = new AtomicInteger();

    /**
     * Makes a client.
     *
     * @param threads event loops
     * @param gatherNanos how long messages may be gathered before they are read and sent, which
     *     counts as latency; 0 is not at all
     */
    public NettyMqttClient(Target target, int threads, long gatherNanos) {
        this.target = target;
        this.tls = target.tls() == null ? null : new TlsContexts(target.tls());
        Transport transport = Transport.cheapest(gatherNanos > 0);
        this.eventLoops = TurnLoops.start(threads, gatherNanos, transport.io());
        this.bootstrap =
                new Bootstrap()
                        .group(eventLoops)
                        .channel(transport.channel())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(
                                        OUTGOING_BYTES_MAX / 2, OUTGOING_BYTES_MAX))
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                Math.toIntExact(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS_MAX)))
                        .remoteAddress(target.host(), target.port());
    }

    @Override
    public CompletableFuture<Connection> connect(SignIn signIn, Listener listener) {
        SslContext context;
        try {
            context = tls == null ? null : tls.of(signIn.name());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        NettyConnection connection =
                new NettyConnection(target.version5(), signIn, listener, TurnLoops::noteDirty);
        ChannelInitializer<SocketChannel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channels.add(channel);
                        addHandlers(channel, context, connection);
                    }
                };
        next().handler(initializer)
                .connect()
                .addListener(
                        connected -> {
                            if (!connected.isSuccess()) {
                                connection.fail(unreachable(connected.cause()));
                            }
                        });
        return connection.signedIn();
    }

    private void addHandlers(
            SocketChannel channel, @Nullable SslContext context, NettyConnection connection) {
        ChannelPipeline pipeline = channel.pipeline();
        if (context != null) {
            pipeline.addLast(context.newHandler(channel.alloc(), target.host(), target.port()));
        }
        if (target.path() != null) {
            WebSocketBytes.addTo(pipeline, target, target.path());
        }
        pipeline.addLast(
                new PacketReader(connection, target.version5()),
                new MqttDecoder(PacketReader.PACKET_BYTES_MAX),
                MqttEncoder.INSTANCE,
                connection);
    }

    /** A bootstrap from the address whose turn it is. */
    private Bootstrap next() {
        Bootstrap next = bootstrap.clone();
        if (!target.from().isEmpty()) {
            int turn = Math.floorMod(connects.getAndIncrement(), target.from().size());
            next.localAddress(new InetSocketAddress(target.from().get(turn), 0));
        }
        return next;
    }

    private IOException unreachable(Throwable cause) {
        return new IOException(
                "%s:%d cannot be reached: %s"
                        .formatted(target.host(), target.port(), cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        boolean unused =
                channels.writeAndFlush(MqttMessage.DISCONNECT)
                        .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        eventLoops
                .shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
