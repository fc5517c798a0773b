package io.muster.hub.api.enos;

import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How calls of the first form are signed, in the query: the SHA-256 of access key, all other
 * parameters sorted by name, body and secret, in large hexadecimal digits. Without state.
 */
final class FirstSignature {

    static final String ACCESS_KEY = "accessKey";
    static final String TIMESTAMP = "requestTimestamp";
    static final String SIGN = "sign";

    private FirstSignature() {}

    /**
     * The signature of a call.
     *
     * @param query all parameters, with or without the signature
     * @param body as it was sent
     */
    static String of(Map<String, List<String>> query, byte[] body, Secret secret) {
        StringBuilder before = new StringBuilder();
        query.getOrDefault(ACCESS_KEY, List.of()).forEach(before::append);
        new TreeMap<>(query)
                .forEach(
                        (name, values) -> {
                            if (!name.equals(ACCESS_KEY) && !name.equals(SIGN)) {
                                values.forEach(value -> before.append(name).append(value));
                            }
                        });
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before.toString().getBytes(StandardCharsets.UTF_8));
            digest.update(body);
            digest.update(secret.reveal().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().withUpperCase().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
