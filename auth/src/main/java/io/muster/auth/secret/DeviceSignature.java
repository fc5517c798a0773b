package io.muster.auth.secret;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
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
 */
public record DeviceSignature(
        SignMethod method, String clientId, String deviceKey, String productKey, String timestamp) {

    private static final HexFormat HEX = HexFormat.of();

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
                id.deviceKey() + "&" + id.productKey(),
                signature.compute(secret));
    }

    /** The text that is signed, without the secret. */
    String content() {
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
