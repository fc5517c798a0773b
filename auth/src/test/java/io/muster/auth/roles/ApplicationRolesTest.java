package io.muster.auth.roles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What applications may do, as their roles and they themselves change. */
class ApplicationRolesTest {

    private final ApplicationRoles roles = new ApplicationRoles(List.of(Role.ALL_TOPICS));

    private static Role role(String name, long revision, String... rules) {
        return new Role(
                name,
                Stream.of(rules).map(RoleRule::parse).toList(),
                revision,
                Instant.EPOCH,
                Instant.EPOCH);
    }

    private static Application account(long revision, String... roles) {
        return new Application(
                "app",
                "hash",
                Optional.empty(),
                Instant.EPOCH,
                new Standing(List.of(roles), false, revision));
    }

    @ParameterizedTest
    @CsvSource({
        "allow publish a, true, false",
        "allow subscribe a, false, true",
        "allow any a, true, true",
        "allow any b, false, false",
        "deny publish a, false, false",
        "allow any #, true, true",
        "allow any ${username}, true, true",
        "allow any ${clientId}, false, false",
    })
    void eachEffectAndUseSaysWhatItSays(String rule, boolean publishes, boolean subscribes) {
        var unused = roles.update(role("r", 1, rule.replaceFirst(" a$", " app")));

        TopicPermissions permissions = roles.permissions(account(1, "r"), "c");

        assertThat(permissions.mayPublish("app")).isEqualTo(publishes);
        assertThat(permissions.maySubscribe("app")).isEqualTo(subscribes);
    }

    @ParameterizedTest
    @CsvSource({
        "deny publish a/b, false, true",
        "deny subscribe a/b, true, false",
        "deny any a/b, false, false",
        "deny any a/c, true, true",
    })
    void aDenyingRuleBeforeAnAllowingOneTakesTopicsAway(
            String rule, boolean publishes, boolean subscribes) {
        var unused = roles.update(role("r", 1, rule, "allow any #"));

        TopicPermissions permissions = roles.permissions(account(1, "r"), "c");

        assertThat(permissions.mayPublish("a/b")).isEqualTo(publishes);
        assertThat(permissions.maySubscribe("a/b")).isEqualTo(subscribes);
        assertThat(permissions.maySubscribe("a/#")).isEqualTo(rule.contains("publish"));
    }

    @Test
    void theRulesOfSeveralRolesAreAskedInTheOrderOfTheRoles() {
        var one = roles.update(role("denies", 1, "deny any secret/#"));
        var two = roles.update(role("allows", 1, "allow any #"));
        assertThat(one).isEqualTo(two).isEmpty();

        assertThat(roles.permissions(account(1, "denies", "allows"), "c").mayPublish("secret/a"))
                .isFalse();
        assertThat(roles.permissions(account(2, "allows", "denies"), "c").mayPublish("secret/a"))
                .isTrue();
        assertThat(roles.permissions(account(3), "c").mayPublish("a")).isFalse();
    }

    @Test
    void placeholdersStandForTheClient() {
        var unused = roles.update(role("r", 1, "allow publish in/${username}/x-${clientId}/+"));

        TopicPermissions permissions = roles.permissions(account(1, "r"), "c1");

        assertThat(permissions.mayPublish("in/app/x-c1/t")).isTrue();
        assertThat(permissions.mayPublish("in/app/x-c2/t")).isFalse();
        assertThat(permissions.mayPublish("in/other/x-c1/t")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "#", "a/b", "$x", "a#", "a\nb"})
    void aClientIdentifierCannotWidenAFilter(String clientId) {
        var unused = roles.update(role("r", 1, "allow any ${clientId}/#", "allow any b"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> roles.permissions(account(1, "r"), clientId))
                .withMessageContaining("clientId");
    }

    @Test
    void aConnectedClientThatARuleCannotHoldMayDoNothingFromThenOn() {
        var before = roles.update(role("r", 1, "allow any #"));
        TopicPermissions permissions = roles.permissions(account(1, "r"), "a/b");
        assertThat(permissions.mayPublish("x")).isTrue();

        var after = roles.update(role("r", 2, "deny any ${clientId}", "allow any #"));

        assertThat(before).isEmpty();
        assertThat(after).containsExactly("app");
        assertThat(permissions.mayPublish("x")).isFalse();
        assertThat(permissions.maySubscribe("x")).isFalse();
    }

    @Test
    void permissionsFollowTheRoleAndTheAccount() {
        var unused = roles.update(role("r", 1, "allow any a"));
        var ignored = roles.update(role("s", 1, "allow any s"));
        TopicPermissions permissions = roles.permissions(account(1, "r"), "c");

        assertThat(roles.update(role("r", 2, "allow any b"))).containsExactly("app");
        assertThat(permissions.mayPublish("a")).isFalse();
        assertThat(permissions.mayPublish("b")).isTrue();

        roles.update(account(2, "s"));
        assertThat(permissions.mayPublish("b")).isFalse();
        assertThat(permissions.mayPublish("s")).isTrue();
        assertThat(roles.update(role("r", 3, "allow any #"))).isEmpty();
        assertThat(permissions.mayPublish("b")).isFalse();
    }

    @Test
    void whatIsOlderIsNotBelieved() {
        var unused = roles.update(role("r", 5, "allow any new"));
        TopicPermissions permissions = roles.permissions(account(5, "r"), "c");

        var late = roles.update(role("r", 4, "allow any old"));
        roles.update(account(4, "all-topics"));
        TopicPermissions second = roles.permissions(account(3, "all-topics"), "c");

        assertThat(late).containsExactly("app");
        for (TopicPermissions each : List.of(permissions, second)) {
            assertThat(each.mayPublish("new")).isTrue();
            assertThat(each.mayPublish("old")).isFalse();
        }
    }

    @Test
    void anUnknownRoleAllowsNothingWhateverTheOthersSay() {
        TopicPermissions permissions =
                roles.permissions(account(1, "all-topics", "never-loaded"), "c");

        assertThat(permissions.mayPublish("a")).isFalse();
        assertThat(permissions.maySubscribe("a")).isFalse();

        var unused = roles.update(role("never-loaded", 1));
        assertThat(permissions.mayPublish("a")).isTrue();
        assertThat(roles.removeRole("never-loaded")).containsExactly("app");
        assertThat(permissions.mayPublish("a")).isFalse();
    }

    @Test
    void aRoleThatCannotBeUsedAllowsNothing() {
        var unused = roles.update(role("r", 1, "allow any #"));
        TopicPermissions permissions = roles.permissions(account(1, "r"), "c");

        var broken = roles.update(role("r", 2, "allow any a#", "allow any b"));

        assertThat(broken).containsExactly("app");
        assertThat(permissions.mayPublish("b")).isFalse();
    }

    @Test
    void aDeletedAccountMayDoNothingAndOneOfItsNameIsAnother() {
        TopicPermissions permissions = roles.permissions(account(7, "all-topics"), "c");

        roles.removeAccount("app");
        assertThat(permissions.mayPublish("a")).isFalse();

        TopicPermissions another = roles.permissions(account(1, "all-topics"), "c");
        assertThat(another.mayPublish("a")).isTrue();
        assertThat(permissions.mayPublish("a")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "allow any a#, is not a topic filter",
        "allow any a/+b, is not a topic filter",
        "allow any ${productKey}/#, 'placeholder ${productKey}; allowed are ${clientId}, ${username}'",
        "deny publish ${deviceKey}, placeholder ${deviceKey}",
        "allow any ${nonsense}, placeholder ${nonsense}",
        "allow any ${, placeholder that is not ${name}",
        "allow any $share/g/a, shared subscription",
    })
    void aRuleThatNobodyCouldBeHeldToIsNamedByItsNumber(String rule, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                RoleRules.check(
                                        List.of(
                                                RoleRule.parse("allow any a"),
                                                RoleRule.parse(rule))))
                .withMessageStartingWith("rule 2: ")
                .withMessageContaining(sentence);
    }
}
