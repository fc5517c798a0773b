package io.muster.broker.net;

import io.muster.broker.net.proxy.ProxyHeaderHandler;
import io.muster.broker.net.websocket.HandshakeHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;

/**
 * What an accepted connection passes through, in this order: PROXY header, TLS, WebSocket, packet
 * splitter, handler. Between any two of them are bytes. The guard lets it in before.
 */
final class PipelineInitializer extends ChannelInitializer<SocketChannel> {

    private static final LoopReadBuffer READ_BUFFER = new LoopReadBuffer();

    private final EventLoops loops;
    private final ConnectionGuard guard;
    private final BrokerRules rules;
    private final ListenerSettings settings;

    PipelineInitializer(
            EventLoops loops, ConnectionGuard guard, BrokerRules rules, ListenerSettings settings) {
        this.loops = loops;
        this.guard = guard;
        this.rules = rules;
        this.settings = settings;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        guard.accept(channel);
        if (!channel.isOpen()) {
            return;
        }
        if (settings.doors().isPlain()) {
            channel.config().setRecvByteBufAllocator(READ_BUFFER);
        }
        PacketSplitter splitter = new PacketSplitter(settings.packetBytesMax());
        Connection connection = new Connection(channel, loops, settings, splitter);
        addDoors(channel.pipeline(), connection);
        if (!channel.isOpen()) {
            return;
        }
        channel.pipeline()
                .addLast("splitter", splitter)
                .addLast(
                        "connect",
                        new ConnectHandler(
                                connection, rules, splitter, settings.doors().tls().isPresent()));
    }

    private void addDoors(ChannelPipeline pipeline, Connection connection) {
        Doors doors = settings.doors();
        doors.proxy()
                .ifPresent(
                        proxy ->
                                ProxyHeaderHandler.addTo(
                                        pipeline, proxy, connection, connection::comesFrom));
        doors.tls()
                .ifPresent(tls -> tls.addTo(pipeline, connection, connection::showsCertificates));
        doors.webSocket()
                .ifPresent(webSocket -> HandshakeHandler.addTo(pipeline, webSocket, connection));
    }
}
