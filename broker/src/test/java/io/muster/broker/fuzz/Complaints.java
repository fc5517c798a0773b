package io.muster.broker.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * What a broker must not log, whatever comes in: errors, stack traces, lines that break, and
 * buffers that leak. While it watches, the log goes nowhere else. Thread-safe.
 */
final class Complaints extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final ResourceLeakDetector.Level levelBefore = ResourceLeakDetector.getLevel();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger chatter = (Logger) LoggerFactory.getLogger("io.muster");

    /** Watches until closed. */
    static Complaints watch() {
        Complaints complaints = new Complaints();
        complaints.start();
        complaints.root.addAppender(complaints);
        complaints.chatter.setAdditive(false);
        complaints.chatter.addAppender(complaints);
        complaints.chatter.setLevel(Level.INFO);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        return complaints;
    }

    @Override
    protected void append(ILoggingEvent event) {
        IThrowableProxy cause = event.getThrowableProxy();
        boolean isFault = event.getLevel().isGreaterOrEqual(Level.ERROR);
        boolean hasTrace = event.getLevel().isGreaterOrEqual(Level.INFO) && cause != null;
        String text = event.getFormattedMessage();
        if (isFault || hasTrace || text.indexOf('\n') >= 0) {
            lines.add(cause == null ? text : text + " " + ThrowableProxyUtil.asString(cause));
        }
    }

    /** What was found so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** The detector reports what was collected without release when more is allocated. */
    List<String> linesAndLeaks() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            ByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
        return lines();
    }

    @Override
    public void close() {
        root.detachAppender(this);
        chatter.detachAppender(this);
        chatter.setAdditive(true);
        chatter.setLevel(null);
        ResourceLeakDetector.setLevel(levelBefore);
    }
}
