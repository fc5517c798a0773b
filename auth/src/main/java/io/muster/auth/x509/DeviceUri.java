package io.muster.auth.x509;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A device as certificates name it, in a URI as their only alternative name: {@code
 * urn:device:<product key>:<device key>}. Octets outside of {@code A-Z a-z 0-9 . _ -} are written
 * as a percent sign and two digits in upper case; each device has one URI, and nothing else is one.
 * Immutable.
 *
 * @param productKey 1 to 128 characters, none of them a control character
 * @param deviceKey likewise
 */
public record DeviceUri(String productKey, String deviceKey) {

    /** The longest key, in characters. */
    public static final int KEY_MAX = 128;

    private static final String PLAIN =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    private static final String PREFIX = "urn:device:";

    /** A character of UTF-16 takes at most three octets, and each of these three characters. */
    private static final int LENGTH_MAX = PREFIX.length() + 2 * KEY_MAX * 9 + 1;

    private static final int TYPE_URI = 6;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** Checks both keys. */
    public DeviceUri {
        requireKey("product key", productKey);
        requireKey("device key", deviceKey);
    }

    private static void requireKey(String what, String key) {
        if (!isKey(key)) {
            throw new IllegalArgumentException(
                    "%s has not 1 to %d characters, or one is a control character or half of a pair"
                            .formatted(what, KEY_MAX));
        }
    }

    /** Code points that are halves of a pair are those that have no other half. */
    private static boolean isKey(String key) {
        return !key.isEmpty()
                && key.length() <= KEY_MAX
                && key.codePoints()
                        .noneMatch(
                                point ->
                                        Character.isISOControl(point)
                                                || Character.getType(point) == Character.SURROGATE);
    }

    /** The device that a certificate names; empty if it names none, several or something else. */
    static Optional<DeviceUri> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() != 1) {
                return Optional.empty();
            }
            List<?> name = names.iterator().next();
            return name.get(0).equals(TYPE_URI) ? parse(name.get(1).toString()) : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }

    /** The device of a URI; empty if it is not of that form, or has it in another way. */
    public static Optional<DeviceUri> parse(String uri) {
        if (uri.length() > LENGTH_MAX || !uri.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String keys = uri.substring(PREFIX.length());
        int colon = keys.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        // Whatever has another form, a second colon too, is not what comes of writing it again.
        return decoded(keys.substring(0, colon))
                .flatMap(
                        product ->
                                decoded(keys.substring(colon + 1))
                                        .map(device -> new DeviceUri(product, device)))
                .filter(device -> device.toString().equals(uri));
    }

    /** The key that is written so; empty if that is none, or a percent sign has no digits. */
    private static Optional<String> decoded(String part) {
        ByteBuffer octets = ByteBuffer.allocate(part.length());
        for (int i = 0; i < part.length(); i++) {
            char next = part.charAt(i);
            if (next > 0x7f) {
                return Optional.empty();
            }
            if (next != '%') {
                octets.put((byte) next);
            } else if (isHexDigit(part, i + 1) && isHexDigit(part, i + 2)) {
                octets.put((byte) HexFormat.fromHexDigits(part, i + 1, i + 3));
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        try {
            String key = StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
            return Optional.of(key).filter(DeviceUri::isKey);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isHexDigit(String part, int at) {
        return at < part.length() && HexFormat.isHexDigit(part.charAt(at));
    }

    private static String encoded(String part) {
        StringBuilder text = new StringBuilder();
        for (byte octet : part.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = octet > 0 && PLAIN.indexOf(octet) >= 0;
            text.append(isPlain ? String.valueOf((char) octet) : '%' + HEX.toHexDigits(octet));
        }
        return text.toString();
    }

    /** The URI. */
    @Override
    public String toString() {
        return PREFIX + encoded(productKey) + ":" + encoded(deviceKey);
    }
}
