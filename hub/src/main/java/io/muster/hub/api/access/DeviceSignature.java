package io.muster.hub.api.access;

import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How a device signs a request with its secret: the header {@code Authorization} is
 *
 * <pre>Muster-HMAC-SHA256 device=PRODUCT/DEVICE,timestamp=MILLISECONDS,nonce=NONCE,signature=HEX
 * </pre>
 *
 * and the signature is the HMAC-SHA256, keyed with the secret, over five lines without a line end
 * behind the last: method, path with its query as it is sent, SHA-256 of the body in small
 * hexadecimal digits, timestamp and nonce. Immutable.
 *
 * @param device who it is said to be
 * @param timestamp when it signed, in milliseconds since 1970
 * @param nonce 16 to 64 letters, digits, {@code _} and {@code -}, another one each time
 * @param signature 64 hexadecimal digits
 */
record DeviceSignature(DeviceId device, long timestamp, String nonce, String signature) {

    /** The name of the scheme. */
    static final String SCHEME = "Muster-HMAC-SHA256";

    private static final Pattern PARAMETERS =
            Pattern.compile(
                    "device=(?<pk>[^/,]{1,20})/(?<dk>[^/,]{1,64}),timestamp=(?<time>[0-9]{1,15}),"
                            + "nonce=(?<nonce>[A-Za-z0-9_-]{16,64}),"
                            + "signature=(?<signature>[0-9A-Fa-f]{64})");

    private static final String HMAC = "HmacSHA256";

    /** Whether a request says that a device has signed it. */
    static boolean isIn(@Nullable String authorization) {
        return authorization != null
                && authorization.regionMatches(true, 0, SCHEME + " ", 0, SCHEME.length() + 1);
    }

    /** What such a header says; empty if it is not written as it must be. */
    static Optional<DeviceSignature> parse(String authorization) {
        Matcher matcher =
                PARAMETERS.matcher(
                        authorization.substring(SCHEME.length()).strip().replace(", ", ","));
        if (!matcher.matches()
                || !DeviceId.isProductKey(matcher.group("pk"))
                || !DeviceId.isDeviceKey(matcher.group("dk"))) {
            return Optional.empty();
        }
        return Optional.of(
                new DeviceSignature(
                        new DeviceId(matcher.group("pk"), matcher.group("dk")),
                        Long.parseLong(matcher.group("time")),
                        matcher.group("nonce"),
                        matcher.group("signature").toLowerCase(Locale.ROOT)));
    }

    /** Whether whoever has this secret signed this request, in constant time. */
    boolean isOf(Context ctx, Secret secret) {
        String query = ctx.req().getQueryString();
        String path = ctx.req().getRequestURI() + (query == null ? "" : "?" + query);
        String expected =
                sign(ctx.method().name(), path, ctx.bodyAsBytes(), timestamp, nonce, secret);
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.US_ASCII),
                signature.getBytes(StandardCharsets.US_ASCII));
    }

    static String sign(
            String method, String path, byte[] body, long timestamp, String nonce, Secret secret) {
        try {
            String hash =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), HMAC));
            String signed = String.join("\n", method, path, hash, Long.toString(timestamp), nonce);
            return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
