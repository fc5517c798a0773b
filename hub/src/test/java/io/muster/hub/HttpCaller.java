package io.muster.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.muster.hub.openapi.ApiContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * Speaks HTTP to a management API, as an operator's tool would, and holds what is said to its
 * OpenAPI document.
 */
public final class HttpCaller {

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final Optional<String> token;
    private final String scheme;

    private HttpCaller(String address, Optional<String> token) {
        this(address, token, "Bearer ");
    }

    private HttpCaller(String address, Optional<String> token, String scheme) {
        this.address = address;
        this.token = token;
        this.scheme = scheme;
    }

    /** A caller that shows {@code token}. */
    public static HttpCaller of(InetSocketAddress address, String token) {
        return new HttpCaller(
                "http://" + address.getAddress().getHostAddress() + ":" + address.getPort(),
                Optional.of(token));
    }

    /** The same caller without a token. */
    public HttpCaller withoutToken() {
        return new HttpCaller(address, Optional.empty());
    }

    /** The same caller with another token. */
    public HttpCaller withToken(String other) {
        return new HttpCaller(address, Optional.of(other));
    }

    /** The same caller with another value of the header {@code Authorization}. */
    public HttpCaller withAuthorization(String value) {
        return new HttpCaller(address, Optional.of(value), "");
    }

    /** The same caller with user name and password. */
    public HttpCaller withPassword(String username, String password) {
        return withAuthorization(
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (username + ":" + password)
                                                .getBytes(StandardCharsets.UTF_8)));
    }

    /** What was answered; {@code json} is missing if it is not JSON. */
    public record Answer(int status, HttpHeaders headers, String text, JsonNode json) {

        /** A header's value, or an empty text. */
        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    /** GET. */
    public Answer get(String path) {
        return call("GET", path);
    }

    /** DELETE. */
    public Answer delete(String path) {
        return call("DELETE", path);
    }

    /** POST without a body. */
    public Answer post(String path) {
        return call("POST", path);
    }

    /** POST of JSON. */
    public Answer post(String path, String json) {
        return post(path, "application/json", json);
    }

    /** Any method with JSON. */
    public Answer call(String method, String path, String json) {
        return send(method, path, "application/json", json);
    }

    /** PATCH with JSON. */
    public Answer patch(String path, String json) {
        return send("PATCH", path, "application/json", json);
    }

    /** PUT of JSON. */
    public Answer put(String path, String json) {
        return send("PUT", path, "application/json", json);
    }

    /** PATCH with JSON of what has this entity tag. */
    public Answer patchIf(String tag, String path, String json) {
        return send("PATCH", path, "application/json", json, "If-Match", tag);
    }

    /** DELETE of what has this entity tag. */
    public Answer deleteIf(String tag, String path) {
        return send("DELETE", path, "", "", "If-Match", tag);
    }

    /** POST of anything. */
    public Answer post(String path, String contentType, String body) {
        return send("POST", path, contentType, body);
    }

    /** Any other method. */
    public Answer call(String method, String path) {
        return send(method, path, "", "");
    }

    /** Any method with any body. */
    public Answer send(
            String method, String path, String contentType, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(Duration.ofSeconds(20))
                        .method(method, BodyPublishers.ofString(body));
        token.ifPresent(value -> request.header("Authorization", scheme + value));
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        Answer answer = answer(request.build());
        ApiContract.shared()
                .check(
                        new ApiContract.Exchange(
                                method,
                                URI.create(address + path),
                                contentType,
                                body,
                                answer.status(),
                                answer.header("Content-Type"),
                                answer.text()));
        return answer;
    }

    private Answer answer(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            String type = response.headers().firstValue("Content-Type").orElse("");
            return new Answer(
                    response.statusCode(),
                    response.headers(),
                    response.body(),
                    type.contains("json")
                            ? new JsonMapper().readTree(response.body())
                            : MissingNode.getInstance());
        } catch (IOException e) {
            throw new IllegalStateException("no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
