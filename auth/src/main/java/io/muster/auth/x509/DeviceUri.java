package io.muster.auth.x509;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device as certificates name it, in a URI as their only alternative name: {@code
 * urn:device:<product key>:<device key>}. Octets outside of {@code A-Z a-z 0-9 . _ -} are written
 * as a percent sign and two digits in upper case; each device has one URI, and nothing else is one.
 * Immutable.
 */
public record DeviceUri(String productKey, String deviceKey) {

    private static final String PLAIN =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    private static final String PREFIX = "urn:device:";
    private static final String PART = "((?:[A-Za-z0-9._-]|%[0-9A-F]{2})+)";
    private static final Pattern FORM = Pattern.compile(PREFIX + PART + ":" + PART);
    private static final int LENGTH_MAX = 2048;
    private static final int TYPE_URI = 6;

    /** Checks that both are there. */
    public DeviceUri {
        if (productKey.isEmpty() || deviceKey.isEmpty()) {
            throw new IllegalArgumentException("a device has a product key and a device key");
        }
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
        if (uri.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(uri);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            DeviceUri device = new DeviceUri(decoded(matcher.group(1)), decoded(matcher.group(2)));
            return device.toString().equals(uri) ? Optional.of(device) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String decoded(String part) throws CharacterCodingException {
        ByteBuffer octets = ByteBuffer.allocate(part.length());
        for (int i = 0; i < part.length(); i++) {
            char next = part.charAt(i);
            if (next == '%') {
                octets.put((byte) Integer.parseInt(part, i + 1, i + 3, 16));
                i += 2;
            } else {
                octets.put((byte) next);
            }
        }
        return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    }

    private static String encoded(String part) {
        StringBuilder text = new StringBuilder();
        for (byte octet : part.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = octet > 0 && PLAIN.indexOf(octet) >= 0;
            text.append(isPlain ? String.valueOf((char) octet) : "%%%02X".formatted(octet));
        }
        return text.toString();
    }

    /** The URI. */
    @Override
    public String toString() {
        return PREFIX + encoded(productKey) + ":" + encoded(deviceKey);
    }
}
