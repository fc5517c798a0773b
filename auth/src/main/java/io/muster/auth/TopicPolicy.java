package io.muster.auth;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.product.TopicTemplate;
import io.muster.devices.topics.Effect;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Topic permissions from an ordered list of rules; immutable, shared by all threads.
 *
 * <p>The first rule that speaks about a topic decides; where none does, the answer is no. A topic
 * filter is allowed if an allowing rule covers all of it, and refused as soon as a denying rule
 * touches any of it. As in MQTT, {@code #} does not include topics that begin with {@code $}. A
 * shared subscription ({@code $share/name/filter}) is judged by its filter alone, whether it comes
 * as a whole or without its first two levels: sharing is no way around a rule.
 */
public final class TopicPolicy implements TopicPermissions {

    private static final List<TopicRule> DEVICE =
            List.of(
                    TopicRule.allow("/sys/${productKey}/${deviceKey}/#"),
                    TopicRule.allow("/ext/session/${productKey}/${deviceKey}/#"),
                    TopicRule.allow("${productKey}/${deviceKey}/#"));

    private static final List<TopicRule> ACTIVATION =
            List.of(
                    TopicRule.allowPublish(
                            "/ext/session/${productKey}/${deviceKey}/thing/activate/info_reply"));

    /** Asked each time: it may be shared by many, and change. */
    private final Supplier<List<TopicRule>> rules;

    /** The rules are bound when they are asked: bound ones would take 350 bytes a client. */
    private final Map<String, String> values;

    private TopicPolicy(Supplier<List<TopicRule>> rules, Map<String, String> values) {
        this.rules = rules;
        this.values = values;
    }

    /**
     * The policy of one client.
     *
     * @param rules asked in this order
     * @param values what stands for the rules' placeholders; may hold more
     * @throws IllegalArgumentException if a value is missing or could not be a level of a topic
     */
    public static TopicPolicy of(List<TopicRule> rules, Map<String, String> values) {
        List<TopicRule> fixed = List.copyOf(rules);
        fixed.forEach(rule -> rule.check(values));
        return new TopicPolicy(() -> fixed, Map.copyOf(values));
    }

    /**
     * The default for a device: its own topics only.
     *
     * @param facts of the device: its {@code productKey} and {@code deviceKey}, and what else there
     *     is
     */
    public static TopicPolicy forDevice(Map<String, String> facts) {
        return of(DEVICE, facts);
    }

    /**
     * The policy of a device whose product has rules that change.
     *
     * @param rules by {@link #rulesOf}; asked on any thread, answers at once
     * @param facts see {@link #forDevice}; its {@code clientId} too, if rules are to know it
     */
    public static TopicPolicy following(
            Supplier<List<TopicRule>> rules, Map<String, String> facts) {
        DEVICE.forEach(rule -> rule.check(facts));
        return new TopicPolicy(rules, Map.copyOf(facts));
    }

    /** The rules of a product, and behind them those that give a device its own topics. */
    public static List<TopicRule> rulesOf(TopicTemplate template) {
        return Stream.concat(template.rules().stream().map(TopicRule::of), DEVICE.stream())
                .toList();
    }

    /** Whether {@code text} can be one level of a topic, and stand for nothing else. */
    public static boolean isLevel(String text) {
        return TopicRule.isLevel(text);
    }

    /**
     * For a device that fetches its secret: it may say that it has it, and nothing else.
     *
     * @param facts see {@link #forDevice}
     */
    public static TopicPolicy forActivation(Map<String, String> facts) {
        return of(ACTIVATION, facts);
    }

    @Override
    public boolean mayPublish(String topicName) {
        if (topicName.isEmpty() || topicName.indexOf('+') >= 0 || topicName.indexOf('#') >= 0) {
            return false;
        }
        for (TopicRule rule : rules.get()) {
            if (rule.isAboutPublishing(topicName, values)) {
                return rule.effect() == Effect.ALLOW;
            }
        }
        return false;
    }

    @Override
    public boolean maySubscribe(String topicFilter) {
        String filter = TopicPattern.withoutShare(topicFilter);
        if (!TopicPattern.isFilter(filter)) {
            return false;
        }
        for (TopicRule rule : rules.get()) {
            if (!rule.isAboutSubscribing(values)) {
                continue;
            }
            TopicPattern pattern = rule.bind(values);
            if (rule.effect() == Effect.ALLOW && pattern.covers(filter)) {
                return true;
            }
            if (rule.effect() == Effect.DENY && pattern.overlaps(filter)) {
                return false;
            }
        }
        return false;
    }
}
