package io.muster.hub.bulk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** How a file of devices is written. */
public enum DeviceFormat {
    /** A header, then a device a line [RFC 4180]; no line breaks within a field. */
    CSV("text/csv", "csv") {

        @Override
        boolean hasHeader() {
            return true;
        }

        @Override
        void requireHeader(String line) {
            if (!line.equals(KEY) && !line.equals(KEY + "," + SECRET)) {
                throw new IllegalArgumentException(
                        "the first line must be 'deviceKey' or 'deviceKey,deviceSecret'");
            }
        }

        @Override
        DeviceLine parse(String line) {
            List<String> fields = fields(line);
            if (fields.size() > 2) {
                throw new IllegalArgumentException(
                        fields.size() + " fields; deviceKey and deviceSecret are allowed");
            }
            Optional<String> secret =
                    fields.stream().skip(1).filter(text -> !text.isEmpty()).findFirst();
            return DeviceLine.of(fields.get(0), secret);
        }

        @Override
        public Optional<String> header(boolean secrets) {
            return Optional.of(secrets ? KEY + "," + SECRET : KEY);
        }

        @Override
        public String line(String deviceKey, Optional<String> secret) {
            return deviceKey + secret.map(text -> "," + quoted(text)).orElse("");
        }
    },
    /** A JSON object a line. */
    JSON_LINES("application/x-ndjson", "jsonl") {

        @Override
        boolean hasHeader() {
            return false;
        }

        @Override
        void requireHeader(String line) {}

        @Override
        DeviceLine parse(String line) {
            JsonNode object = object(line);
            for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!Set.of(KEY, SECRET).contains(name)) {
                    throw new IllegalArgumentException(
                            "an unknown field; allowed are deviceKey and deviceSecret");
                }
            }
            return DeviceLine.of(
                    text(object, KEY)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "the field 'deviceKey' is missing")),
                    text(object, SECRET));
        }

        @Override
        public Optional<String> header(boolean secrets) {
            return Optional.empty();
        }

        @Override
        public String line(String deviceKey, Optional<String> secret) {
            ObjectNode object = JSON.createObjectNode().put(KEY, deviceKey);
            secret.ifPresent(text -> object.put(SECRET, text));
            return object.toString();
        }
    };

    private static final String KEY = "deviceKey";
    private static final String SECRET = "deviceSecret";

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final String contentType;
    private final String extension;

    DeviceFormat(String contentType, String extension) {
        this.contentType = contentType;
        this.extension = extension;
    }

    /** The media type, without parameters. */
    public String contentType() {
        return contentType;
    }

    /** The format of this media type, whatever its parameters. */
    public static Optional<DeviceFormat> ofContentType(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return find(format -> format.contentType.equals(type));
    }

    /** The format that a file's name ends with: {@code .csv} or {@code .jsonl}. */
    public static Optional<DeviceFormat> ofFileName(String name) {
        return find(format -> name.toLowerCase(Locale.ROOT).endsWith("." + format.extension));
    }

    private static Optional<DeviceFormat> find(Predicate<DeviceFormat> which) {
        return List.of(values()).stream().filter(which).findFirst();
    }

    abstract boolean hasHeader();

    /** Throws {@link IllegalArgumentException} if it is no header. */
    abstract void requireHeader(String line);

    /** Throws {@link IllegalArgumentException} saying what is wrong and what is allowed. */
    abstract DeviceLine parse(String line);

    /** The line before all others, if there is one. */
    public abstract Optional<String> header(boolean secrets);

    /** The line of a device. */
    public abstract String line(String deviceKey, Optional<String> secret);

    private static JsonNode object(String line) {
        try {
            JsonNode value = JSON.readTree(line);
            if (value.isObject()) {
                return value;
            }
        } catch (JsonProcessingException notJson) {
            // Its message may show a secret.
        }
        throw new IllegalArgumentException("not a JSON object, or a field is there twice");
    }

    private static Optional<String> text(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value != null && !value.isTextual()) {
            throw new IllegalArgumentException("the field '" + name + "' must be a text");
        }
        return Optional.ofNullable(value).map(JsonNode::textValue);
    }

    private static String quoted(String field) {
        return field.matches("[^\",]*") && field.equals(field.strip())
                ? field
                : "\"" + field.replace("\"", "\"\"") + "\"";
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        int from = 0;
        while (from <= line.length()) {
            boolean isQuoted = from < line.length() && line.charAt(from) == '"';
            int end = isQuoted ? endOfQuoted(line, from) : endOfPlain(line, from);
            fields.add(
                    isQuoted
                            ? line.substring(from + 1, end - 1).replace("\"\"", "\"")
                            : line.substring(from, end));
            from = end + 1;
        }
        return fields;
    }

    private static int endOfPlain(String line, int from) {
        int comma = line.indexOf(',', from);
        int end = comma < 0 ? line.length() : comma;
        if (line.substring(from, end).indexOf('"') >= 0) {
            throw new IllegalArgumentException("a quotation mark within a field without them");
        }
        return end;
    }

    /** Behind the closing mark, which a comma or the end follows. */
    private static int endOfQuoted(String line, int from) {
        int at = from + 1;
        while (at < line.length()) {
            boolean isMark = line.charAt(at) == '"';
            if (isMark && (at + 1 == line.length() || line.charAt(at + 1) == ',')) {
                return at + 1;
            }
            if (isMark && line.charAt(at + 1) != '"') {
                break;
            }
            at += isMark ? 2 : 1;
        }
        throw new IllegalArgumentException("a field in quotation marks does not end");
    }
}
