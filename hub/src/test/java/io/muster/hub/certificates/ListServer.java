package io.muster.hub.certificates;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server with a list of revocations, which counts how it is asked for that. Shared. */
public final class ListServer implements AutoCloseable {

    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    private final HttpServer server;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger unchanged = new AtomicInteger();
    private volatile byte[] list;
    private volatile int version = 1;

    /** Has this one. */
    public ListServer(byte[] list) throws IOException {
        this.list = list;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String tag = "\"" + version + "\"";
            exchange.getResponseHeaders().add("ETag", tag);
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(NOT_MODIFIED, -1);
                unchanged.incrementAndGet();
                return;
            }
            byte[] body = list;
            exchange.sendResponseHeaders(OK, body.length);
            exchange.getResponseBody().write(body);
            sent.incrementAndGet();
        }
    }

    /** Where the list is. */
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/list.crl";
    }

    /** Has another list from now on. */
    public synchronized void put(byte[] other) {
        list = other;
        version++;
    }

    /** How often the list was sent. */
    public int sent() {
        return sent.get();
    }

    /** How often it was enough to say that it is the same. */
    public int unchanged() {
        return unchanged.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
