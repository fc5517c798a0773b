package io.muster.auth.x509.source;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Something on a web server, asked for only if it has changed. Redirections are not followed: the
 * operator says where it is. Confined to one thread at a time.
 */
public final class Download {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int VALIDATOR_MAX = 1024;
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    /** What the server said of the last answer, and what to ask it with. */
    private static final Map<String, String> VALIDATORS =
            Map.of("ETag", "If-None-Match", "Last-Modified", "If-Modified-Since");

    private final URI address;
    private final HttpClient client;
    private final Duration timeout;
    private final int octetsMax;
    private Map<String, String> conditions = Map.of();

    /**
     * Asks this address.
     *
     * @param address with the scheme http or https
     * @param client which follows no redirections, and whose own time for connecting is below that
     *     of the whole
     * @param timeout of the whole exchange
     * @param octetsMax of an answer, at least 1
     */
    public Download(URI address, HttpClient client, Duration timeout, int octetsMax) {
        String scheme = String.valueOf(address.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("address is not of http or https: " + address);
        }
        if (address.getHost() == null || address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "address has no host, or a user: " + address.getHost());
        }
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException(
                    "the client follows redirections: " + client.followRedirects());
        }
        this.address = address;
        this.client = client;
        this.timeout = timeout;
        this.octetsMax = octetsMax;
    }

    /** A client that is fit for it; it has threads. */
    public static HttpClient newClient() {
        return HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * What is there; empty if it is the same as the last time.
     *
     * @param anyway also if it is the same
     * @throws IOException if it was not had
     */
    public Optional<byte[]> fetch(boolean anyway) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(timeout).GET();
        if (!anyway) {
            conditions.forEach(request::header);
        }
        HttpResponse<byte[]> response = send(request.build());
        if (response.statusCode() == NOT_MODIFIED && !anyway) {
            return Optional.empty();
        }
        if (response.statusCode() != OK) {
            throw new IOException("answered with status " + response.statusCode());
        }
        conditions = conditions(response.headers());
        return Optional.of(response.body());
    }

    private HttpResponse<byte[]> send(HttpRequest request)
            throws IOException, InterruptedException {
        BodyHandler<byte[]> body =
                answer ->
                        answer.statusCode() == OK
                                ? new LimitedBody(
                                        octetsMax,
                                        answer.headers()
                                                .firstValueAsLong("Content-Length")
                                                .orElse(-1))
                                : BodySubscribers.replacing(new byte[0]);
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, body);
        try {
            // The request's own timeout ends with the first octet of the answer.
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no whole answer within " + timeout, e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static Map<String, String> conditions(HttpHeaders headers) {
        Map<String, String> conditions = new HashMap<>();
        VALIDATORS.forEach(
                (validator, condition) ->
                        headers.firstValue(validator)
                                .filter(value -> value.length() <= VALIDATOR_MAX)
                                .ifPresent(value -> conditions.put(condition, value)));
        return conditions;
    }
}
