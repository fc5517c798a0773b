package io.muster.broker.net;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;

/** What an accepted connection passes through, in this order: guard, frames, handler. */
final class PipelineInitializer extends ChannelInitializer<SocketChannel> {

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
        FrameDecoder frames = new FrameDecoder(settings.packetBytesMax());
        Connection connection = new Connection(channel, loops, settings, frames);
        channel.pipeline()
                .addLast("frames", frames)
                .addLast("connect", new ConnectHandler(connection, rules, frames));
    }
}
