package io.muster.auth.roles;

import io.muster.auth.TopicPolicy;
import io.muster.auth.TopicRule;
import io.muster.auth.spi.TopicPermissions;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client of an application may use, by the roles that the application has right now.
 * Shared by all threads; costs a volatile read more than rules that never change.
 */
final class LivePermissions implements TopicPermissions {

    private static final Logger log = LoggerFactory.getLogger(LivePermissions.class);

    private static final TopicPolicy NOTHING = TopicPolicy.of(List.of(), Map.of());

    private final AccountRules account;
    private final Map<String, String> values;
    private volatile Bound bound;

    /** The rules that a policy was made of. */
    private record Bound(List<TopicRule> rules, TopicPolicy policy) {}

    /**
     * The permissions of a client that signs in.
     *
     * @throws IllegalArgumentException if its values cannot take the places of placeholders
     */
    LivePermissions(AccountRules account, Map<String, String> values) {
        this.account = account;
        this.values = values;
        List<TopicRule> rules = account.rules();
        this.bound = new Bound(rules, TopicPolicy.of(rules, values));
    }

    @Override
    public boolean mayPublish(String topicName) {
        return policy().mayPublish(topicName);
    }

    @Override
    public boolean maySubscribe(String topicFilter) {
        return policy().maySubscribe(topicFilter);
    }

    private TopicPolicy policy() {
        List<TopicRule> present = account.rules();
        Bound known = bound;
        if (known.rules() != present) {
            known = new Bound(present, policy(present));
            bound = known;
        }
        return known.policy();
    }

    /** A rule that is left out could be one that denies, so there is none or there are all. */
    private TopicPolicy policy(List<TopicRule> rules) {
        try {
            return TopicPolicy.of(rules, values);
        } catch (IllegalArgumentException unfit) {
            log.warn(
                    "connected application may use no topic any more application={} cause={}",
                    values.get(RoleRules.USERNAME),
                    unfit.getMessage());
            return NOTHING;
        }
    }
}
