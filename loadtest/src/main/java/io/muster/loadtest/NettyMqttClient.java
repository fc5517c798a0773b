package io.muster.loadtest;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The load tester's own MQTT client, on few event loops. Shared between threads. */
final class NettyMqttClient implements MqttClient {

    private static final int PACKET_BYTES_MAX = 2_000_000;
    private static final int CLOSE_SECONDS_MAX = 5;

    private final Target target;
    private final EventLoopGroup eventLoops;
    private final Bootstrap bootstrap;

    NettyMqttClient(Target target, int threads) {
        this.target = target;
        // Epoll is cheaper, and its timers are exact where those of NIO are rounded up to
        // milliseconds.
        IoHandlerFactory io =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.eventLoops =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("loadtest", true), io);
        this.bootstrap =
                new Bootstrap()
                        .group(eventLoops)
                        .channel(
                                Epoll.isAvailable()
                                        ? EpollSocketChannel.class
                                        : NioSocketChannel.class)
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
    public CompletableFuture<Connection> connect(DeviceFleet.SignIn signIn, Listener listener) {
        NettyConnection connection = new NettyConnection(target.version(), signIn, listener);
        ChannelInitializer<SocketChannel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(
                                        new MqttDecoder(PACKET_BYTES_MAX),
                                        MqttEncoder.INSTANCE,
                                        connection);
                    }
                };
        bootstrap
                .clone()
                .handler(initializer)
                .connect()
                .addListener(
                        connected -> {
                            if (!connected.isSuccess()) {
                                connection.fail(unreachable(connected.cause()));
                            }
                        });
        return connection.signedIn();
    }

    private IOException unreachable(Throwable cause) {
        return new IOException(
                "%s:%d cannot be reached: %s"
                        .formatted(target.host(), target.port(), cause.getMessage()),
                cause);
    }

    /** Closes the sockets without a DISCONNECT, which no promise depends on. */
    @Override
    public void close() {
        eventLoops
                .shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
