package io.muster.hub.api.tls;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Begins connections with a handshake that is to be over in time, and so many of them at once: who
 * sends a byte now and then is not idle, and would keep his connection for ever. Shared.
 */
final class HandshakeLimits extends SslConnectionFactory {

    /** Half of the connections that there may be, so that others stay for those who are known. */
    static final int AT_ONCE = 128;

    private final Duration timeout;
    private final AtomicInteger underWay = new AtomicInteger();

    HandshakeLimits(SslContextFactory.Server contexts, Duration timeout) {
        super(contexts, HttpVersion.HTTP_1_1.asString());
        this.timeout = timeout;
    }

    @Override
    protected SslConnection newSslConnection(
            Connector connector, EndPoint endPoint, SSLEngine engine) {
        SslConnection connection = super.newSslConnection(connector, endPoint, engine);
        Handshake handshake = new Handshake(endPoint);
        connection.addHandshakeListener(handshake);
        connection.addEventListener(handshake);
        handshake.begin(connector.getScheduler());
        return connection;
    }

    /** One of them; told by the thread of its connection, and by that of the timer. */
    private final class Handshake implements SslHandshakeListener, Connection.Listener {

        private final EndPoint endPoint;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile Scheduler.Task deadline = () -> true;

        private Handshake(EndPoint endPoint) {
            this.endPoint = endPoint;
        }

        private void begin(Scheduler scheduler) {
            if (underWay.incrementAndGet() > AT_ONCE) {
                giveUp();
                return;
            }
            deadline = scheduler.schedule(this::giveUp, timeout.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void giveUp() {
            if (end()) {
                endPoint.close();
            }
        }

        /** Whether it is this that ends it. */
        private boolean end() {
            boolean first = over.compareAndSet(false, true);
            if (first) {
                underWay.decrementAndGet();
                deadline.cancel();
            }
            return first;
        }

        @Override
        public void handshakeSucceeded(Event event) {
            end();
        }

        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            end();
        }

        @Override
        public void onOpened(Connection connection) {}

        @Override
        public void onClosed(Connection connection) {
            end();
        }
    }
}
