package io.muster.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/** A bound server socket. */
public final class MqttListener implements AutoCloseable {

    private static final int BACKLOG = 4096;

    private final String name;
    private final Channel channel;

    private MqttListener(String name, Channel channel) {
        this.name = name;
        this.channel = channel;
    }

    /**
     * Binds a listener. Blocks until it accepts connections.
     *
     * @throws UncheckedIOException naming the listener and its address, if it cannot be bound
     */
    public static MqttListener bind(
            EventLoops loops, ListenerSettings settings, ConnectionGuard guard, BrokerRules rules) {
        int high = settings.outboundBytesMax();
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops.next(), loops)
                        .channel(EventLoops.serverChannel())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        // Netty sets TCP_NODELAY for each connection anyway.
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(high / 2, high))
                        .childHandler(new PipelineInitializer(loops, guard, rules, settings))
                        .bind(settings.bind(), settings.port())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw notBound(settings, bound.cause());
        }
        return new MqttListener(settings.name(), bound.channel());
    }

    private static UncheckedIOException notBound(ListenerSettings settings, Throwable cause) {
        String sentence =
                "listener '%s' cannot be bound to %s:%d: %s"
                        .formatted(
                                settings.name(),
                                settings.bind(),
                                settings.port(),
                                cause.getMessage());
        return new UncheckedIOException(new IOException(sentence, cause));
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Where it is bound. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts no more connections. Blocks until the socket is closed. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
