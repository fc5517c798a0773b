package io.muster.broker.net;

import io.muster.broker.pace.LoopExecutor;
import io.muster.broker.session.SessionLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An event loop that knows when a turn ends: after the sockets have been read and the tasks have
 * been run, all that the turn produced is sent.
 */
final class TurnEventLoop extends SingleThreadIoEventLoop implements LoopExecutor {

    private final SessionLoop sessionLoop;
    private final AtomicInteger connections = new AtomicInteger();

    TurnEventLoop(
            IoEventLoopGroup group,
            Executor executor,
            IoHandlerFactory ioHandlerFactory,
            int index,
            SessionLoop[] loops,
            Clock clock) {
        super(group, executor, ioHandlerFactory);
        this.sessionLoop = new SessionLoop(index, loops, this, clock);
        loops[index] = sessionLoop;
        execute(sessionLoop::enter);
    }

    SessionLoop sessionLoop() {
        return sessionLoop;
    }

    /** Open connections here. Any thread. */
    int connections() {
        return connections.get();
    }

    void opened() {
        connections.incrementAndGet();
    }

    void closed() {
        connections.decrementAndGet();
    }

    /** Called by Netty after each round of I/O and tasks, also when there were no tasks. */
    @Override
    protected void afterRunningAllTasks() {
        super.afterRunningAllTasks();
        sessionLoop.endTurn();
    }

    @Override
    public Runnable schedule(Runnable task, long delayMillis) {
        ScheduledFuture<?> scheduled = schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public long nowNanos() {
        return System.nanoTime();
    }

    @Override
    public boolean inLoop() {
        return inEventLoop();
    }
}
