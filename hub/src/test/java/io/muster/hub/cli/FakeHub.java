package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.muster.hub.openapi.ApiContract;
import io.muster.hub.openapi.ApiContract.Exchange;
import io.muster.hub.openapi.ApiContract.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP server that gives one prepared answer and notes what it was asked. Holds it to the
 * OpenAPI document: what a hub would not understand fails the test that closes this.
 */
final class FakeHub implements AutoCloseable {

    static final String TOKEN = "test-token";

    /** The account anna with the password {@code before}. */
    private static final String BASIC = "Basic YW5uYTpiZWZvcmU=";

    private final HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Operation> operations = new CopyOnWriteArrayList<>();
    private final List<AssertionError> misunderstood = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile String body = "{}";

    FakeHub() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void answers(int status, String body) {
        this.status = status;
        this.body = body;
    }

    /** Method, path as sent, revision that it is to have, and body of each request. */
    List<String> requests() {
        return requests;
    }

    /** The operations of the OpenAPI document that were asked for. */
    List<Operation> operations() {
        return operations;
    }

    private void note(HttpExchange exchange, String sent) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        try {
            operations.add(
                    ApiContract.shared()
                            .checkRequest(
                                    new Exchange(
                                            exchange.getRequestMethod(),
                                            exchange.getRequestURI(),
                                            type == null ? "" : type,
                                            sent,
                                            status,
                                            "",
                                            "")));
        } catch (AssertionError otherwise) {
            misunderstood.add(otherwise);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        note(exchange, sent);
        String revision = exchange.getRequestHeaders().getFirst("If-Match");
        String none = exchange.getRequestHeaders().getFirst("If-None-Match");
        requests.add(
                (exchange.getRequestMethod()
                                + " "
                                + exchange.getRequestURI()
                                + (revision == null ? "" : " if " + revision)
                                + (none == null ? "" : " if none " + none)
                                + " "
                                + sent)
                        .strip());
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        boolean known = ("Bearer " + TOKEN).equals(authorization) || BASIC.equals(authorization);
        byte[] bytes = (known ? body : "{}").getBytes(StandardCharsets.UTF_8);
        boolean empty = known && status == 204;
        exchange.sendResponseHeaders(known ? status : 401, empty ? -1 : bytes.length);
        if (!empty) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        assertThat(misunderstood).isEmpty();
    }
}
