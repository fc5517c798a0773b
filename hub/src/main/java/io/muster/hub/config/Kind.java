package io.muster.hub.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.muster.broker.net.proxy.Network;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A kind of value: how it is read, and in words what is allowed. Immutable.
 *
 * @param allowed completes the sentence "must be ..."
 * @param reader the value, or empty if it is not allowed
 * @param <T> what it is read into
 */
record Kind<T>(String allowed, Function<ConfigValue, Optional<T>> reader) {

    private static final String KEY = "value";
    private static final Pattern PLAIN_NUMBER = Pattern.compile("[0-9.]*[1-9][0-9.]*");

    /** The value, or empty if it is not allowed. */
    Optional<T> read(ConfigValue value) {
        return reader.apply(value);
    }

    static Kind<Integer> integer(int min, int max) {
        return new Kind<>(
                "a whole number from " + min + " to " + max,
                value -> wholeNumber(value, min, max).map(Math::toIntExact));
    }

    /** A number of bytes, with or without a unit. */
    static Kind<Long> size(String min, String max) {
        long minBytes = bytes(min);
        long maxBytes = bytes(max);
        return new Kind<>(
                "a size from %s to %s, such as 64KiB".formatted(min, max),
                value ->
                        ask(value, config -> config.getBytes(KEY))
                                .filter(bytes -> bytes >= minBytes && bytes <= maxBytes));
    }

    /** A duration, which needs a unit, lest somebody's seconds be taken for milliseconds. */
    static Kind<Duration> duration(String min, String max) {
        Duration shortest = duration(min);
        Duration longest = duration(max);
        return new Kind<>(
                "a duration from %s to %s with its unit, such as 30s".formatted(min, max),
                value ->
                        scalar(value)
                                .filter(text -> !PLAIN_NUMBER.matcher(text).matches())
                                .flatMap(text -> ask(value, config -> config.getDuration(KEY)))
                                .filter(duration -> duration.compareTo(shortest) >= 0)
                                .filter(duration -> duration.compareTo(longest) <= 0));
    }

    /** A duration of whole seconds. */
    static Kind<Duration> seconds(String min, String max) {
        Kind<Duration> any = duration(min, max);
        return new Kind<>(
                any.allowed + ", in whole seconds",
                value -> any.read(value).filter(d -> d.equals(Duration.ofSeconds(d.toSeconds()))));
    }

    static Kind<Boolean> bool() {
        return new Kind<>("true or false", value -> ask(value, config -> config.getBoolean(KEY)));
    }

    static Kind<String> oneOf(String... words) {
        List<String> allowed = List.of(words);
        String sentence = allowed.size() == 1 ? words[0] : "one of: " + String.join(", ", allowed);
        return new Kind<>(sentence, value -> scalar(value).filter(allowed::contains));
    }

    /** One of the constants of an enum, written in lower case and with dashes. */
    static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
        return oneOf(List.of(type.getEnumConstants()));
    }

    /** One of these constants, written likewise. */
    static <E extends Enum<E>> Kind<E> oneOf(List<E> allowed) {
        Kind<String> words = oneOf(allowed.stream().map(Kind::word).toArray(String[]::new));
        return new Kind<>(
                words.allowed,
                value ->
                        words.read(value)
                                .flatMap(
                                        text ->
                                                allowed.stream()
                                                        .filter(each -> word(each).equals(text))
                                                        .findFirst()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Kind<String> text(String allowed, String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return new Kind<>(
                allowed, value -> scalar(value).filter(t -> compiled.matcher(t).matches()));
    }

    /** An address or a range of addresses. */
    static Kind<String> network() {
        return new Kind<>(
                "an IP address or a network such as 10.0.0.0/8",
                value -> scalar(value).filter(Kind::isNetwork));
    }

    private static boolean isNetwork(String text) {
        try {
            Network.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A list of texts, each of this kind. */
    static Kind<List<String>> listOf(Kind<String> element) {
        return texts("a list, each " + element.allowed, element::allows);
    }

    private boolean allows(String text) {
        return read(ConfigValueFactory.fromAnyRef(text)).isPresent();
    }

    /**
     * A list of texts, each of which is allowed. Environment variables give texts only, so one that
     * begins like a list is read as one; any other is split at its commas.
     */
    static Kind<List<String>> texts(String allowed, Predicate<String> each) {
        return new Kind<>(
                allowed,
                value ->
                        list(value)
                                .map(list -> list.stream().map(Kind::scalar).toList())
                                .filter(texts -> texts.stream().allMatch(Optional::isPresent))
                                .map(texts -> texts.stream().map(Optional::orElseThrow).toList())
                                .filter(texts -> texts.stream().allMatch(each)));
    }

    private static Optional<ConfigList> list(ConfigValue value) {
        if (value instanceof ConfigList list) {
            return Optional.of(list);
        }
        Optional<String> text = scalar(value);
        if (text.filter(whole -> whole.startsWith("[")).isEmpty()) {
            return text.map(Kind::split);
        }
        try {
            return Optional.of(ConfigFactory.parseString(KEY + " = " + text.get()).getList(KEY));
        } catch (ConfigException e) {
            return Optional.empty();
        }
    }

    private static ConfigList split(String text) {
        List<String> parts = text.isBlank() ? List.of() : List.of(text.split("\\s*,\\s*", -1));
        return ConfigValueFactory.fromIterable(parts);
    }

    /** The text of a string, number or boolean; empty for anything else. */
    static Optional<String> scalar(ConfigValue value) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> Optional.of(String.valueOf(value.unwrapped()));
            case OBJECT, LIST, NULL -> Optional.empty();
        };
    }

    private static Optional<Long> wholeNumber(ConfigValue value, long min, long max) {
        if (value.valueType() == ConfigValueType.BOOLEAN) {
            return Optional.empty();
        }
        return scalar(value)
                .filter(text -> text.length() <= 20)
                .flatMap(Kind::decimal)
                .filter(number -> number.stripTrailingZeros().scale() <= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(min)) >= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(max)) <= 0)
                .map(BigDecimal::longValueExact);
    }

    private static Optional<BigDecimal> decimal(String text) {
        try {
            return Optional.of(new BigDecimal(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static <T> Optional<T> ask(ConfigValue value, Function<Config, T> question) {
        try {
            return Optional.of(question.apply(value.atKey(KEY)));
        } catch (ConfigException e) {
            return Optional.empty();
        }
    }

    private static long bytes(String text) {
        return ConfigFactory.parseString(KEY + " = " + text).getBytes(KEY);
    }

    private static Duration duration(String text) {
        return ConfigFactory.parseString(KEY + " = " + text).getDuration(KEY);
    }
}
