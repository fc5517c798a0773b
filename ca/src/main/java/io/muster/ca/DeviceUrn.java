package io.muster.ca;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a certificate calls a device: {@code urn:device:<product key>:<device key>}, each key
 * percent-encoded in UTF-8 outside of {@code A-Z a-z 0-9 . _ -}. There is one text for one device:
 * {@link #parse} takes what {@link #toString} writes and nothing else, so that two texts that
 * differ are two devices.
 *
 * @param productKey 1 to 128 characters, none of them a control character
 * @param deviceKey likewise
 */
public record DeviceUrn(String productKey, String deviceKey) {

    /** The longest key, in characters. */
    public static final int LONGEST_KEY = 128;

    private static final String PREFIX = "urn:device:";

    /** A character of UTF-16 takes at most three bytes, and each of these three characters. */
    private static final int LONGEST_TEXT = PREFIX.length() + 2 * LONGEST_KEY * 9 + 1;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /**
     * Checks both keys.
     *
     * @throws IllegalArgumentException naming the key that cannot be encoded
     */
    public DeviceUrn {
        requireKey("product key", productKey);
        requireKey("device key", deviceKey);
    }

    private static void requireKey(String what, String key) {
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            throw new IllegalArgumentException(
                    what + " has " + key.length() + " characters, not 1 to " + LONGEST_KEY);
        }
        if (key.codePoints().anyMatch(DeviceUrn::isNoText)) {
            throw new IllegalArgumentException(
                    what + " has a control character or half of a surrogate pair");
        }
    }

    /** Code points that are halves of a pair are those that have no other half. */
    private static boolean isNoText(int codePoint) {
        return Character.isISOControl(codePoint)
                || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    }

    /**
     * The device with this name.
     *
     * @throws IllegalArgumentException if {@link #toString} would not write exactly this text
     */
    public static DeviceUrn parse(String text) {
        if (text.length() > LONGEST_TEXT || !text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("not a name of a device, urn:device:...");
        }
        String[] keys = text.substring(PREFIX.length()).split(":", -1);
        if (keys.length != 2) {
            throw new IllegalArgumentException(
                    "the name of a device has " + keys.length + " keys instead of two");
        }
        DeviceUrn urn = new DeviceUrn(decode(keys[0]), decode(keys[1]));
        if (!urn.toString().equals(text)) {
            throw new IllegalArgumentException("the name of a device is encoded otherwise: " + urn);
        }
        return urn;
    }

    private static String decode(String key) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(key.length());
        int i = 0;
        while (i < key.length()) {
            char character = key.charAt(i);
            if (character == '%' && i + 2 < key.length()) {
                bytes.write(HexFormat.fromHexDigits(key, i + 1, i + 3));
                i += 3;
            } else if (isPlain(character)) {
                bytes.write(character);
                i++;
            } else {
                throw new IllegalArgumentException(
                        "the name of a device has a character that must be encoded");
            }
        }
        return text(bytes.toByteArray());
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new IllegalArgumentException("the name of a device is not UTF-8", malformed);
        }
    }

    private static boolean isPlain(int character) {
        return (character >= 'A' && character <= 'Z')
                || (character >= 'a' && character <= 'z')
                || (character >= '0' && character <= '9')
                || character == '.'
                || character == '_'
                || character == '-';
    }

    private static void encode(String key, StringBuilder text) {
        for (byte octet : key.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(octet)) {
                text.append((char) octet);
            } else {
                text.append('%').append(HEX.toHexDigits(octet));
            }
        }
    }

    /** As it stands in a certificate. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(PREFIX);
        encode(productKey, text);
        encode(deviceKey, text.append(':'));
        return text.toString();
    }
}
