package io.muster.devices.details;

import io.muster.devices.DeviceId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/**
 * What EnOS calls the asset identifier of a device: 12 digits and small letters. It follows from
 * the device's name and so never changes; the registry keeps it beside the device, so that a device
 * is found by it.
 *
 * @param number what the text is to the base of 36
 */
public record AssetId(long number) {

    /**
     * Of 36 characters each: a million devices have two of the same with one chance in 9 million.
     */
    private static final int LENGTH = 12;

    private static final Pattern TEXT = Pattern.compile("[0-9a-z]{" + LENGTH + "}");

    private static final BigInteger COUNT =
            BigInteger.valueOf(Character.MAX_RADIX).pow(LENGTH); // less than 2^63

    /** The asset identifier of a device. */
    public static AssetId of(DeviceId id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.toString().getBytes(StandardCharsets.UTF_8));
            return new AssetId(new BigInteger(1, digest).mod(COUNT).longValueExact());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is none
     */
    public static AssetId parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "assetId is not %d digits and small letters".formatted(LENGTH));
        }
        return new AssetId(Long.parseLong(text, Character.MAX_RADIX));
    }

    /** As devices and applications know it. */
    public String text() {
        String digits = Long.toString(number, Character.MAX_RADIX);
        return "0".repeat(LENGTH - digits.length()) + digits;
    }
}
