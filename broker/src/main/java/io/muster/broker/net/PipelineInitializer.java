package io.muster.broker.net;

import io.muster.broker.net.proxy.ProxyHeaderHandler;
import io.muster.broker.net.websocket.HandshakeHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;

/**
 * What an accepted connection passes through, in this order: guard, PROXY header, WebSocket,
 * decoder, handler. Between WebSocket and decoder are bytes.
 */
final class PipelineInitializer extends ChannelInitializer<SocketChannel> {

    /** The rules decide which client identifiers are accepted, not the decoder. */
    private static final int CLIENT_IDENTIFIER_MAX = 65_535;

    /**
     * Text that is not UTF-8 is refused [MQTT-1.5.4-1]: the decoder's substitutes would be longer
     * than what was sent, beyond what a length field can say.
     */
    private static final boolean STRICT_TEXT = true;

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
        channel.pipeline().addLast("guard", guard);
        if (!channel.isOpen()) {
            return;
        }
        Connection connection =
                new Connection(channel, loops, settings.name(), settings.outboundBytesMax());
        addDoors(channel.pipeline(), connection);
        if (!channel.isOpen()) {
            return;
        }
        channel.pipeline()
                .addLast(
                        "decoder",
                        new MqttDecoder(
                                settings.packetBytesMax(), CLIENT_IDENTIFIER_MAX, STRICT_TEXT))
                .addLast("connect", new ConnectHandler(connection, rules));
    }

    private void addDoors(ChannelPipeline pipeline, Connection connection) {
        settings.proxy()
                .ifPresent(
                        proxy ->
                                ProxyHeaderHandler.addTo(
                                        pipeline, proxy, connection, connection::comesFrom));
        settings.webSocket()
                .ifPresent(
                        webSocket ->
                                HandshakeHandler.addTo(
                                        pipeline,
                                        webSocket,
                                        settings.packetBytesMax(),
                                        connection));
    }
}
