package io.muster.devices.roles;

import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What applications with this role may do. The rules are asked in their order, and the first one
 * that speaks about a topic decides; where none does, the answer is no.
 *
 * @param name 1 to 64 lower-case letters, digits, {@code -} and {@code .}
 * @param rules at most {@link #RULES_MAX}
 * @param revision grows with each change; 0 for the built-in one
 * @param createdAt when it was created
 * @param updatedAt when it was last changed
 */
public record Role(
        String name, List<RoleRule> rules, long revision, Instant createdAt, Instant updatedAt) {

    /** The most rules of a role. */
    public static final int RULES_MAX = 100;

    /** The most roles of one application. */
    public static final int PER_APPLICATION_MAX = 10;

    /**
     * The built-in role, which an application has unless it is given others: all topics, and what
     * the hub tells under {@code $muster} and {@code $SYS}, where only the hub publishes.
     */
    public static final Role ALL_TOPICS =
            new Role(
                    "all-topics",
                    List.of(
                            new RoleRule(Effect.ALLOW, Use.ANY, "#"),
                            new RoleRule(Effect.ALLOW, Use.SUBSCRIBE, "$muster/#"),
                            new RoleRule(Effect.ALLOW, Use.SUBSCRIBE, "$SYS/#")),
                    0,
                    Instant.EPOCH,
                    Instant.EPOCH);

    private static final Pattern NAME = Pattern.compile("[a-z0-9.-]{1,64}");

    /** Copies the rules. */
    public Role {
        rules = List.copyOf(rules);
    }

    /** Whether it came with the hub and cannot be changed. */
    public boolean isBuiltIn() {
        return name.equals(ALL_TOPICS.name);
    }

    /**
     * Returns {@code name} if a role can be called so.
     *
     * @throws IllegalArgumentException saying what is allowed, if not
     */
    public static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "role name '" + name + "' is not 1 to 64 lower-case letters, digits, - and .");
        }
        return name;
    }

    /**
     * Returns {@code rules} if a role may have them.
     *
     * @throws IllegalArgumentException if there are too many
     */
    public static List<RoleRule> requireRules(List<RoleRule> rules) {
        if (rules.size() > RULES_MAX) {
            throw new IllegalArgumentException(
                    "a role has at most %d rules, not %d".formatted(RULES_MAX, rules.size()));
        }
        return rules;
    }

    /**
     * Returns {@code names} if an application may have roles of these names.
     *
     * @throws IllegalArgumentException saying what is allowed, if there are too many, one is there
     *     twice, or one is no name
     */
    public static List<String> requireNames(List<String> names) {
        if (names.size() > PER_APPLICATION_MAX) {
            throw new IllegalArgumentException(
                    "an application has at most %d roles, not %d"
                            .formatted(PER_APPLICATION_MAX, names.size()));
        }
        names.forEach(Role::requireName);
        if (names.stream().distinct().count() != names.size()) {
            throw new IllegalArgumentException("a role is named twice");
        }
        return names;
    }
}
