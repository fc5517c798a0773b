package io.muster.auth.secret;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature of a device over the facts it signs in with. Immutable.
 *
 * <p>Names and values are strung together in the names' order, with nothing between; a digest
 * method appends the secret and digests all of it, the HMAC method keys with the secret.
 *
 * @param method how it is signed
 * @param clientId the client identifier before its options
 * @param deviceKey the device, as sent
 * @param productKey the product, as sent
 * @param timestamp any text; what it means is the device's business
 * @param more further facts by their names, which some sign too; none at a CONNECT
 */
public record DeviceSignature(
        SignMethod method,
        String clientId,
        String deviceKey,
        String productKey,
        String timestamp,
        Map<String, String> more) {

    private static final HexFormat HEX = HexFormat.of();

    /** Copies the further facts. */
    public DeviceSignature {
        more = Map.copyOf(more);
    }

    /** A signature over the four facts that all sign. */
    public DeviceSignature(
            SignMethod method,
            String clientId,
            String deviceKey,
            String productKey,
            String timestamp) {
        this(method, clientId, deviceKey, productKey, timestamp, Map.of());
    }

    /** The same over these facts too. */
    public DeviceSignature with(Map<String, String> others) {
        return new DeviceSignature(method, clientId, deviceKey, productKey, timestamp, others);
    }

    /** What a device sends that signs in with its own secret and its key as client identifier. */
    public static SignedConnect sign(
            DeviceId id, Secret secret, SignMethod method, String timestamp) {
        return sign("2", id, secret, method, timestamp);
    }

    /** What a device sends that fetches its secret with that of its product. */
    public static SignedConnect signForActivation(
            DeviceId id, Secret productSecret, SignMethod method, String timestamp) {
        return sign("3", id, productSecret, method, timestamp);
    }

    private static SignedConnect sign(
            String mode, DeviceId id, Secret secret, SignMethod method, String timestamp) {
        DeviceSignature signature =
                new DeviceSignature(
                        method, id.deviceKey(), id.deviceKey(), id.productKey(), timestamp);
        return new SignedConnect(
                "%s|securemode=%s,signmethod=%s,timestamp=%s|"
                        .formatted(id.deviceKey(), mode, method.option(), timestamp),
                DeviceClaim.username(id),
                signature.compute(secret));
    }

    /** The text that is signed, without the secret. */
    String content() {
        return more.isEmpty() ? contentOfFour() : contentOfAll();
    }

    private String contentOfAll() {
        Map<String, String> facts = new TreeMap<>(more);
        facts.put("clientId", clientId);
        facts.put("deviceKey", deviceKey);
        facts.put("productKey", productKey);
        facts.put("timestamp", timestamp);
        StringBuilder content = new StringBuilder();
        facts.forEach((name, value) -> content.append(name).append(value));
        return content.toString();
    }

    private String contentOfFour() {
        return "clientId"
                + clientId
                + "deviceKey"
                + deviceKey
                + "productKey"
                + productKey
                + "timestamp"
                + timestamp;
    }

    /** The signature in lower-case hexadecimal digits. */
    public String compute(Secret secret) {
        try {
            return HEX.formatHex(
                    method == SignMethod.HMAC_SHA256 ? authenticate(secret) : digest(secret));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + method.algorithm(), e);
        }
    }

    /**
     * Whether {@code presented} is the signature, in upper or lower case. How long the answer takes
     * does not depend on how much of it is right.
     */
    public boolean matches(Secret secret, byte[] presented) {
        byte[] expected = compute(secret).getBytes(StandardCharsets.US_ASCII);
        byte[] lowered = new byte[expected.length];
        for (int i = 0; i < expected.length && i < presented.length; i++) {
            byte b = presented[i];
            lowered[i] = b >= 'A' && b <= 'F' ? (byte) (b + ('a' - 'A')) : b;
        }
        return presented.length == expected.length && MessageDigest.isEqual(expected, lowered);
    }

    private byte[] digest(Secret secret) throws GeneralSecurityException {
        return MessageDigest.getInstance(method.algorithm())
                .digest((content() + secret.reveal()).getBytes(StandardCharsets.UTF_8));
    }

    private byte[] authenticate(Secret secret) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(method.algorithm());
        byte[] key = secret.reveal().getBytes(StandardCharsets.UTF_8);
        mac.init(new SecretKeySpec(key, method.algorithm()));
        return mac.doFinal(content().getBytes(StandardCharsets.UTF_8));
    }
}
