package io.muster.broker.net.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.NetUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which handshakes are accepted, and how they are answered (RFC 6455, section 4.2). Immutable.
 *
 * @param settings of the listener
 */
record HandshakeRules(WebSocketSettings settings) {

    /** The one version of the protocol (RFC 6455, section 4.1). */
    static final String VERSION = "13";

    /** What we speak, the best first; the second is what clients of MQTT 3.1 ask for. */
    private static final List<String> SUBPROTOCOLS = List.of("mqtt", "mqttv3.1");

    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    /** Empty if the request is in order. */
    Optional<Refusal> refusal(HttpRequest request) {
        return Stream.of(
                        malformed(request),
                        notHere(request),
                        notWebSocket(request),
                        badKey(request),
                        badOrigin(request),
                        badSubprotocol(request))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Refusal> malformed(HttpRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException) {
            return refuse(HttpResponseStatus.REQUEST_URI_TOO_LONG, "The request line is too long.");
        } else if (cause instanceof TooLongFrameException) {
            return refuse(
                    HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "The header fields are too long.");
        } else if (cause != null) {
            return refuse(HttpResponseStatus.BAD_REQUEST, "This is not a valid HTTP request.");
        } else if (request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0
                || !request.headers().contains(HttpHeaderNames.HOST)) {
            return refuse(
                    HttpResponseStatus.BAD_REQUEST,
                    "A WebSocket handshake is a request of HTTP 1.1 with a Host field.");
        } else if (HttpUtil.getContentLength(request, 0L) > 0
                || HttpUtil.isTransferEncodingChunked(request)) {
            return refuse(HttpResponseStatus.BAD_REQUEST, "A WebSocket handshake has no content.");
        }
        return Optional.empty();
    }

    private Optional<Refusal> notHere(HttpRequest request) {
        String path = request.uri().split("\\?", 2)[0];
        if (!path.equals(settings.path())) {
            return refuse(
                    HttpResponseStatus.NOT_FOUND,
                    "Nothing is here: MQTT over WebSocket is at %s.".formatted(settings.path()));
        } else if (!request.method().equals(HttpMethod.GET)) {
            return refuse(HttpResponseStatus.METHOD_NOT_ALLOWED, "A WebSocket handshake is a GET.");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> notWebSocket(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (!headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                || !headers.containsValue(
                        HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            return refuse(
                    HttpResponseStatus.UPGRADE_REQUIRED,
                    "MQTT over WebSocket is served here: 'Connection: Upgrade' and 'Upgrade:"
                            + " websocket' are missing.");
        } else if (!VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return refuse(
                    HttpResponseStatus.UPGRADE_REQUIRED,
                    "Sec-WebSocket-Version must be %s.".formatted(VERSION));
        }
        return Optional.empty();
    }

    private static Optional<Refusal> badKey(HttpRequest request) {
        String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "");
        return isKey(key)
                ? Optional.empty()
                : refuse(
                        HttpResponseStatus.BAD_REQUEST,
                        "Sec-WebSocket-Key must be 16 bytes in Base64.");
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A browser says which page connects; the page of a stranger must not (section 10.2). */
    private Optional<Refusal> badOrigin(HttpRequest request) {
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        return request.headers().getAll(HttpHeaderNames.ORIGIN).stream()
                        .allMatch(origin -> settings.allows(origin) || isOfAddress(origin, host))
                ? Optional.empty()
                : refuse(
                        HttpResponseStatus.FORBIDDEN,
                        "This Origin is not among those that the listener allows.");
    }

    /**
     * Whether an origin is made of the very address and port that were connected to, as by
     * libraries that are no browsers. A page from there would be ours. A name does not count:
     * whoever owns it may have served a page under it and let it point here since (DNS rebinding).
     */
    private static boolean isOfAddress(String origin, String host) {
        int portAt = host.lastIndexOf(':');
        String name = host.substring(0, Math.max(portAt, 0)).replaceAll("[\\[\\]]", "");
        boolean isAddress =
                NetUtil.isValidIpV4Address(name)
                        || NetUtil.isValidIpV6Address(name)
                        || name.equalsIgnoreCase("localhost");
        return isAddress && origin.replaceFirst("^https?://", "").equalsIgnoreCase(host);
    }

    private static Optional<Refusal> badSubprotocol(HttpRequest request) {
        return subprotocol(request).isPresent()
                ? Optional.empty()
                : refuse(
                        HttpResponseStatus.BAD_REQUEST,
                        "Sec-WebSocket-Protocol must offer mqtt [MQTT-6.0.0-3].");
    }

    private static Optional<String> subprotocol(HttpRequest request) {
        return SUBPROTOCOLS.stream()
                .filter(
                        name ->
                                request.headers()
                                        .containsValue(
                                                HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL,
                                                name,
                                                false))
                .findFirst();
    }

    private static Optional<Refusal> refuse(HttpResponseStatus status, String sentence) {
        return Optional.of(new Refusal(status, sentence));
    }

    /** The answer to a request that is not refused, with the subprotocol [MQTT-6.0.0-4]. */
    static FullHttpResponse acceptance(HttpRequest request) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        // Spelled as in the examples of the RFC, for clients that compare too strictly.
        response.headers()
                .set("Upgrade", HttpHeaderValues.WEBSOCKET)
                .set("Connection", "Upgrade")
                .set(
                        "Sec-WebSocket-Accept",
                        accept(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY)))
                .set("Sec-WebSocket-Protocol", subprotocol(request).orElseThrow());
        return response;
    }

    /** Proves that the handshake was understood (section 4.2.2); the digest protects nothing. */
    private static String accept(String key) {
        try {
            byte[] text = (key + ACCEPT_SUFFIX).getBytes(US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
