package io.muster.broker.net;

import io.muster.broker.session.SessionLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of the broker: epoll where it is there, NIO elsewhere. */
public final class EventLoops extends MultiThreadIoEventLoopGroup {

    private EventLoops(int count, IoHandlerFactory ioHandlerFactory, Places places) {
        super(
                count,
                (Executor) new ThreadPerTaskExecutor(new DefaultThreadFactory("muster-loop")),
                ioHandlerFactory,
                places);
    }

    /** Hands out the places of the loops while the superclass makes them. */
    private static final class Places {
        private final SessionLoop[] loops;
        private final Clock clock;
        private final AtomicInteger next = new AtomicInteger();

        private Places(int count, Clock clock) {
            this.loops = new SessionLoop[count];
            this.clock = clock;
        }
    }

    /** Starts {@code count} loops, or one for each processor if it is 0. */
    public static EventLoops start(int count, Clock clock) {
        int loops = count == 0 ? Runtime.getRuntime().availableProcessors() : count;
        IoHandlerFactory factory =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(loops, factory, new Places(loops, clock));
    }

    @Override
    protected IoEventLoop newChild(
            Executor executor, IoHandlerFactory ioHandlerFactory, Object... args) {
        Places places = (Places) args[0];
        return new TurnEventLoop(
                this,
                executor,
                ioHandlerFactory,
                places.next.getAndIncrement(),
                places.loops,
                places.clock);
    }

    /** The loops as sessions see them, in the order of their {@link SessionLoop#index()}. */
    public List<SessionLoop> sessionLoops() {
        SessionLoop[] loops = new SessionLoop[executorCount()];
        forEach(
                executor -> {
                    SessionLoop loop = ((TurnEventLoop) executor).sessionLoop();
                    loops[loop.index()] = loop;
                });
        return List.of(loops);
    }

    TurnEventLoop eventLoopOf(SessionLoop loop) {
        for (var executor : this) {
            if (executor instanceof TurnEventLoop eventLoop && eventLoop.sessionLoop() == loop) {
                return eventLoop;
            }
        }
        throw new IllegalArgumentException("loop " + loop.index() + " is not of this broker");
    }

    static Class<? extends ServerSocketChannel> serverChannel() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }
}
