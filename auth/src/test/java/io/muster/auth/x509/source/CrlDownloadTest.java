package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.muster.auth.x509.crl.CrlReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrlDownloadTest {

    private static final byte[] LIST = {1, 2, 3};
    private static final int OCTETS_MAX = 300_000;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;
    private CrlDownload source;

    /** How the server answers. */
    private interface Answer {
        void to(HttpExchange exchange) throws Exception;
    }

    private volatile Answer answer = exchange -> send(exchange, 500);

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        answer.to(exchange);
                    } catch (IOException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                });
        server.start();
        source = source(Duration.ofSeconds(20));
    }

    private CrlDownload source(Duration timeout) {
        return new CrlDownload(
                address(),
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build(),
                timeout,
                Duration.ofMinutes(10),
                OCTETS_MAX);
    }

    @AfterEach
    void end() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private URI address() {
        return URI.create("http://127.0.0.1:%d/list.crl".formatted(server.getAddress().getPort()));
    }

    private static void send(HttpExchange exchange, int status, byte... body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Test
    void asksForAListThatIsNotTheOneItHasByTagAndTime() throws Exception {
        answer =
                exchange -> {
                    boolean isKnown =
                            "\"7\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))
                                    && "yesterday"
                                            .equals(
                                                    exchange.getRequestHeaders()
                                                            .getFirst("If-Modified-Since"));
                    exchange.getResponseHeaders().set("ETag", "\"7\"");
                    exchange.getResponseHeaders().set("Last-Modified", "yesterday");
                    if (isKnown) {
                        send(exchange, 304);
                    } else {
                        send(exchange, 200, LIST);
                    }
                };

        assertThat(source.fetch(false)).hasValue(LIST);
        assertThat(source.fetch(false)).isEmpty();
        assertThat(source.fetch(true)).hasValue(LIST);
    }

    @Test
    void takesAListWhoseLengthTheServerDoesNotSay() throws Exception {
        byte[] list = new byte[OCTETS_MAX];
        list[OCTETS_MAX - 1] = 9;
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(list);
                };

        assertThat(source.fetch(false)).hasValue(list);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 301, 302, 304, 403, 404, 500, 503})
    void anyOtherStatusIsAFailure(int status) {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    send(exchange, status);
                };

        assertThatThrownBy(() -> source.fetch(true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("status " + status);
    }

    @Test
    void anAnswerThatComesTooSlowlyIsAFailure() {
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    OutputStream body = exchange.getResponseBody();
                    body.write(1);
                    body.flush();
                    over.await(10, TimeUnit.SECONDS);
                };

        // On a slow machine the client may give up before the answer begins.
        assertThatThrownBy(() -> source(Duration.ofSeconds(1)).fetch(false))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("no whole answer within PT1S|.*timed out");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatIsTooLongIsAFailureWhetherItIsAnnouncedOrNot(boolean isAnnounced) {
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, isAnnounced ? OCTETS_MAX + 1 : 0);
                    exchange.getResponseBody().write(new byte[OCTETS_MAX + 1]);
                };

        assertThatThrownBy(() -> source.fetch(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 300000 octets");
    }

    @Test
    void whatAServerAnnouncesTakesNoMemoryBeforeItComes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        LimitedBody body = new LimitedBody(CrlReader.OCTETS_MAX, CrlReader.OCTETS_MAX);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2 * 1024 * 1024);
        assertThat(body.getBody().toCompletableFuture()).isNotDone();
    }

    @Test
    void aClientThatFollowsRedirectionsIsNotTakenSinceTheyMayLeadAnywhere() {
        HttpClient following =
                HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

        assertThatThrownBy(
                        () ->
                                new CrlDownload(
                                        address(),
                                        following,
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(1),
                                        OCTETS_MAX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NORMAL");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, CrlReader.OCTETS_MAX + 1})
    void takesLimitsThatTheReaderKeepsOnly(int octetsMax) {
        assertThatThrownBy(
                        () ->
                                new CrlDownload(
                                        address(),
                                        HttpClient.newHttpClient(),
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(1),
                                        octetsMax))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not from 1 to");
    }

    @Test
    void sourcesOfOneServerAreAskedOneAfterTheOther() {
        assertThat(source.queue()).isEqualTo("server 127.0.0.1");
    }

    @Test
    void anAnswerThatIsCutIsAFailure() {
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(LIST);
                    exchange.getResponseBody().flush();
                };

        assertThatThrownBy(() -> source.fetch(false)).isInstanceOf(IOException.class);
    }

    @Test
    void aServerThatIsNotThereIsAFailure() {
        server.stop(0);

        assertThatThrownBy(() -> source.fetch(false)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/list",
                "list.crl",
                "file:///list",
                "http:///list",
                "http://user@host/list"
            })
    void takesAddressesOfWebServersOnly(String address) {
        assertThatThrownBy(
                        () ->
                                new CrlDownload(
                                        URI.create(address),
                                        HttpClient.newHttpClient(),
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(1),
                                        OCTETS_MAX))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
