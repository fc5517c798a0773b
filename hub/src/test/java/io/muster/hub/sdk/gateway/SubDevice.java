package io.muster.hub.sdk.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What an SDK knows of a device that its gateway speaks for, or of the gateway itself. */
record SubDevice(String productKey, String deviceKey, String secret) {

    /** Both keys, as members of an object. */
    String keys() {
        return "\"productKey\":\"%s\",\"deviceKey\":\"%s\"".formatted(productKey, deviceKey);
    }

    /** Both keys, as levels of a topic. */
    String levels() {
        return productKey + "/" + deviceKey;
    }

    String username() {
        return deviceKey + "&" + productKey;
    }

    /** SHA-256 of the content with the secret behind it; no HMAC. Lower case. */
    String digest(String clientId, String timestamp) {
        String content =
                "clientId%sdeviceKey%sproductKey%stimestamp%s%s"
                        .formatted(clientId, deviceKey, productKey, timestamp, secret);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
