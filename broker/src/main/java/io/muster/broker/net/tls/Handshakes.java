package io.muster.broker.net.tls;

import io.muster.broker.log.Quoted;
import io.muster.broker.metrics.TlsMetrics;
import io.muster.broker.protocol.ClientChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handshakes of all listeners: how many are under way, and how they end. Shared. */
final class Handshakes {

    private static final Logger log = LoggerFactory.getLogger(Handshakes.class);
    private static final int LINES_PER_MINUTE = 60;

    private final int max;
    private final TlsMetrics metrics;
    private final AtomicInteger current = new AtomicInteger();
    private final LogAllowance allowance = new LogAllowance(LINES_PER_MINUTE, System::nanoTime);

    Handshakes(int max, TlsMetrics metrics) {
        this.max = max;
        this.metrics = metrics;
        metrics.watchCurrent(current::get);
    }

    /** Whether one more may begin; whoever was told so says when it is over. */
    boolean begin() {
        if (current.incrementAndGet() > max) {
            current.decrementAndGet();
            return false;
        }
        return true;
    }

    /** One that could begin is over. */
    void end() {
        current.decrementAndGet();
    }

    /** Counts one that succeeded. */
    void succeeded(ClientChannel connection, long nanos) {
        metrics.handshake(connection.listener(), HandshakeOutcome.SUCCEEDED.word());
        metrics.took(nanos);
    }

    /**
     * Counts one that did not, and logs it if there was one.
     *
     * @param cause what the provider says
     */
    void failed(ClientChannel connection, HandshakeOutcome outcome, @Nullable Throwable cause) {
        metrics.handshake(connection.listener(), outcome.word());
        if (outcome == HandshakeOutcome.CLOSED && cause == null) {
            return; // Who never said a word, as those who look whether a port is open.
        }
        long unlogged = allowance.ask();
        if (unlogged >= 0) {
            log.info(
                    "TLS handshake failed address={} listener={} outcome={} detail={} unlogged={}",
                    connection.remoteAddress(),
                    connection.listener(),
                    outcome.word(),
                    new Quoted(detail(outcome, cause)),
                    unlogged);
        }
    }

    /** What was sent instead of TLS is not repeated: a password may be in it. */
    private static String detail(HandshakeOutcome outcome, @Nullable Throwable cause) {
        if (cause == null || outcome == HandshakeOutcome.NOT_TLS) {
            return outcome.sentence();
        }
        Throwable innermost = cause;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String words = innermost.getMessage();
        return words == null ? outcome.sentence() : outcome.sentence() + ": " + words;
    }
}
