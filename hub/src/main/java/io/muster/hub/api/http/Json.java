package io.muster.hub.api.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON [RFC 8259], strictly: a repeated name or anything behind the value is an
 * error. Shared and immutable.
 */
public final class Json {

    /** As deep as devices can read. */
    private static final int NESTING_MAX = 50;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(NESTING_MAX)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /** What the parser adds of itself to the sentence about a value that is not closed. */
    private static final Pattern START_MARKER = Pattern.compile(" \\(start marker at .*\\)$");

    private Json() {}

    /** An object without fields. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** An array without elements. */
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /**
     * Parses one value.
     *
     * @throws ApiProblem (400) saying where it is not JSON
     */
    public static JsonNode parse(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw ApiProblem.badRequest(
                    "the body is not valid JSON: "
                            + START_MARKER.matcher(e.getOriginalMessage()).replaceAll("")
                            + place(e.getLocation()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What exceeds a limit of the parser, such as the depth, is refused without a place. */
    private static String place(@Nullable JsonLocation location) {
        return location == null
                ? ""
                : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    }

    /** Answers {@code ctx} with {@code status} and {@code body}. */
    public static void answer(Context ctx, int status, JsonNode body) {
        answer(ctx, status, "application/json", body);
    }

    /** Answers {@code ctx} with {@code status} and {@code body} as {@code contentType}. */
    public static void answer(Context ctx, int status, String contentType, JsonNode body) {
        ctx.status(status)
                .contentType(contentType)
                .header("Cache-Control", "no-store")
                .result(text(body).getBytes(StandardCharsets.UTF_8));
    }

    /** The compact text of {@code value}. */
    public static String text(JsonNode value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }
}
