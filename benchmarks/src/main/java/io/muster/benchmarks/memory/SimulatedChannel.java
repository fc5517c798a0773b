package io.muster.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection as Netty knows it, but for its file descriptor: what is read from it comes from
 * {@link #arrive}, what is written to it goes to a {@link Client}. Netty's own objects are those of
 * its NIO transport; those for epoll take {@link #BESIDES_BYTES} more, which it carries as well, as
 * {@code SimulatedChannelTest} proves.
 *
 * <p>Confined to its event loop once it is registered, except {@link #number}.
 */
final class SimulatedChannel extends NioSocketChannel {

    /** Of a channel for epoll: its socket, its registration, and a second handle for reading. */
    static final int BESIDES_BYTES = 144;

    private static final int ARRAY_HEADER_BYTES = 16;

    @SuppressWarnings("UnusedVariable") // is only to be there
    private final byte[] besides = new byte[BESIDES_BYTES - ARRAY_HEADER_BYTES];

    private final int number;
    private final Client client;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final IoRegistration registration = new Registered();
    private boolean connected;
    private volatile boolean closed;

    /** The other end of all channels. Called on their event loops. */
    interface Client {

        /** The server reads from this channel from now on. */
        void connected(SimulatedChannel channel);

        /** The server has written whole packets, one or more. */
        void received(SimulatedChannel channel, ByteBuf packets);
    }

    /**
     * An event loop's own object for a channel. This one is never valid, or Netty would look for
     * the key of a selector in it.
     */
    private final class Registered implements IoRegistration {

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
        public <T> T attachment() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long submit(IoOps ops) {
            return 0;
        }

        @Override
        public boolean isValid() {
            return false;
        }

        @Override
        public boolean cancel() {
            return true;
        }
    }

    /**
     * A channel that is not registered yet.
     *
     * @param parent the listener that accepts it
     * @param socket one for all channels; neither read from nor written to
     * @param number names it to its client
     */
    SimulatedChannel(
            Channel parent,
            SocketChannel socket,
            int number,
            Client client,
            InetSocketAddress local,
            InetSocketAddress remote) {
        super(parent, socket);
        this.number = number;
        this.client = client;
        this.local = local;
        this.remote = remote;
    }

    int number() {
        return number;
    }

    /** Bytes come from the client, as if they had been read from a socket. */
    void arrive(byte[] bytes) {
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config());
        ByteBuf buffer = handle.allocate(alloc()).writeBytes(bytes);
        handle.lastBytesRead(bytes.length);
        handle.incMessagesRead(1);
        pipeline().fireChannelRead(buffer);
        handle.readComplete();
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected void doBeginRead() {
        if (!connected) {
            connected = true;
            client.connected(this);
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer written) {
        for (Object next = written.current(); next != null; next = written.current()) {
            client.received(this, (ByteBuf) next);
            written.remove();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        promise.setSuccess();
    }

    @Override
    protected IoRegistration registration() {
        return registration;
    }

    @Override
    protected void doDeregister() {}

    @Override
    protected void doClose() {
        closed = true;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return close(); // The client closes at once.
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    protected @Nullable InetSocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable InetSocketAddress remoteAddress0() {
        return remote;
    }
}
