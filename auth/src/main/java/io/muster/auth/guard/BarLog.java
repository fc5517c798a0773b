package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the log who is barred, at most 10 lines in 10 seconds; the first line after a pause says
 * how many were left out. Shared by all threads.
 */
final class BarLog {

    private static final Logger log = LoggerFactory.getLogger(BarLog.class);

    private static final int LINES_MAX = 10;
    private static final long PERIOD_NANOS = Duration.ofSeconds(10).toNanos();

    private final Ticker ticker;

    // Guarded by this.
    private long periodNanos;
    private int lines;
    private long leftOut;

    BarLog(Ticker ticker) {
        this.ticker = ticker;
        this.periodNanos = ticker.read();
    }

    /** A bar begins. */
    void barred(Bar bar) {
        long unwritten = turn();
        if (unwritten < 0) {
            return;
        }
        log.warn(
                "sign-in barred guard={} count={} seconds={} name=\"{}\" address={} leftOut={}",
                bar.guard().word(),
                bar.count(),
                bar.remaining().toSeconds(),
                printable(bar.name().orElse("")),
                bar.address().orElse("any"),
                unwritten);
    }

    /** How many lines were left out before this one; -1 if this one is left out too. */
    private synchronized long turn() {
        long now = ticker.read();
        if (now - periodNanos >= PERIOD_NANOS) {
            periodNanos = now;
            lines = 0;
        }
        if (lines == LINES_MAX) {
            leftOut++;
            return -1;
        }
        lines++;
        long before = leftOut;
        leftOut = 0;
        return before;
    }

    /** As a refusal would show it, whose detail is made fit for a line of the log. */
    private static String printable(String text) {
        return ((AuthResult.Deny) AuthResult.deny(DenyReason.BANNED, text)).detail();
    }
}
