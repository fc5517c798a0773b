package io.muster.auth;

import io.muster.devices.product.TopicTemplate;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a topic policy: a topic filter whose levels may hold placeholders, and what holds for
 * the topics under it. Immutable.
 */
public final class TopicRule {

    private static final String ANY_LEVEL = "+";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z]+)\\}");

    private final Effect effect;
    private final Use use;

    private final TopicPattern template;

    /** By level, the name of the placeholder that is all of it; null if there is no such. */
    private final List<@Nullable String> names;

    /** The names of all placeholders. */
    private final List<String> placeholders;

    /** Whether it says nothing about publishing to what is reserved. */
    private final boolean fenced;

    private TopicRule(Effect effect, Use use, String filter) {
        this(effect, use, filter, false);
    }

    private TopicRule(Effect effect, Use use, String filter, boolean fenced) {
        this.fenced = fenced;
        this.effect = effect;
        this.use = use;
        this.template = TopicPattern.of(filter);
        this.names = template.levels().stream().map(TopicRule::nameOf).toList();
        this.placeholders =
                PLACEHOLDER.matcher(filter).results().map(each -> each.group(1)).toList();
        if (PLACEHOLDER.matcher(filter).replaceAll("").contains("${")) {
            throw new IllegalArgumentException(
                    "topic filter '" + filter + "' has a placeholder that is not ${name}");
        }
    }

    private static @Nullable String nameOf(String level) {
        Matcher placeholder = PLACEHOLDER.matcher(level);
        return placeholder.matches() ? placeholder.group(1) : null;
    }

    /**
     * A rule of a product. What it allows does not reach what is {@linkplain
     * TopicTemplate#isReserved reserved}, unless it is the device's own.
     */
    static TopicRule of(TopicTemplate.Rule rule) {
        return new TopicRule(
                rule.effect(),
                rule.use(),
                rule.filter(),
                rule.effect() == Effect.ALLOW && !rule.isOwn());
    }

    /**
     * A rule.
     *
     * @param filter a topic filter; {@code ${name}} stands for a fact about the client
     * @throws IllegalArgumentException if it is not a topic filter, or a placeholder is malformed
     */
    public static TopicRule of(Effect effect, Use use, String filter) {
        return new TopicRule(effect, use, filter);
    }

    /**
     * A rule that allows both uses.
     *
     * @param filter a topic filter; {@code ${name}} stands for a fact about the client
     * @throws IllegalArgumentException if it is not a topic filter, or a placeholder is malformed
     */
    public static TopicRule allow(String filter) {
        return new TopicRule(Effect.ALLOW, Use.ANY, filter);
    }

    /** A rule that allows publishing; see {@link #allow}. */
    public static TopicRule allowPublish(String filter) {
        return new TopicRule(Effect.ALLOW, Use.PUBLISH, filter);
    }

    /**
     * This rule, if it has no other placeholders than these.
     *
     * @throws IllegalArgumentException naming the one that it has, and those that are allowed
     */
    public TopicRule requireOnly(Set<String> allowed) {
        for (String name : placeholders) {
            if (!allowed.contains(name)) {
                throw new IllegalArgumentException(
                        "topic filter has the placeholder ${"
                                + name
                                + "}; allowed are "
                                + allowed.stream()
                                        .sorted()
                                        .map(each -> "${" + each + "}")
                                        .collect(Collectors.joining(", ")));
            }
        }
        return this;
    }

    Effect effect() {
        return effect;
    }

    /** Whether it has to do with publishing to this topic. */
    boolean isAboutPublishing(String topicName, Map<String, String> values) {
        return use.includes(Use.PUBLISH)
                && !(fenced && TopicTemplate.isReserved(topicName))
                && isKnown(values)
                && bind(values).covers(topicName);
    }

    /** Whether it has to do with subscribing, for this client. */
    boolean isAboutSubscribing(Map<String, String> values) {
        return use.includes(Use.SUBSCRIBE) && isKnown(values);
    }

    /** A rule that allows says nothing to a client of whom it needs to know what is not known. */
    private boolean isKnown(Map<String, String> values) {
        return effect == Effect.DENY || placeholders.stream().allMatch(values::containsKey);
    }

    /**
     * Checks the values that stand for the placeholders.
     *
     * @throws IllegalArgumentException if one is missing, or could not be (part of) one level. To
     *     leave the rule out instead would widen a policy that denies
     */
    void check(Map<String, String> values) {
        for (String name : placeholders) {
            check(name, values);
        }
    }

    private static void check(String name, Map<String, String> values) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "a topic rule needs '" + name + "', which this client has not");
        }
        if (!isLevel(value)) {
            throw new IllegalArgumentException(
                    "'" + name + "' of this client cannot be a level of a topic");
        }
    }

    /**
     * The filter for one client. A value takes the place of its placeholder within one level and is
     * always taken literally, so what a client calls itself cannot widen a rule. What is not known
     * of the client may be anything: a rule that denies is the wider for it.
     *
     * @param values as they were {@linkplain #check checked}
     */
    TopicPattern bind(Map<String, String> values) {
        if (placeholders.isEmpty()) {
            return template;
        }
        List<String> levels = new ArrayList<>(template.levels());
        for (int i = 0; i < levels.size(); i++) {
            levels.set(i, bind(names.get(i), levels.get(i), values));
        }
        return new TopicPattern(levels);
    }

    private static String bind(@Nullable String name, String level, Map<String, String> values) {
        if (name != null) {
            return values.getOrDefault(name, ANY_LEVEL);
        }
        if (!level.contains("${")) {
            return level;
        }
        boolean known =
                PLACEHOLDER
                        .matcher(level)
                        .results()
                        .allMatch(match -> values.containsKey(match.group(1)));
        return known
                ? PLACEHOLDER
                        .matcher(level)
                        .replaceAll(
                                match ->
                                        Matcher.quoteReplacement(
                                                values.getOrDefault(match.group(1), ANY_LEVEL)))
                : ANY_LEVEL;
    }

    /** Whether a value can stand for (part of) one level, and for nothing else. */
    static boolean isLevel(String value) {
        return !value.isEmpty() && !value.startsWith("$") && isSafe(value);
    }

    private static boolean isSafe(String value) {
        for (int i = 0; i < value.length(); i++) {
            char character = value.charAt(i);
            if (character == '/'
                    || character == '+'
                    || character == '#'
                    || Character.isISOControl(character)) {
                return false;
            }
        }
        return true;
    }
}
