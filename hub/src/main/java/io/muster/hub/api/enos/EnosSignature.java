package io.muster.hub.api.enos;

import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How calls are signed: SHA-256 over what is signed, with the secret behind it. Without state. */
final class EnosSignature {

    private EnosSignature() {}

    /** What proves the secret of {@code appKey} when a token is asked for. */
    static String encryption(String appKey, String timestamp, Secret secret) {
        return sha256(appKey + timestamp + secret.reveal(), new byte[0], "");
    }

    /**
     * The signature of a call.
     *
     * @param query all parameters; they are sorted by name
     * @param body as it was sent
     */
    static String call(
            String token,
            Map<String, List<String>> query,
            byte[] body,
            String timestamp,
            Secret secret) {
        StringBuilder parameters = new StringBuilder(token);
        new TreeMap<>(query)
                .forEach(
                        (name, values) ->
                                values.forEach(value -> parameters.append(name).append(value)));
        return sha256(parameters.toString(), body, timestamp + secret.reveal());
    }

    private static String sha256(String before, byte[] body, String behind) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before.getBytes(StandardCharsets.UTF_8));
            digest.update(body);
            digest.update(behind.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }

    /** Whether both are the same, in constant time. */
    static boolean isSame(String expected, String presented) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8),
                presented.getBytes(StandardCharsets.UTF_8));
    }
}
