package io.muster.broker.net;

import io.muster.broker.session.SessionLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of the broker: epoll where it is there, NIO elsewhere. */
public final class EventLoops extends MultiThreadIoEventLoopGroup {

    private final int handful;

    private EventLoops(int count, int handful, IoHandlerFactory ioHandlerFactory, Places places) {
        super(
                count,
                (Executor) new ThreadPerTaskExecutor(new DefaultThreadFactory("muster-loop")),
                ioHandlerFactory,
                places);
        this.handful = handful;
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

    /**
     * Starts the loops.
     *
     * @param count how many; 0 means one for each processor
     * @param handful connections that one takes in before the next one does
     */
    public static EventLoops start(int count, int handful, Clock clock) {
        int loops = count == 0 ? Runtime.getRuntime().availableProcessors() : count;
        IoHandlerFactory factory =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(loops, handful, factory, new Places(loops, clock));
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

    /**
     * Takes in an accepted connection: on the loop with the fewest, counted by the handful, the
     * first of those that are equal. So the loops share the load, and the clients of a broker that
     * has a few only are on one loop, where nothing need be handed over between threads.
     */
    @Override
    public ChannelFuture register(Channel channel) {
        TurnEventLoop loop = emptiest();
        // Counted now: a busy loop, which registers late, must not seem to be empty.
        loop.opened();
        channel.closeFuture().addListener(closed -> ((TurnEventLoop) channel.eventLoop()).closed());
        return loop.register(channel);
    }

    private TurnEventLoop emptiest() {
        TurnEventLoop emptiest = null;
        for (var executor : this) {
            TurnEventLoop loop = (TurnEventLoop) executor;
            if (emptiest == null
                    || loop.connections() / handful < emptiest.connections() / handful) {
                emptiest = loop;
            }
        }
        return Objects.requireNonNull(emptiest);
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
