package io.muster.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Calls a management API as a tool that was made for EnOS does: signed, with a token. */
final class EnosCaller {

    static final String DEVICES = "/connect-service/v2.1/devices";
    static final String LATER_DEVICES = "/connect-service/v2.4/devices";
    static final String PRODUCTS = "/connect-service/v2.1/products";

    private static final String TOKEN = "/apim-token-service/v2.0/token/get";
    private static final String JSON = "application/json";

    private final HttpCaller http;
    private final String keyId;
    private final String secret;
    private final String token;
    private long time;

    private EnosCaller(HttpCaller http, String keyId, String secret, long time) {
        this.http = http;
        this.keyId = keyId;
        this.secret = secret;
        this.time = time;
        this.token =
                askForToken(http, keyId, secret, time).path("data").path("accessToken").asText();
    }

    /** With a token of {@code key}. */
    static EnosCaller of(HttpCaller http, ApiKey key) {
        return of(http, key.id(), key.secret().reveal());
    }

    /** With a token of the key with this identifier and secret. */
    static EnosCaller of(HttpCaller http, String keyId, String secret) {
        return new EnosCaller(http.withoutToken(), keyId, secret, System.currentTimeMillis());
    }

    static JsonNode askForToken(HttpCaller http, String id, String secret, long timestamp) {
        return http.withoutToken()
                .send(
                        "POST",
                        TOKEN,
                        JSON,
                        "{\"appKey\":\"%s\",\"encryption\":\"%s\",\"timestamp\":%d}"
                                .formatted(id, sha256(id + timestamp + secret), timestamp))
                .json();
    }

    /** Who signs. */
    String keyId() {
        return keyId;
    }

    /** The secret of its key. */
    String secret() {
        return secret;
    }

    /** What it signs with. */
    String token() {
        return token;
    }

    /** A call with its signature. */
    record Signed(
            HttpCaller http,
            String method,
            String path,
            String query,
            String body,
            List<String> headers) {

        Answer answer() {
            return http.send(
                    method,
                    path + "?" + query,
                    body.isEmpty() ? "" : JSON,
                    body,
                    headers.toArray(String[]::new));
        }

        JsonNode send() {
            return answer().json();
        }

        int code() {
            return send().path("code").asInt(-1);
        }

        Signed withBody(String other) {
            return new Signed(http, method, path, query, other, headers);
        }

        Signed withQuery(String other) {
            return new Signed(http, method, path, other, body, headers);
        }
    }

    /** Each call has a time of its own, as two of the same are one. */
    Signed signed(String method, String path, String query, String body) {
        return signed(method, path, query, body, ++time);
    }

    Signed signed(String method, String path, String query, String body, long timestamp) {
        String parameters =
                Stream.of(query.split("&"))
                        .sorted()
                        .map(parameter -> parameter.replaceFirst("=", ""))
                        .collect(Collectors.joining());
        return new Signed(
                http,
                method,
                path,
                query,
                body,
                List.of(
                        "apim-accesstoken",
                        token,
                        "apim-timestamp",
                        Long.toString(timestamp),
                        "apim-signature",
                        sha256(token + parameters + body + timestamp + secret)));
    }

    JsonNode post(String path, String query, String body) {
        return signed("POST", path, query, body).send();
    }

    JsonNode get(String path, String query) {
        return signed("GET", path, query, "").send();
    }

    static int code(JsonNode answer) {
        return answer.path("code").asInt(-1);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
