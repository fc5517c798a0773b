package io.muster.auth;

import io.muster.auth.TopicRule.Effect;
import io.muster.auth.TopicRule.Use;
import io.muster.auth.spi.TopicPermissions;
import java.util.List;
import java.util.Map;

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

    private final List<TopicRule> rules;

    /** The rules are bound when they are asked: bound ones would take 350 bytes a client. */
    private final Map<String, String> values;

    private TopicPolicy(List<TopicRule> rules, Map<String, String> values) {
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
        rules.forEach(rule -> rule.check(values));
        return new TopicPolicy(List.copyOf(rules), Map.copyOf(values));
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
        for (TopicRule rule : rules) {
            if (rule.use().includes(Use.PUBLISH) && rule.bind(values).covers(topicName)) {
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
        for (TopicRule rule : rules) {
            if (!rule.use().includes(Use.SUBSCRIBE)) {
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
