package io.muster.hub.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Arrays;
import java.util.regex.Pattern;

/** How values and their origins are shown to people: secrets as stars, on one line. */
final class Display {

    /** The origin of the defaults. */
    static final String REFERENCE = "reference";

    private static final String MERGED = "merge of ";
    private static final String MASK = "******";
    private static final Pattern SECRET_KEY = Pattern.compile("(?i).*(password|secret|token|key)");
    private static final Pattern PLAIN = Pattern.compile("\\p{Graph}+");
    private static final Pattern SECRET_PARAMETER = Pattern.compile("(?i)(password=)[^&;]*");

    private Display() {}

    /** A value as text; stars if its key says that it is secret. */
    static String value(String key, ConfigValue value) {
        boolean nested =
                value.valueType() == ConfigValueType.OBJECT
                        || value.valueType() == ConfigValueType.LIST;
        if (SECRET_KEY.matcher(key).matches() && !isEmptyText(value)) {
            return MASK;
        }
        if (nested) {
            // Secrets may hide anywhere inside, so only its shape is shown.
            return value.valueType() == ConfigValueType.OBJECT ? "{...}" : "[...]";
        }
        String plain = String.valueOf(value.unwrapped());
        String text =
                PLAIN.matcher(plain).matches()
                        ? plain
                        : value.render(ConfigRenderOptions.concise());
        return SECRET_PARAMETER.matcher(text).replaceAll("$1" + MASK);
    }

    /** Where a value comes from: {@code reference}, {@code file:line} or the variable's name. */
    static String origin(ConfigOrigin origin) {
        String description = origin.description();
        if (!description.startsWith(MERGED)) {
            return part(description);
        }
        // Put together from several places: those that are not the reference say more.
        return Arrays.stream(description.substring(MERGED.length()).split(","))
                .map(Display::part)
                .filter(part -> !part.equals(REFERENCE))
                .distinct()
                .reduce((first, second) -> first + " and " + second)
                .orElse(REFERENCE);
    }

    private static String part(String description) {
        return description.matches(REFERENCE + ": ?[\\d-]+")
                ? REFERENCE
                : description.replaceFirst(": (\\d+(-\\d+)?)$", ":$1");
    }

    private static boolean isEmptyText(ConfigValue value) {
        return "".equals(value.unwrapped());
    }
}
