package io.muster.devices.registry.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleInUseException;
import io.muster.devices.roles.RoleRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class RoleRegistryTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);
    private static final OptionalLong ANY = OptionalLong.empty();

    private final RegistryDatabase database;
    private final RoleRegistry roles;
    private final ApplicationRegistry applications;

    RoleRegistryTest(TestDatabase kind, @TempDir Path folder) throws IOException {
        database = kind.open(folder);
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        roles = new RoleRegistry(database, clock);
        applications = new ApplicationRegistry(database, clock);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static List<RoleRule> rules(String... texts) {
        return Stream.of(texts).map(RoleRule::parse).toList();
    }

    @Test
    void findsARoleAsItWasWritten() {
        List<RoleRule> rules =
                rules("allow any #", "deny publish a b/\u2028ä", "allow subscribe ${username}");

        Role put = roles.put("r.1-x", rules, ANY);

        assertThat(put).isEqualTo(new Role("r.1-x", rules, NOW.toEpochMilli(), NOW, NOW));
        assertThat(roles.find("r.1-x")).contains(put);
        assertThat(roles.find("r")).isEmpty();
        assertThat(roles.put("empty", List.of(), ANY).rules()).isEmpty();
        assertThat(roles.find("empty").orElseThrow().rules()).isEmpty();
    }

    @Test
    void theLongestRulesFit() {
        List<RoleRule> rules =
                Stream.generate(() -> RoleRule.parse("allow subscribe " + "ä".repeat(512)))
                        .limit(Role.RULES_MAX)
                        .toList();

        assertThat(roles.put("r", rules, ANY).rules()).isEqualTo(rules);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                roles.put(
                                        "r",
                                        Stream.concat(rules.stream(), rules.stream()).toList(),
                                        ANY));
    }

    @Test
    void aRevisionGrowsWithEachChangeAndTheOldOneIsRefused() {
        long first = roles.put("r", rules("allow any a"), OptionalLong.of(0)).revision();
        long second = roles.put("r", rules("allow any b"), OptionalLong.of(first)).revision();

        assertThat(second).isGreaterThan(first);
        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(() -> roles.put("r", rules("allow any c"), OptionalLong.of(first)))
                .withMessage("role 'r' is at revision %d, not %d", second, first);
        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(() -> roles.put("r", rules(), OptionalLong.of(0)));
        assertThat(roles.find("r").orElseThrow().rules()).isEqualTo(rules("allow any b"));
    }

    @Test
    void ofTwoWhoChangeOneRevisionOnlyOneSucceeds() {
        for (int race = 0; race < 20; race++) {
            long present = roles.put("r", rules(), ANY).revision();
            List<CompletableFuture<Boolean>> both =
                    Stream.of("a", "b")
                            .map(topic -> CompletableFuture.supplyAsync(() -> put(topic, present)))
                            .toList();
            assertThat(both.stream().filter(CompletableFuture::join)).hasSize(1);
        }
    }

    private boolean put(String topic, long revision) {
        try {
            var unused = roles.put("r", rules("allow any " + topic), OptionalLong.of(revision));
            return true;
        } catch (RevisionConflictException late) {
            return false;
        }
    }

    @Test
    void theBuiltInRoleIsThereAndStays() {
        assertThat(roles.find("all-topics")).contains(Role.ALL_TOPICS);
        assertThat(roles.all()).containsExactly(Role.ALL_TOPICS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> roles.put("all-topics", rules(), ANY))
                .withMessageContaining("built in");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> roles.delete("all-topics", OptionalLong.empty()));
    }

    @Test
    void aRoleThatAnApplicationHasIsNotDeleted() {
        roles.put("r", rules(), ANY);
        roles.put("r-1", rules(), ANY);
        var unused =
                applications.create("app1", "hash", Optional.empty(), List.of("all-topics", "r-1"));

        assertThatExceptionOfType(RoleInUseException.class)
                .isThrownBy(() -> roles.delete("r-1", OptionalLong.empty()))
                .withMessageContaining("'app1'");
        roles.delete("r", OptionalLong.empty());
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> roles.delete("r", OptionalLong.empty()));

        var other = applications.update("app1", Optional.of(List.of()), Optional.empty(), ANY);
        assertThat(other.standing().roles()).isEmpty();
        roles.delete("r-1", OptionalLong.empty());
        assertThat(roles.find("r-1")).isEmpty();
    }

    @Test
    void noApplicationEverHasARoleThatIsNotThereHoweverTheyRace() {
        var unused = applications.create("app1", "hash", Optional.empty(), List.of());
        for (int race = 0; race < 20; race++) {
            roles.put("r", rules(), ANY);
            CompletableFuture<Boolean> given =
                    CompletableFuture.supplyAsync(() -> succeeds(this::give));
            boolean deleted = succeeds(() -> roles.delete("r", OptionalLong.empty()));

            assertThat(given.join()).as("race %d", race).isNotEqualTo(deleted);
            assertThat(roles.find("r").isPresent()).isNotEqualTo(deleted);
            var ignored =
                    applications.update("app1", Optional.of(List.of()), Optional.empty(), ANY);
        }
    }

    private void give() {
        var unused = applications.update("app1", Optional.of(List.of("r")), Optional.empty(), ANY);
    }

    private static boolean succeeds(Runnable action) {
        try {
            action.run();
            return true;
        } catch (RoleInUseException | IllegalArgumentException refused) {
            return false;
        }
    }

    @Test
    void thereIsAMostOfRoles() {
        for (int i = 0; i < RoleRegistry.ROLES_MAX; i++) {
            roles.put("r" + i, rules(), ANY);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> roles.put("one-more", rules(), ANY))
                .withMessageContaining("200");
        assertThat(roles.put("r0", rules("allow any a"), ANY).rules()).hasSize(1);
        assertThat(roles.all()).hasSize(RoleRegistry.ROLES_MAX + 1);
        assertThat(roles.list("r98", 2)).extracting(Role::name).containsExactly("r99");
    }

    @Test
    void isUnavailableWhenClosed() {
        database.close();

        assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(roles::all);
    }
}
