package io.muster.loadtest.fleet;

import io.muster.loadtest.client.SignIn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One device. An immutable value.
 *
 * @param productKey first level of its topics
 * @param deviceKey second level of its topics
 * @param deviceSecret null when it signs in without credentials
 */
record Device(String productKey, String deviceKey, @Nullable String deviceSecret) {

    private static final String LAST_LEVEL = "/load";

    Device {
        checkLevel("product key", productKey);
        checkLevel("device key", deviceKey);
    }

    private static void checkLevel(String what, String key) {
        if (key.isEmpty() || key.matches(".*[/+#\\p{Cntrl}].*")) {
            throw new IllegalArgumentException(
                    "the %s '%s' cannot be part of a topic: it must not be empty or contain / + # or control characters"
                            .formatted(what, key));
        }
    }

    String topic() {
        return productKey + "/" + deviceKey + LAST_LEVEL;
    }

    /** Matches the topics of all devices of its product. */
    String productFilter() {
        return productKey + "/+" + LAST_LEVEL;
    }

    /**
     * What it sends to sign in now.
     *
     * @param anonymousId client identifier where it has no secret
     */
    SignIn signIn(String anonymousId) {
        if (deviceSecret == null) {
            return new SignIn(anonymousId, null, null, deviceKey, false);
        }
        String timestamp = Long.toString(System.currentTimeMillis());
        return new SignIn(
                deviceKey + "|securemode=2,signmethod=sha256,timestamp=" + timestamp + "|",
                deviceKey + "&" + productKey,
                password(deviceKey, timestamp),
                deviceKey,
                false);
    }

    /**
     * The SHA-256 digest of its identity and secret, as EnOS devices sign.
     *
     * @param clientId the client identifier up to its first vertical bar
     * @param timestamp as sent in the client identifier
     */
    String password(String clientId, String timestamp) {
        String content =
                "clientId"
                        + clientId
                        + "deviceKey"
                        + deviceKey
                        + "productKey"
                        + productKey
                        + "timestamp"
                        + timestamp
                        + deviceSecret;
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(content.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** Everything but the secret. */
    @Override
    public String toString() {
        return "Device[" + productKey + "/" + deviceKey + "]";
    }
}
