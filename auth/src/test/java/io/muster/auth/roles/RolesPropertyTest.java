package io.muster.auth.roles;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Roles that change again and again, compared with a model that looks at single topics. */
class RolesPropertyTest {

    private static final List<String> LEVELS = List.of("a", "b", "app", "c1");
    private static final List<String> NAMES = List.of("r1", "r2", "r3");
    private static final List<Use> USES = List.of(Use.PUBLISH, Use.SUBSCRIBE, Use.ANY);
    private static final int SEEDS = 100;
    private static final int STEPS = 20;

    private final List<String> world = new ArrayList<>();

    RolesPropertyTest() {
        for (String first : LEVELS) {
            world.add(first);
            for (String second : LEVELS) {
                world.add(first + "/" + second);
            }
        }
    }

    @Test
    void liveClientsMayDoWhatTheModelSaysAfterEachChange() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Role> model = new HashMap<>();
            ApplicationRoles roles = new ApplicationRoles(List.of());
            List<String> held = List.of("r1");
            TopicPermissions live = roles.permissions(account(0, held), "c1");
            for (int step = 1; step <= STEPS; step++) {
                String name = NAMES.get(random.nextInt(NAMES.size()));
                if (random.nextInt(10) == 0) {
                    model.remove(name);
                    var unused = roles.removeRole(name);
                } else if (random.nextInt(3) == 0) {
                    held = names(random);
                    roles.update(account(step, held));
                } else {
                    Role role = role(random, name, step);
                    model.put(name, role);
                    var unused = roles.update(role);
                }
                compare(live, rules(model, held), "seed " + seed + " step " + step);
            }
        }
    }

    private static Application account(long revision, List<String> roles) {
        return new Application(
                "app",
                "hash",
                Optional.empty(),
                Instant.EPOCH,
                new Standing(roles, false, revision));
    }

    private static List<String> names(SplittableRandom random) {
        List<String> names = new ArrayList<>(NAMES);
        while (names.size() > random.nextInt(4)) {
            names.remove(random.nextInt(names.size()));
        }
        return names;
    }

    private static Role role(SplittableRandom random, String name, long revision) {
        List<RoleRule> rules = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            rules.add(
                    new RoleRule(
                            random.nextInt(3) == 0 ? Effect.DENY : Effect.ALLOW,
                            USES.get(random.nextInt(USES.size())),
                            filter(random)));
        }
        return new Role(name, rules, revision, Instant.EPOCH, Instant.EPOCH);
    }

    private static String filter(SplittableRandom random) {
        List<String> levels = List.of("a", "b", "+", "${username}", "${clientId}", "#");
        String first = levels.get(random.nextInt(levels.size()));
        return first.equals("#") || random.nextBoolean()
                ? first
                : first + "/" + levels.get(random.nextInt(levels.size()));
    }

    /** One that is not there makes all of them nothing. */
    private static List<RoleRule> rules(Map<String, Role> model, List<String> held) {
        List<RoleRule> rules = new ArrayList<>();
        for (String name : held) {
            Role role = model.get(name);
            if (role == null) {
                return List.of();
            }
            rules.addAll(role.rules());
        }
        return rules;
    }

    private void compare(TopicPermissions live, List<RoleRule> rules, String when) {
        for (String topic : world) {
            assertThat(live.mayPublish(topic))
                    .as("%s: publish %s by %s", when, topic, rules)
                    .isEqualTo(mayUse(rules, Use.PUBLISH, topic));
            assertThat(live.maySubscribe(topic))
                    .as("%s: subscribe %s by %s", when, topic, rules)
                    .isEqualTo(mayUse(rules, Use.SUBSCRIBE, topic));
        }
        for (String wide : List.of("#", "+", "+/+", "a/+", "a/#", "+/b")) {
            if (live.maySubscribe(wide)) {
                assertThat(world.stream().filter(topic -> matches(wide, topic)))
                        .as("%s: subscribe %s by %s", when, wide, rules)
                        .allMatch(topic -> mayUse(rules, Use.SUBSCRIBE, topic));
            }
        }
    }

    private static boolean mayUse(List<RoleRule> rules, Use use, String topic) {
        for (RoleRule rule : rules) {
            boolean speaks = rule.use() == Use.ANY || rule.use() == use;
            if (speaks && matches(bound(rule.filter()), topic)) {
                return rule.effect() == Effect.ALLOW;
            }
        }
        return false;
    }

    private static String bound(String filter) {
        return filter.replace("${username}", "app").replace("${clientId}", "c1");
    }

    private static boolean matches(String filter, String topic) {
        String pattern = filter.replace("/#", "(/.*)?").replace("#", ".*").replace("+", "[^/]*");
        return topic.matches(pattern);
    }
}
