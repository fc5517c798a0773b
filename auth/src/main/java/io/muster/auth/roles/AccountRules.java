package io.muster.auth.roles;

import io.muster.auth.TopicRule;
import io.muster.devices.application.Application.Standing;
import java.util.List;

/**
 * The rules of all roles of one account, as they are right now; shared by its clients. Reading is a
 * volatile read; {@link ApplicationRoles} alone writes, and holds its lock meanwhile.
 */
final class AccountRules {

    private static final Standing NONE = new Standing(List.of(), true, Long.MIN_VALUE);

    private volatile Standing standing = NONE;
    private volatile List<TopicRule> rules = List.of();

    /** In the order in which they are asked; another object after each change. */
    List<TopicRule> rules() {
        return rules;
    }

    /** What the account has. */
    Standing standing() {
        return standing;
    }

    void change(Standing present, List<TopicRule> presentRules) {
        rules = presentRules;
        standing = present;
    }
}
