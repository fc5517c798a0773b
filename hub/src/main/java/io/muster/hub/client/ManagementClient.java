package io.muster.hub.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the management API of a running hub. Blocks while it waits for the answer, at most 75
 * seconds unless it is {@link #patiently patient}. Safe for use by several threads.
 *
 * <p>Paths are given as segments below {@code /api/v1}, which may hold any character.
 */
public final class ManagementClient {

    /** Keeps numbers as exact as they were sent. */
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Longer than the hub waits for the answer of a device. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(75);

    private static final Duration LONG_TIMEOUT = Duration.ofDays(1);

    /** The file of the data folder with the token of the operator. */
    public static final String TOKEN_FILE = "operator-token";

    private static final String BEARER = "Bearer ";

    private final HttpClient http;
    private final String address;
    private final String authorization;
    private final String proof;
    private final Terms terms;

    /**
     * On which terms requests are made.
     *
     * @param headers further ones
     * @param timeout how long an answer is awaited
     */
    private record Terms(Map<String, String> headers, Duration timeout) {

        private static final Terms PLAIN = new Terms(Map.of(), ANSWER_TIMEOUT);
    }

    private ManagementClient(ManagementAddress address, String authorization, String proof) {
        this(http(address), address.text(), authorization, proof, Terms.PLAIN);
    }

    private static HttpClient http(ManagementAddress address) {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT_TIMEOUT)
                        // The token is for the hub alone, so no proxy in between.
                        .proxy(HttpClient.Builder.NO_PROXY);
        address.tls().ifPresent(builder::sslContext);
        return builder.build();
    }

    private ManagementClient(
            HttpClient http, String address, String authorization, String proof, Terms terms) {
        this.http = http;
        this.address = address;
        this.authorization = authorization;
        this.proof = proof;
        this.terms = terms;
    }

    private ManagementClient on(Terms others) {
        return new ManagementClient(http, address, authorization, proof, others);
    }

    /**
     * The same, for changes of what must have a revision; if it has another, requests fail and
     * nothing is changed.
     *
     * @param revision empty if any will do
     */
    public ManagementClient ifMatch(Optional<Long> revision) {
        return revision.isEmpty() ? this : with("If-Match", "\"" + revision.get() + "\"");
    }

    /** The same, for what must not be there yet. */
    public ManagementClient ifNone() {
        return with("If-None-Match", "*");
    }

    private ManagementClient with(String header, String value) {
        Map<String, String> headers = new HashMap<>(terms.headers());
        headers.put(header, value);
        return on(new Terms(Map.copyOf(headers), terms.timeout()));
    }

    /** The same, for what takes as long as there is much of it: it waits for up to a day. */
    public ManagementClient patiently() {
        return on(new Terms(terms.headers(), LONG_TIMEOUT));
    }

    /**
     * A client of somebody with an account.
     *
     * @param address where the API is
     */
    public static ManagementClient withPassword(
            ManagementAddress address, String username, String password) {
        byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new ManagementClient(
                address,
                "Basic " + Base64.getEncoder().encodeToString(pair),
                "this user name and password");
    }

    /**
     * A client with an API key.
     *
     * @param address where the API is
     * @param key identifier and secret with a dot between them
     * @throws ManagementException if it is no key
     */
    public static ManagementClient withKey(ManagementAddress address, String key) {
        if (!key.strip().matches("[\\x21-\\x7e]+")) {
            throw new ManagementException("the API key has characters that no key has");
        }
        return new ManagementClient(address, BEARER + key.strip(), "this API key");
    }

    /**
     * The first line of a file with an API key.
     *
     * @throws ManagementException if it cannot be read
     */
    public static String readKey(Path file) {
        try {
            return Files.readString(file).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new ManagementException(file + " cannot be read: " + e, e);
        }
    }

    /**
     * A client with the operator token of a data folder.
     *
     * @param address where the API is
     * @param dataFolder the hub's data folder
     * @throws ManagementException if the token cannot be read
     */
    public static ManagementClient of(ManagementAddress address, Path dataFolder) {
        return new ManagementClient(
                address,
                BEARER + readToken(dataFolder.resolve(TOKEN_FILE)),
                "the operator token; is --data the data folder of that hub?");
    }

    /** The answer to a GET. */
    public JsonNode get(String... path) {
        return send("GET", uri(path), BodyPublishers.noBody());
    }

    /** The same with a query such as {@code issuer=device-ec-g1}. */
    public JsonNode getWith(String query, String... path) {
        return send("GET", uri(path) + "?" + query, BodyPublishers.noBody());
    }

    /**
     * A page of a list.
     *
     * @param after where the page before ended; empty to begin
     * @param limit at most so many
     */
    public JsonNode list(Optional<String> after, int limit, String... path) {
        return send("GET", uri(path) + query(after, limit), BodyPublishers.noBody());
    }

    /**
     * A page of those that are looked for.
     *
     * @param parameters further ones of the query: a name, an equals sign and a value each
     */
    public JsonNode search(
            Optional<String> after, int limit, List<String> parameters, String... path) {
        StringBuilder query = new StringBuilder(query(after, limit));
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            query.append('&')
                    .append(parameter, 0, equals + 1)
                    .append(encode(parameter.substring(equals + 1)));
        }
        return send("GET", uri(path) + query, BodyPublishers.noBody());
    }

    /** The same of what a filter leaves. */
    public JsonNode list(
            Optional<String> after, int limit, Map<String, String> filter, String... path) {
        StringBuilder query = new StringBuilder(query(after, limit));
        filter.forEach(
                (name, value) -> query.append('&').append(name).append('=').append(encode(value)));
        return send("GET", uri(path) + query, BodyPublishers.noBody());
    }

    private static String query(Optional<String> after, int limit) {
        return "?limit=" + limit + after.map(a -> "&after=" + encode(a)).orElse("");
    }

    /**
     * The answer to a POST of a file.
     *
     * @throws ManagementException also if it cannot be read
     */
    public JsonNode upload(Path file, String contentType, String... path) {
        try {
            return send("POST", uri(path), contentType, BodyPublishers.ofFile(file));
        } catch (FileNotFoundException e) {
            throw new ManagementException(file + " cannot be read", e);
        }
    }

    /** The answer to a POST with a JSON object. */
    public JsonNode post(Map<String, ? extends @Nullable Object> body, String... path) {
        return send("POST", uri(path), json(body));
    }

    /** The same with a query such as {@code issuer=device-ec-g1}. */
    public JsonNode postWith(
            String query, Map<String, ? extends @Nullable Object> body, String... path) {
        return send("POST", uri(path) + "?" + query, json(body));
    }

    /** Posts bytes as they are. */
    public void postBytes(byte[] bytes, String... path) {
        send("POST", uri(path), "application/octet-stream", BodyPublishers.ofByteArray(bytes));
    }

    /** The answer to a PUT with a JSON object. */
    public JsonNode put(Map<String, ?> body, String... path) {
        return send("PUT", uri(path), json(body));
    }

    /** The answer to a PATCH with a JSON object. */
    public JsonNode patch(Map<String, ? extends @Nullable Object> body, String... path) {
        return send("PATCH", uri(path), json(body));
    }

    /** The answer to a PUT of what the path says all of. */
    public JsonNode put(String... path) {
        return send("PUT", uri(path), BodyPublishers.noBody());
    }

    private static BodyPublisher json(Map<String, ? extends @Nullable Object> body) {
        try {
            return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON object: " + body.keySet(), e);
        }
    }

    /** Deletes something. */
    public void delete(String... path) {
        send("DELETE", uri(path), BodyPublishers.noBody());
    }

    /** Deletes something with a query such as {@code devices=delete}. */
    public void deleteWith(String query, String... path) {
        send("DELETE", uri(path) + "?" + query, BodyPublishers.noBody());
    }

    private String uri(String... path) {
        StringBuilder uri = new StringBuilder(address).append("/api/v1");
        for (String segment : path) {
            uri.append('/').append(encode(segment));
        }
        return uri.toString();
    }

    private JsonNode send(String method, String uri, BodyPublisher body) {
        return send(method, uri, "application/json", body);
    }

    private JsonNode send(String method, String uri, String contentType, BodyPublisher body) {
        return send(request(method, uri, contentType, body));
    }

    private HttpRequest.Builder request(
            String method, String uri, String contentType, BodyPublisher body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        terms.headers().forEach(request::header);
        return request.timeout(terms.timeout())
                .header("Authorization", authorization)
                .header("Content-Type", contentType)
                .header("Accept", "application/json, application/problem+json")
                .method(method, body);
    }

    private JsonNode send(HttpRequest.Builder request) {
        try {
            return read(http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8)));
        } catch (SSLException e) {
            throw new ManagementException(
                    "the hub at "
                            + address
                            + " is not one that --ca vouches for, or speaks no TLS: "
                            + e.getMessage(),
                    e);
        } catch (ConnectException e) {
            throw new ManagementException(
                    "no hub answers at "
                            + address
                            + "; start it with ./muster, or name its"
                            + " configuration with --config and --data",
                    e);
        } catch (IOException e) {
            throw new ManagementException("the hub at " + address + " gave no answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ManagementException("interrupted while waiting for the hub", e);
        }
    }

    private JsonNode read(HttpResponse<String> response) {
        Optional<JsonNode> body = parse(response.body());
        int status = response.statusCode();
        if (status == 401) {
            throw new ManagementException("the hub at " + address + " does not accept " + proof);
        }
        if (status >= 300) {
            throw new ManagementException(problem(status, body));
        }
        return body.orElseThrow(
                () ->
                        new ManagementException(
                                "what answers at " + address + " is not a Muster hub"));
    }

    /** A problem document [RFC 9457] in one line. */
    private String problem(int status, Optional<JsonNode> body) {
        String title = body.map(b -> b.path("title").asText()).orElse("");
        String detail = body.map(b -> b.path("detail").asText()).orElse("");
        String said =
                (!detail.isEmpty() ? detail : !title.isEmpty() ? title : "no explanation")
                        .replace('\n', ' ');
        return "the hub refused (%d): %s%s"
                .formatted(status, said, body.map(ManagementClient::lines).orElse(""))
                .replaceAll("[\\p{Cntrl}&&[^\n]]+", " ");
    }

    /** Where a file is not as it should be, a line each. */
    private static String lines(JsonNode problem) {
        StringBuilder lines = new StringBuilder();
        for (JsonNode line : problem.path("lines")) {
            lines.append("\n  line ")
                    .append(line.path("line").asInt())
                    .append(": ")
                    .append(line.path("problem").asText().replace('\n', ' '));
        }
        return lines.toString();
    }

    /** Empty if it is no JSON; what was received is not repeated, since it may hold a secret. */
    private static Optional<JsonNode> parse(String body) {
        if (body.isBlank()) {
            return Optional.of(MissingNode.getInstance());
        }
        try {
            return Optional.of(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static String readToken(Path file) {
        try {
            String token = Files.readString(file).lines().findFirst().orElse("").strip();
            if (!token.matches("[\\x21-\\x7e]+")) {
                throw new ManagementException(file + " holds no operator token in its first line");
            }
            return token;
        } catch (NoSuchFileException e) {
            throw new ManagementException(
                    file + " is not there; the hub writes it at its first start (is --data right?)",
                    e);
        } catch (IOException e) {
            throw new ManagementException(
                    file + " cannot be read; only the user who runs the hub can (" + e + ")", e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
