package io.muster.hub.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.javalin.http.Context;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.text.Characters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request's JSON object, each asked for by name and type. Confined to the thread of
 * its request.
 *
 * <p>An absent or empty body is an object without fields. Whatever is not as it should be is
 * answered with a problem that names the field: an unknown field is an error, because it is most
 * often a misspelt optional one.
 */
public final class RequestFields {

    /** The largest body of a request. */
    public static final int BODY_BYTES_MAX = 64 * 1024;

    private final JsonNode object;

    private RequestFields(JsonNode object) {
        this.object = object;
    }

    /**
     * Reads the body.
     *
     * @param allowed the names of all fields that may be there
     * @throws ApiProblem (400, 415) if it is not a JSON object of allowed fields
     */
    public static RequestFields of(Context ctx, List<String> allowed) {
        JsonNode object = free(ctx);
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!allowed.contains(name)) {
                throw ApiProblem.badRequest(
                        "unknown field '" + name + "'; allowed are " + String.join(", ", allowed));
            }
        }
        return new RequestFields(object);
    }

    /**
     * A body whose fields may have any name.
     *
     * @throws ApiProblem (400, 415) if it is not a JSON object
     */
    public static JsonNode free(Context ctx) {
        byte[] body = ctx.bodyAsBytes();
        if (body.length == 0) {
            return Json.object();
        }
        requireJson(ctx.contentType());
        JsonNode value = Json.parse(body);
        if (!value.isObject()) {
            throw ApiProblem.badRequest("the body must be a JSON object, but is " + typeOf(value));
        }
        return value;
    }

    private static void requireJson(@Nullable String contentType) {
        String mediaType = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        if (!mediaType.equalsIgnoreCase("application/json")) {
            throw new ApiProblem(
                    415,
                    "the body must be sent as Content-Type application/json, not "
                            + (mediaType.isEmpty() ? "without a Content-Type" : mediaType));
        }
    }

    /** The text in an optional field. */
    public Optional<String> text(String name) {
        return field(name, JsonNodeType.STRING, "a text").map(text -> whole(name, text));
    }

    private static String whole(String name, JsonNode text) {
        return Problems.unlessInvalid(
                () -> Characters.requireWhole("the field '" + name + "'", text.textValue()));
    }

    /** The secret in an optional field, which somebody chose: see {@link Secret#chosen}. */
    public Optional<Secret> secret(String name) {
        return text(name).map(text -> Problems.unlessInvalid(() -> Secret.chosen(text)));
    }

    /** The tags in an optional field: texts by their names; none if absent. */
    public Map<String, String> tags(String name) {
        Map<String, String> tags = new LinkedHashMap<>();
        field(name, JsonNodeType.OBJECT, "an object")
                .ifPresent(
                        found ->
                                found.properties()
                                        .forEach(tag -> tags.put(tag.getKey(), tag(tag))));
        return tags;
    }

    private static String tag(Map.Entry<String, JsonNode> tag) {
        if (!tag.getValue().isTextual()) {
            throw ApiProblem.badRequest("the tag '" + tag.getKey() + "' is not a text");
        }
        return tag.getValue().textValue();
    }

    /** The text in a field that must be there, or null to have none. */
    public Optional<String> textOrNull(String name) {
        JsonNode value = object.get(name);
        if (value == null) {
            throw ApiProblem.badRequest(
                    "the field '" + name + "' is missing; it is a text, or null for none");
        }
        return value.isNull() ? Optional.empty() : text(name);
    }

    /** The text in a field that must be there. */
    public String requiredText(String name) {
        return text(name)
                .orElseThrow(() -> ApiProblem.badRequest("the field '" + name + "' is missing"));
    }

    /** Whatever is in an optional field; an object without fields when absent. */
    public JsonNode json(String name) {
        JsonNode value = object.get(name);
        return value == null ? Json.object() : value;
    }

    /** The texts in an optional field that is an array of them. */
    public Optional<List<String>> texts(String name) {
        Optional<JsonNode> array = field(name, JsonNodeType.ARRAY, "an array of texts");
        List<String> texts = new ArrayList<>();
        for (JsonNode each : array.orElseGet(Json::array)) {
            if (!each.isTextual()) {
                throw ApiProblem.badRequest("the field '" + name + "' must be an array of texts");
            }
            texts.add(whole(name, each));
        }
        return array.map(present -> texts);
    }

    /**
     * How long the secret before stays good, in the field {@code overlapSeconds}; a day if absent.
     */
    public Duration overlap() {
        return Duration.ofSeconds(
                wholeNumber(
                                "overlapSeconds",
                                0,
                                Math.toIntExact(RotatingSecret.OVERLAP_MAX.toSeconds()))
                        .orElse(Math.toIntExact(RotatingSecret.OVERLAP_DEFAULT.toSeconds())));
    }

    /** The value of an optional field that is false when absent. */
    public boolean flag(String name) {
        return optionalFlag(name).orElse(false);
    }

    /** The value of an optional field. */
    public Optional<Boolean> optionalFlag(String name) {
        return field(name, JsonNodeType.BOOLEAN, "true or false").map(JsonNode::booleanValue);
    }

    /** The whole number in an optional field, from {@code min} to {@code max}. */
    public OptionalInt wholeNumber(String name, int min, int max) {
        Optional<JsonNode> value = field(name, JsonNodeType.NUMBER, "a number");
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        JsonNode number = value.get();
        boolean allowed =
                number.isIntegralNumber()
                        && number.canConvertToInt()
                        && number.intValue() >= min
                        && number.intValue() <= max;
        if (!allowed) {
            throw ApiProblem.badRequest(
                    "the field '%s' must be a whole number from %d to %d"
                            .formatted(name, min, max));
        }
        return OptionalInt.of(number.intValue());
    }

    private Optional<JsonNode> field(String name, JsonNodeType type, String allowed) {
        JsonNode value = object.get(name);
        if (value != null && value.getNodeType() != type) {
            throw ApiProblem.badRequest(
                    "the field '" + name + "' must be " + allowed + ", but is " + typeOf(value));
        }
        return Optional.ofNullable(value);
    }

    private static String typeOf(JsonNode value) {
        return value.isMissingNode()
                ? "empty"
                : "of type " + value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
