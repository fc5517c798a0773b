package io.muster.hub.protocol;

import io.muster.devices.DeviceId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What EnOS calls the asset identifier of a device: one text of letters and digits, different for
 * each. Devices keep it and give it no meaning. It follows from the device's name, so it needs no
 * place in the registry and never changes.
 */
public final class AssetId {

    /**
     * Of 36 characters each: a million devices have two of the same with one chance in 9 million.
     */
    private static final int LENGTH = 12;

    private AssetId() {}

    /** The asset identifier of a device. */
    public static String of(DeviceId id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.toString().getBytes(StandardCharsets.UTF_8));
            String text = new BigInteger(1, digest).toString(Character.MAX_RADIX);
            return text.substring(text.length() - LENGTH); // its first characters are uneven
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
