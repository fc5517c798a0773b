package io.muster.loadtest.client;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * How the load tester reads and writes its sockets.
 *
 * @param channel of a connection
 * @param io of an event loop that has such channels
 */
record Transport(Class<? extends SocketChannel> channel, IoHandlerFactory io) {

    /**
     * The one that costs least on this machine.
     *
     * @param gathering whether many sockets are read and written in each turn. Then io_uring is
     *     cheaper, with which one system call does that for all of them
     */
    static Transport cheapest(boolean gathering) {
        if (gathering && IoUring.isAvailable()) {
            return new Transport(IoUringSocketChannel.class, IoUringIoHandler.newFactory());
        }
        if (Epoll.isAvailable()) {
            // Its timers are exact, where those of NIO are rounded up to milliseconds.
            return new Transport(EpollSocketChannel.class, EpollIoHandler.newFactory());
        }
        return new Transport(NioSocketChannel.class, NioIoHandler.newFactory());
    }
}
