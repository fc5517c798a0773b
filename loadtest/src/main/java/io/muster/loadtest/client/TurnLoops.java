package io.muster.loadtest.client;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/**
 * The event loops of the load tester. In a turn a loop reads all sockets that have something; at
 * its end it sends what came of that, with one write for each connection.
 *
 * <p>A loop may <em>gather</em>: leave time between two turns, so that more is read and sent by
 * each system call. It delays what arrives, so it is only for loads of which latency is not asked.
 */
final class TurnLoops extends MultiThreadIoEventLoopGroup {

    private TurnLoops(int threads, long gatherNanos, IoHandlerFactory io) {
        super(
                threads,
                (Executor) new ThreadPerTaskExecutor(new DefaultThreadFactory("loadtest", true)),
                io,
                gatherNanos);
    }

    /**
     * Starts loops.
     *
     * @param gatherNanos from the begin of one turn to the next one, at least; 0 is none
     * @param io how they read and write
     */
    static TurnLoops start(int threads, long gatherNanos, IoHandlerFactory io) {
        return new TurnLoops(threads, gatherNanos, io);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... arguments) {
        return new TurnLoop(this, executor, io, (Long) arguments[0]);
    }

    /** At the end of the turn this connection has something to send. On its loop. */
    static void noteDirty(NettyConnection connection) {
        ((TurnLoop) connection.executor()).dirty.add(connection);
    }

    private static final class TurnLoop extends SingleThreadIoEventLoop {

        private final long gatherNanos;
        private final List<NettyConnection> dirty = new ArrayList<>();
        private long turnNanos = System.nanoTime();

        private TurnLoop(
                IoEventLoopGroup group, Executor executor, IoHandlerFactory io, long gatherNanos) {
            super(group, executor, io);
            this.gatherNanos = gatherNanos;
        }

        /** Called by Netty at the end of each turn. */
        @Override
        protected void afterRunningAllTasks() {
            super.afterRunningAllTasks();
            if (dirty.isEmpty()) {
                return;
            }
            for (int i = 0; i < dirty.size(); i++) {
                dirty.get(i).endTurn();
            }
            dirty.clear();
            gather();
        }

        private void gather() {
            if (gatherNanos == 0) {
                return;
            }
            long now = System.nanoTime();
            long leftNanos = turnNanos + gatherNanos - now;
            if (leftNanos > 0) {
                LockSupport.parkNanos(this, leftNanos);
            }
            turnNanos = now + Math.max(0, leftNanos);
        }
    }
}
