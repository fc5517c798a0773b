package io.muster.loadtest.payload;

import com.fasterxml.jackson.annotation.JsonValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with variables, of which payloads are made. An immutable value.
 *
 * <p>The variables are <code>${device}</code> (device key), <code>${sequence}</code> (number of the
 * message, from 0), <code>${timestamp}</code> (milliseconds since 1970), <code>${random}</code> (0
 * to 999999) and <code>${stamp}</code> (what receivers check).
 */
public final class Template {

    /** Larger ones are refused before they are sent. */
    private static final int TEXT_CHARS_MAX = 1_000_000;

    private static final int RANDOM_BOUND = 1_000_000;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
    private static final String STAMP = "stamp";

    /** Appends one piece of a payload. */
    private interface Part {
        void append(ByteBuf payload, Stamp stamp, byte[] device);
    }

    private static final Map<String, Part> VARIABLES =
            new TreeMap<>(
                    Map.of(
                            "device",
                            (payload, stamp, device) -> payload.writeBytes(device),
                            "sequence",
                            (payload, stamp, device) -> number(payload, stamp.sequence()),
                            "timestamp",
                            (payload, stamp, device) -> number(payload, System.currentTimeMillis()),
                            "random",
                            (payload, stamp, device) ->
                                    number(
                                            payload,
                                            ThreadLocalRandom.current().nextInt(RANDOM_BOUND)),
                            STAMP,
                            (payload, stamp, device) -> stamp.writeDigitsTo(payload)));

    private final String text;
    private final List<Part> parts = new ArrayList<>();
    private final boolean stamped;

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException that names the variable that there is not
     */
    public Template(String text) {
        if (text.length() > TEXT_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "a payload template has at most %d characters, not %d"
                            .formatted(TEXT_CHARS_MAX, text.length()));
        }
        this.text = text;
        Matcher variables = VARIABLE.matcher(text);
        int end = 0;
        boolean found = false;
        while (variables.find()) {
            addText(text.substring(end, variables.start()));
            parts.add(variable(variables.group(1)));
            found |= variables.group(1).equals(STAMP);
            end = variables.end();
        }
        addText(text.substring(end));
        this.stamped = found;
    }

    private void addText(String piece) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            parts.add((payload, stamp, device) -> payload.writeBytes(bytes));
        }
    }

    private static Part variable(String name) {
        Part part = VARIABLES.get(name);
        if (part == null) {
            throw new IllegalArgumentException(
                    "a payload template has no variable ${%s}; there are ${%s}"
                            .formatted(name, String.join("}, ${", VARIABLES.keySet())));
        }
        return part;
    }

    /** Whether receivers can check the payloads. */
    public boolean stamped() {
        return stamped;
    }

    /** Makes the payloads of one device. */
    public Payload payloadOf(String deviceKey) {
        byte[] device = deviceKey.getBytes(StandardCharsets.UTF_8);
        ByteBuf buffer = Unpooled.buffer();
        return stamp -> {
            buffer.clear();
            for (Part part : parts) {
                part.append(buffer, stamp, device);
            }
            return buffer;
        };
    }

    /** The text as it was given. */
    @JsonValue
    @Override
    public String toString() {
        return text;
    }

    private static void number(ByteBuf payload, long value) {
        if (value >= 10) {
            number(payload, value / 10);
        }
        payload.writeByte((byte) ('0' + value % 10));
    }
}
