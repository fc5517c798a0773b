package io.muster.hub.bulk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.devices.details.NewDevice;
import io.muster.devices.registry.DeviceValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** How a file of devices is written. */
public enum DeviceFormat {
    /** A header, then a device a line [RFC 4180]; no line breaks within a field. */
    CSV("text/csv", "csv") {

        @Override
        boolean hasHeader() {
            return true;
        }

        @Override
        List<String> columns(String line) {
            List<String> columns = fields(line, Column.COUNT_MAX);
            Column.problem(columns)
                    .ifPresent(
                            problem -> {
                                throw new IllegalArgumentException(problem);
                            });
            return columns;
        }

        @Override
        NewDevice parse(List<String> columns, String line) {
            List<String> fields = fields(line, columns.size());
            if (fields.size() > columns.size()) {
                throw new IllegalArgumentException(
                        "more fields than columns, of which there are " + columns.size());
            }
            Map<String, String> found = new HashMap<>();
            for (int i = 0; i < fields.size(); i++) {
                found.put(columns.get(i), fields.get(i));
            }
            return DeviceLine.of(
                    found.getOrDefault(Column.KEY, ""),
                    filled(found, Column.SECRET),
                    filled(found, Column.NAME),
                    TagText.read(found.getOrDefault(Column.TAGS, "")),
                    attributes(filled(found, Column.ATTRIBUTES).map(text -> value(FIELD, text))),
                    filled(found, Column.STATE));
        }

        @Override
        public Optional<String> header(List<String> columns) {
            return Optional.of(String.join(",", columns));
        }

        @Override
        public String line(List<String> columns, JsonNode device) {
            return columns.stream()
                    .map(column -> quoted(cell(column, device.path(column))))
                    .collect(Collectors.joining(","));
        }
    },
    /** A JSON object a line. */
    JSON_LINES("application/x-ndjson", "jsonl") {

        @Override
        boolean hasHeader() {
            return false;
        }

        @Override
        List<String> columns(String line) {
            return Column.READ;
        }

        @Override
        NewDevice parse(List<String> columns, String line) {
            JsonNode object = object(line);
            for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!columns.contains(name) && !Column.SHOWN.contains(name)) {
                    throw new IllegalArgumentException(
                            "an unknown field; allowed are " + String.join(", ", columns));
                }
            }
            return DeviceLine.of(
                    text(object, Column.KEY)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "the field 'deviceKey' is missing")),
                    text(object, Column.SECRET),
                    text(object, Column.NAME),
                    tags(object),
                    attributes(Optional.ofNullable(object.get(Column.ATTRIBUTES))),
                    text(object, Column.STATE));
        }

        @Override
        public Optional<String> header(List<String> columns) {
            return Optional.empty();
        }

        @Override
        public String line(List<String> columns, JsonNode device) {
            ObjectNode object = JSON.createObjectNode();
            for (String column : columns) {
                if (device.has(column) && !device.path(column).equals(JSON.createObjectNode())) {
                    object.set(column, device.path(column));
                }
            }
            return object.toString();
        }
    };

    /** An attribute is no deeper than the management API takes it. */
    private static final int ATTRIBUTE_NESTING_MAX = 49;

    /**
     * A device that may be has no more: a token of an attribute is a character at least, and names
     * and tags are one or two each. What has more is not made a tree of, which takes thirty times
     * the text.
     */
    private static final int TOKENS_MAX =
            DeviceValues.COUNT_MAX * (DeviceValues.VALUE_LENGTH_MAX + 4);

    /** A line: the device and its attributes are around each of these. */
    private static final JsonMapper JSON = mapper(ATTRIBUTE_NESTING_MAX + 2);

    /** What stands in a field of CSV: only the attributes are around each of them. */
    private static final JsonMapper FIELD = mapper(ATTRIBUTE_NESTING_MAX + 1);

    /** Keeps numbers as exact as they were written. */
    private static JsonMapper mapper(int nestingMax) {
        return JsonMapper.builder(
                        JsonFactory.builder()
                                .streamReadConstraints(
                                        StreamReadConstraints.builder()
                                                .maxNestingDepth(nestingMax)
                                                .maxTokenCount(TOKENS_MAX)
                                                .build())
                                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

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

    /** The columns that the first line names; throws {@link IllegalArgumentException} if none. */
    abstract List<String> columns(String line);

    /** Throws {@link IllegalArgumentException} saying what is wrong and what is allowed. */
    abstract NewDevice parse(List<String> columns, String line);

    /** The line before all others, if there is one. */
    public abstract Optional<String> header(List<String> columns);

    /**
     * The line of a device.
     *
     * @param device its columns as fields, in the form of the management API
     */
    public abstract String line(List<String> columns, JsonNode device);

    private static Optional<String> filled(Map<String, String> fields, String column) {
        return Optional.ofNullable(fields.get(column)).filter(text -> !text.isEmpty());
    }

    private static String cell(String column, JsonNode value) {
        if (column.equals(Column.TAGS)) {
            Map<String, String> tags = new LinkedHashMap<>();
            value.properties().forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
            return TagText.write(tags);
        }
        if (column.equals(Column.ATTRIBUTES) && value.isEmpty()) {
            return "";
        }
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    private static Map<String, String> tags(JsonNode object) {
        JsonNode value = object.get(Column.TAGS);
        Map<String, String> tags = new LinkedHashMap<>();
        if (value == null) {
            return tags;
        }
        if (!value.isObject()) {
            throw new IllegalArgumentException("the field 'tags' must be an object of texts");
        }
        value.properties()
                .forEach(
                        tag -> {
                            if (!tag.getValue().isTextual()) {
                                throw new IllegalArgumentException(
                                        "the field 'tags' must be an object of texts");
                            }
                            tags.put(tag.getKey(), tag.getValue().textValue());
                        });
        return tags;
    }

    private static Map<String, String> attributes(Optional<JsonNode> object) {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (object.isPresent()) {
            if (!object.get().isObject()) {
                throw new IllegalArgumentException(
                        "attributes are not a JSON object, or one is there twice");
            }
            object.get()
                    .properties()
                    .forEach(each -> attributes.put(each.getKey(), each.getValue().toString()));
        }
        return attributes;
    }

    private static JsonNode object(String line) {
        JsonNode value = value(JSON, line);
        if (!value.isObject()) {
            throw new IllegalArgumentException("not a JSON object, or a field is there twice");
        }
        return value;
    }

    /** Missing if it is not JSON; the parser's message may show a secret. */
    private static JsonNode value(JsonMapper mapper, String text) {
        try {
            return mapper.readTree(text);
        } catch (StreamConstraintsException tooMuch) {
            throw new IllegalArgumentException(
                    "JSON with an attribute of more than %d levels, with more than %d tokens, or"
                                    .formatted(ATTRIBUTE_NESTING_MAX, TOKENS_MAX)
                            + " with a name or a number that is too long",
                    tooMuch);
        } catch (JsonProcessingException notJson) {
            return MissingNode.getInstance();
        }
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

    /** Ends one behind {@code max}: a line can hold millions. */
    private static List<String> fields(String line, int max) {
        List<String> fields = new ArrayList<>();
        int from = 0;
        while (from <= line.length() && fields.size() <= max) {
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
