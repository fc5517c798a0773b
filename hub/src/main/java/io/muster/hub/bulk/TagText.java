package io.muster.hub.bulk;

import io.muster.devices.registry.DeviceValues;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tags as one text: {@code hall=3;line=a}. Within names and values {@code = ; %} and control
 * characters are written as the percent-encoded bytes of their UTF-8 [RFC 3986 2.1].
 */
final class TagText {

    private TagText() {}

    static String write(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(tag -> encode(tag.getKey()) + "=" + encode(tag.getValue()))
                .collect(Collectors.joining(";"));
    }

    /** Throws {@link IllegalArgumentException} saying what is wrong and what is allowed. */
    static Map<String, String> read(String text) {
        Map<String, String> tags = new LinkedHashMap<>();
        if (text.isEmpty()) {
            return tags;
        }
        // One more than there may be holds all that follows.
        String[] written = text.split(";", DeviceValues.COUNT_MAX + 1);
        if (written.length > DeviceValues.COUNT_MAX) {
            throw new IllegalArgumentException("more than " + DeviceValues.COUNT_MAX + " tags");
        }
        for (String tag : written) {
            int equals = tag.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("tags are not written as name=value;name=value");
            }
            String name = decode(tag.substring(0, equals));
            if (tags.put(name, decode(tag.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("a tag is there twice");
            }
        }
        return tags;
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        text.codePoints()
                .forEach(
                        point -> {
                            if (point == '=' || point == ';' || point == '%') {
                                encoded.append('%').append(Integer.toHexString(point));
                            } else if (Character.isISOControl(point)) {
                                for (byte one :
                                        Character.toString(point)
                                                .getBytes(StandardCharsets.UTF_8)) {
                                    encoded.append("%%%02x".formatted(one & 0xff));
                                }
                            } else {
                                encoded.appendCodePoint(point);
                            }
                        });
        return encoded.toString();
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2b"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            throw new IllegalArgumentException(
                    "tags have a '%' that no two hexadecimal digits follow; write it as %25",
                    notEncoded);
        }
    }
}
