package io.muster.hub.api;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.util.JavalinLogger;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Gate;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import io.muster.hub.config.HubConfig;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server with the management API, the health pages and the metrics. Shared.
 *
 * <p>Each route says what it needs of whoever calls it ({@link Needs}), and the server does not
 * start if one does not. Health and metrics need nothing: they hold no secrets, and the server is
 * bound to loopback unless the operator says otherwise.
 */
public final class ManagementApi implements AutoCloseable {

    /** Where version 1 of the API is. */
    public static final String ROOT = "/api/v1";

    /** The largest body of a request. */
    static final int BODY_BYTES_MAX = 64 * 1024;

    private static final int THREADS_MAX = 16;
    private static final int THREADS_MIN = 2;
    private static final int CONNECTIONS_MAX = 256;
    private static final int IDLE_TIMEOUT_MILLIS = 30_000;

    /**
     * The pages that are open to strangers are smaller, so that no thread waits until they are
     * read; what a network connection has by itself is not enough for that.
     */
    private static final int SEND_BUFFER_BYTES = 256 * 1024;

    private final Javalin server;
    private final InetSocketAddress address;

    private ManagementApi(Javalin server, InetSocketAddress address) {
        this.server = server;
        this.address = address;
    }

    /**
     * Binds and starts.
     *
     * @param config where
     * @param operators who may come in
     * @param acts what they do
     * @param more resources of other rooms
     * @throws RuntimeException naming the address, if it cannot be bound; nothing is left open then
     */
    public static ManagementApi start(
            HubConfig.Management config,
            Operators operators,
            Acts acts,
            ManagedHub hub,
            List<Resource> more) {
        InetAddress host = resolve(config.bind());
        JavalinLogger.enabled = false;
        Javalin server =
                Javalin.create(
                        javalin -> {
                            configureHttp(javalin);
                            configureServer(javalin, host, config.port());
                            Problems.addTo(javalin.routes);
                            Gate.addTo(javalin, operators, acts);
                            addResources(javalin.routes, hub);
                            more.forEach(resource -> resource.addTo(javalin.routes));
                        });
        Gate.requireNeeds(server.unsafe.internalRouter.allHttpHandlers());
        try {
            server.start();
        } catch (RuntimeException e) {
            server.stop();
            throw new IllegalStateException(
                    "management.bind %s, management.port %d: cannot listen there: %s"
                            .formatted(config.bind(), config.port(), rootMessage(e)),
                    e);
        }
        return new ManagementApi(server, new InetSocketAddress(host, server.port()));
    }

    /** Registers all routes. */
    static void addResources(RoutesConfig routes, ManagedHub hub) {
        ManagedDevices managed = hub.devices();
        DeviceResource devices = new DeviceResource(managed);
        devices.addTo(routes);
        new ProductResource(managed.registry(), devices).addTo(routes);
        new ImportResource(managed.registry()).addTo(routes);
        new SecretResource(managed.registry(), devices, managed.sessions().clients()).addTo(routes);
        new DeviceValueResource(devices, managed.records(), managed.values()).addTo(routes);
        CommandResource commands = new CommandResource(devices, managed.commands());
        commands.addTo(routes);
        new FirmwareResource(managed, devices, commands).addTo(routes);
        ManagedHub.SignIns signIns = hub.signIns();
        new ApplicationResource(signIns.access(), signIns.scramIterations()).addTo(routes);
        new BarResource(signIns.bars()).addTo(routes);
        new ClientResource(hub.clients()).addTo(routes);
        new DrainResource(hub.drain()).addTo(routes);
        new MonitoringResource(hub.readiness(), hub.meters()).addTo(routes);
        new OpenApiResource().addTo(routes);
    }

    /**
     * Registers {@code handler} for GET, and for HEAD, which must have the same status and header
     * [RFC 9110 9.3.2]: whoever probes with HEAD must not take a hub for ready that is not.
     */
    public static void read(RoutesConfig routes, String path, Needs needs, Handler handler) {
        routes.get(path, handler, needs);
        routes.head(path, handler, needs);
    }

    private static InetAddress resolve(String bind) {
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("management.bind '" + bind + "' is not known", e);
        }
    }

    private static void configureHttp(JavalinConfig javalin) {
        javalin.startup.showJavalinBanner = false;
        javalin.startup.showOldJavalinVersionWarning = false;
        javalin.startup.startupWatcherEnabled = false;
        javalin.http.maxRequestSize = BODY_BYTES_MAX;
        javalin.http.prefer405over404 = true;
        // An answer with a secret in it is not compressed together with what the caller chose.
        javalin.http.compressionStrategy = CompressionStrategy.NONE;
        // A slash at the end may belong to a client identifier.
        javalin.router.ignoreTrailingSlashes = false;
    }

    private static void configureServer(JavalinConfig javalin, InetAddress host, int port) {
        // Jetty's own queue asks the platform's MBean server for the size of a cache line, which
        // costs each start of the hub.
        QueuedThreadPool threads =
                new QueuedThreadPool(THREADS_MAX, THREADS_MIN, new LinkedBlockingQueue<>());
        threads.setName("muster-http");
        javalin.jetty.threadPool = threads;
        javalin.jetty.modifyHttpConfiguration(
                // Client identifiers hold encoded slashes and worse; no file is served by path.
                http -> http.setUriCompliance(UriCompliance.UNSAFE));
        // Bodies are read before a thread takes the request: who sends one slowly, or never, holds
        // none. What is larger than other bodies may be, a file of devices, is read as it comes.
        javalin.jetty.modifyServletContextHandler(
                context ->
                        context.insertHandler(
                                new EagerContentHandler(
                                        new EagerContentHandler.RetainedContentLoaderFactory(
                                                BODY_BYTES_MAX, -1, false))));
        javalin.jetty.addConnector((server, http) -> connector(server, http, host, port));
        javalin.jetty.modifyServer(
                server -> {
                    server.getBeans(LowResourceMonitor.class).forEach(server::removeBean);
                    server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, server));
                    server.setErrorHandler(new Problems.ServerErrorHandler());
                });
    }

    private static Connector connector(
            Server server, HttpConfiguration http, InetAddress host, int port) {
        // No thread that only accepts, and one that selects: operators are few.
        ServerConnector connector =
                new ServerConnector(
                        server, null, null, null, 0, 1, new HttpConnectionFactory(http));
        connector.setHost(host.getHostAddress());
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_TIMEOUT_MILLIS);
        connector.setAcceptedSendBufferSize(SEND_BUFFER_BYTES);
        return connector;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** The address bound. */
    public InetSocketAddress address() {
        return address;
    }

    /** Stops; requests under way are cut off. */
    @Override
    public void close() {
        server.stop();
    }
}
