package io.muster.hub.cli.options;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How long a secret that is replaced stays good. Confined to the main thread. */
public final class OverlapOption {

    @Option(
            names = "--overlap",
            paramLabel = "TIME",
            converter = Time.class,
            description = {
                "How long the secret before stays good: 30m, 12h, 7d; 0 ends it at once",
                "(default: 24h, at most 30d)."
            })
    private Optional<Duration> overlap = Optional.empty();

    /** The fields of the request. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        overlap.ifPresent(time -> fields.put("overlapSeconds", time.toSeconds()));
        return fields;
    }

    /** Reads a whole number with a unit. */
    static final class Time implements ITypeConverter<Duration> {

        private static final Pattern TIME = Pattern.compile("(\\d{1,9})([smhd])");

        @Override
        public Duration convert(String text) {
            Matcher time = TIME.matcher(text);
            if (text.equals("0")) {
                return Duration.ZERO;
            }
            if (!time.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is not 0 or a whole number with s, m, h or d behind it");
            }
            long number = Long.parseLong(time.group(1));
            return switch (time.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }
}
