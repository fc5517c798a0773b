package io.muster.auth.roles;

import io.muster.auth.TopicRule;
import io.muster.devices.roles.RoleRule;
import java.util.List;
import java.util.Set;

/** The rules of roles as a topic policy knows them. Without state. */
public final class RoleRules {

    /** What the placeholder {@code ${username}} stands for. */
    static final String USERNAME = "username";

    /** What the placeholder {@code ${clientId}} stands for: the identifier that the client sent. */
    static final String CLIENT_ID = "clientId";

    private static final Set<String> PLACEHOLDERS = Set.of(USERNAME, CLIENT_ID);

    private RoleRules() {}

    /**
     * Looks whether applications can be held to these rules.
     *
     * @throws IllegalArgumentException naming the first that is wrong, by its number, and what is
     *     allowed
     */
    public static void check(List<RoleRule> rules) {
        for (int i = 0; i < rules.size(); i++) {
            try {
                var unused = topicRule(rules.get(i));
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("rule " + (i + 1) + ": " + wrong.getMessage());
            }
        }
    }

    /**
     * The rules for a policy.
     *
     * @throws IllegalArgumentException as {@link #check} does
     */
    static List<TopicRule> topicRules(List<RoleRule> rules) {
        return rules.stream().map(RoleRules::topicRule).toList();
    }

    private static TopicRule topicRule(RoleRule rule) {
        if (rule.filter().startsWith("$share/")) {
            throw new IllegalArgumentException(
                    "a shared subscription is judged by its filter alone, so no rule begins with $share/");
        }
        return TopicRule.of(rule.effect(), rule.use(), rule.filter()).requireOnly(PLACEHOLDERS);
    }
}
