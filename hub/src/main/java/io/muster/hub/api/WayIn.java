package io.muster.hub.api;

import io.javalin.config.JavalinConfig;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.BiFunction;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * An address at which the HTTP server listens, with connections of its own: who takes all of one
 * leaves those of the other alone. Confined to whoever starts the server.
 */
final class WayIn {

    private static final int CONNECTIONS_MAX = 256;
    private static final int IDLE_TIMEOUT_MILLIS = 30_000;

    /**
     * The pages that are open to strangers are smaller, so that no thread waits until they are
     * read; what a network connection has by itself is not enough for that.
     */
    private static final int SEND_BUFFER_BYTES = 256 * 1024;

    private final String section;
    private final String bind;
    private final InetAddress host;
    private final int port;
    private final BiFunction<Server, HttpConfiguration, ServerConnector> maker;
    private @Nullable ServerConnector connector;

    /**
     * One that is not there yet.
     *
     * @param section of the configuration, for messages
     */
    WayIn(
            String section,
            String bind,
            int port,
            BiFunction<Server, HttpConfiguration, ServerConnector> maker) {
        this.section = section;
        this.bind = bind;
        this.host = resolve(section, bind);
        this.port = port;
        this.maker = maker;
    }

    private static InetAddress resolve(String section, String bind) {
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(section + ".bind '" + bind + "' is not known", e);
        }
    }

    /** Without TLS. No thread that only accepts, and one that selects: operators are few. */
    static ServerConnector plain(Server server, HttpConfiguration http) {
        return new ServerConnector(server, null, null, null, 0, 1, new HttpConnectionFactory(http));
    }

    void addTo(JavalinConfig javalin) {
        javalin.jetty.addConnector(this::open);
    }

    private Connector open(Server server, HttpConfiguration http) {
        ServerConnector made = maker.apply(server, http);
        made.setHost(host.getHostAddress());
        made.setPort(port);
        made.setIdleTimeout(IDLE_TIMEOUT_MILLIS);
        made.setAcceptedSendBufferSize(SEND_BUFFER_BYTES);
        made.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, made));
        connector = made;
        return made;
    }

    /** Where it is, once the server has started. */
    InetSocketAddress address() {
        if (connector == null) {
            throw new IllegalStateException("the server has not started");
        }
        return new InetSocketAddress(host, connector.getLocalPort());
    }

    /** Whether this failure is about it. */
    boolean isIn(Throwable failure) {
        return String.valueOf(failure.getMessage()).endsWith(":" + port);
    }

    /** Where it is to be, in the words of the configuration. */
    @Override
    public String toString() {
        return "%s.bind %s, %s.port %d".formatted(section, bind, section, port);
    }
}
