package io.muster.auth;

import io.muster.auth.TopicRule.Effect;
import io.muster.auth.TopicRule.Use;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;
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

    private static final TopicPolicy APPLICATION =
            of(
                    List.of(
                            TopicRule.allow("#"),
                            TopicRule.allowSubscribe("$muster/#"),
                            TopicRule.allowSubscribe("$SYS/#")),
                    Map.of());

    private final List<BoundRule> rules;

    private TopicPolicy(List<BoundRule> rules) {
        this.rules = rules;
    }

    /**
     * The policy of one client.
     *
     * @param rules asked in this order
     * @param values what stands for the rules' placeholders
     * @throws IllegalArgumentException if a value is missing or could not be a level of a topic
     */
    public static TopicPolicy of(List<TopicRule> rules, Map<String, String> values) {
        return new TopicPolicy(
                rules.stream()
                        .map(rule -> new BoundRule(rule.effect(), rule.use(), rule.bind(values)))
                        .toList());
    }

    /** The default for a device: its own topics only. */
    public static TopicPolicy forDevice(DeviceId id) {
        return of(DEVICE, Map.of("productKey", id.productKey(), "deviceKey", id.deviceKey()));
    }

    /**
     * The default for an application: all topics, and what the hub tells under {@code $muster} and
     * {@code $SYS}, where only the hub publishes.
     */
    public static TopicPolicy forApplication() {
        return APPLICATION;
    }

    @Override
    public boolean mayPublish(String topicName) {
        if (topicName.isEmpty() || topicName.indexOf('+') >= 0 || topicName.indexOf('#') >= 0) {
            return false;
        }
        for (BoundRule rule : rules) {
            if (rule.use.includes(Use.PUBLISH) && rule.pattern.covers(topicName)) {
                return rule.effect == Effect.ALLOW;
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
        for (BoundRule rule : rules) {
            if (!rule.use.includes(Use.SUBSCRIBE)) {
                continue;
            }
            if (rule.effect == Effect.ALLOW && rule.pattern.covers(filter)) {
                return true;
            }
            if (rule.effect == Effect.DENY && rule.pattern.overlaps(filter)) {
                return false;
            }
        }
        return false;
    }

    private record BoundRule(Effect effect, Use use, TopicPattern pattern) {}
}
