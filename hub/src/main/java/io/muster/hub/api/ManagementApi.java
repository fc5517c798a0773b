package io.muster.hub.api;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.util.JavalinLogger;
import io.muster.ca.RequestRefusedException;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Callers;
import io.muster.hub.api.access.Gate;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.applications.ApplicationResource;
import io.muster.hub.api.clients.BarResource;
import io.muster.hub.api.clients.ClientResource;
import io.muster.hub.api.clients.DrainResource;
import io.muster.hub.api.devices.DeviceResources;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.tls.ManagementTls;
import io.muster.hub.api.tls.TlsConnector;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.config.HubConfig;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.LowResourceMonitor;
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

    /** Most of them only wait: for the registry, or for a certificate that is being signed. */
    private static final int THREADS_MAX = 64;

    private static final int THREADS_MIN = 2;

    private final Javalin server;
    private final WayIn plain;
    private final Optional<Secure> secure;

    private ManagementApi(Javalin server, WayIn plain, Optional<Secure> secure) {
        this.server = server;
        this.plain = plain;
        this.secure = secure;
    }

    /** The way in over TLS. */
    private record Secure(TlsConnector connector, WayIn wayIn) {

        private static Secure of(ManagementTls tls) {
            TlsConnector connector = new TlsConnector(tls);
            return new Secure(
                    connector,
                    new WayIn("management.tls", tls.bind(), tls.port(), connector::connector));
        }
    }

    /**
     * Binds and starts.
     *
     * @param config where
     * @param tls what is shown over TLS, if it is spoken besides
     * @param callers who may come in
     * @param acts what they do
     * @param more resources of other rooms
     * @throws RuntimeException naming the address, if it cannot be bound; nothing is left open then
     */
    public static ManagementApi start(
            HubConfig.Management config,
            Optional<ManagementTls> tls,
            Callers callers,
            Acts acts,
            ManagedHub hub,
            List<Resource> more) {
        WayIn plain = new WayIn("management", config.bind(), config.port(), WayIn::plain);
        Optional<Secure> secure = tls.map(Secure::of);
        JavalinLogger.enabled = false;
        Javalin server =
                Javalin.create(
                        javalin -> {
                            configureHttp(javalin);
                            configureServer(javalin);
                            plain.addTo(javalin);
                            secure.ifPresent(each -> each.wayIn().addTo(javalin));
                            Problems.addTo(javalin.routes);
                            tls.ifPresent(each -> refuseBadCertificates(javalin, each, acts));
                            Gate.addTo(javalin, callers, acts);
                            addResources(javalin.routes, hub);
                            more.forEach(resource -> resource.addTo(javalin.routes));
                        });
        Gate.requireNeeds(server.unsafe.internalRouter.allHttpHandlers());
        try {
            server.start();
        } catch (RuntimeException e) {
            server.stop();
            throw new IllegalStateException(
                    "%s: cannot listen there: %s"
                            .formatted(
                                    secure.map(Secure::wayIn)
                                            .filter(way -> causes(e).anyMatch(way::isIn))
                                            .orElse(plain),
                                    rootMessage(e)),
                    e);
        }
        return new ManagementApi(server, plain, secure);
    }

    /** Whoever shows one that is not good gets nothing, also where none is needed. */
    private static void refuseBadCertificates(JavalinConfig javalin, ManagementTls tls, Acts acts) {
        PeerCertificates certificates = tls.peers();
        javalin.routes.before(
                ctx -> {
                    try {
                        var unused = certificates.of(ctx);
                    } catch (RequestRefusedException refused) {
                        acts.trail()
                                .refused(
                                        AuditTrail.Stranger.CLIENT,
                                        "certificate",
                                        ctx.req().getRemoteAddr(),
                                        Problems.status(refused.code()),
                                        String.valueOf(refused.getMessage()));
                        throw refused;
                    }
                });
    }

    /** Registers all routes. */
    static void addResources(RoutesConfig routes, ManagedHub hub) {
        new DeviceResources(hub.devices()).addTo(routes);
        ManagedHub.SignIns signIns = hub.signIns();
        new ApplicationResource(signIns.access(), signIns.scramIterations()).addTo(routes);
        new BarResource(signIns.bars()).addTo(routes);
        new ClientResource(hub.clients()).addTo(routes);
        new DrainResource(hub.drain()).addTo(routes);
        new MonitoringResource(hub.readiness(), hub.meters()).addTo(routes);
        new OpenApiResource().addTo(routes);
    }

    private static void configureHttp(JavalinConfig javalin) {
        javalin.startup.showJavalinBanner = false;
        javalin.startup.showOldJavalinVersionWarning = false;
        javalin.startup.startupWatcherEnabled = false;
        javalin.http.maxRequestSize = RequestFields.BODY_BYTES_MAX;
        javalin.http.prefer405over404 = true;
        // An answer with a secret in it is not compressed together with what the caller chose.
        javalin.http.compressionStrategy = CompressionStrategy.NONE;
        // A slash at the end may belong to a client identifier.
        javalin.router.ignoreTrailingSlashes = false;
    }

    private static void configureServer(JavalinConfig javalin) {
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
                                                RequestFields.BODY_BYTES_MAX, -1, false))));
        javalin.jetty.modifyServer(
                server -> {
                    server.getBeans(LowResourceMonitor.class).forEach(server::removeBean);
                    server.setErrorHandler(new Problems.ServerErrorHandler());
                });
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** The address bound, of plain HTTP. */
    public InetSocketAddress address() {
        return plain.address();
    }

    /** The address bound of HTTP over TLS, if it is spoken. */
    public Optional<InetSocketAddress> tlsAddress() {
        return secure.map(each -> each.wayIn().address());
    }

    /**
     * Asks for the certificates of the server again, for connections that come from now on.
     *
     * @throws IllegalArgumentException if they cannot be used; all is as it was then
     */
    public void renewTls() {
        secure.ifPresent(each -> each.connector().renew());
    }

    /** Stops; requests under way are cut off. */
    @Override
    public void close() {
        server.stop();
    }
}
