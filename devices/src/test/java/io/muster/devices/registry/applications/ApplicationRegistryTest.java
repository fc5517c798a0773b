package io.muster.devices.registry.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.change.RegistryListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class ApplicationRegistryTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

    private final RegistryDatabase database;
    private final ApplicationRegistry registry;

    ApplicationRegistryTest(TestDatabase kind, @TempDir Path folder) throws IOException {
        database = kind.open(folder);
        registry = new ApplicationRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void findsAnAccountAsItWasCreated() {
        Application created = registry.create("app-1@site", "$argon2id$...", Optional.empty());

        assertThat(created)
                .isEqualTo(new Application("app-1@site", "$argon2id$...", Optional.empty(), NOW));
        assertThat(registry.find("app-1@site")).contains(created);
        assertThat(registry.find("APP-1@site")).isEmpty();
    }

    @Test
    void keepsTheScramVerifierEncrypted() {
        Application created = registry.create("app1", "hash", Optional.of("SCRAM$the-verifier"));

        assertThat(created.scramVerifier()).contains("SCRAM$the-verifier");
        assertThat(registry.find("app1")).contains(created);
        assertThat(registry.list("", 10)).containsExactly(created);
        String stored =
                database.read(
                        "look",
                        handle ->
                                handle.createQuery("SELECT scram_verifier FROM application")
                                        .mapTo(String.class)
                                        .one());
        assertThat(stored).isNotBlank().doesNotContain("verifier");
    }

    @Test
    void givesAnOlderAccountItsScramVerifier() {
        Application old = registry.create("app1", "hash", Optional.empty());
        Application other = registry.create("app2", "hash", Optional.empty());
        List<String> changed = new ArrayList<>();
        registry.addListener(listener(changed));

        assertThat(registry.storeScramVerifier(old, "verifier-1")).isTrue();
        assertThat(registry.storeScramVerifier(old, "verifier-2")).isTrue();

        assertThat(registry.find("app1").flatMap(Application::scramVerifier))
                .contains("verifier-2");
        assertThat(registry.find("app2")).contains(other);
        assertThat(changed).containsExactly("app1", "app1");
    }

    @Test
    void keepsNoScramVerifierOfAPasswordThatIsNotTheAccountsOwn() {
        Application current = registry.create("app1", "hash", Optional.empty());
        List<String> changed = new ArrayList<>();
        registry.addListener(listener(changed));

        assertThat(
                        registry.storeScramVerifier(
                                new Application("app1", "old hash", Optional.empty(), NOW), "v"))
                .isFalse();
        assertThat(
                        registry.storeScramVerifier(
                                new Application("app2", "hash", Optional.empty(), NOW), "v"))
                .isFalse();
        assertThat(registry.find("app1")).contains(current);
        assertThat(changed).isEmpty();
    }

    @Test
    void refusesABadScramVerifier() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("app1", "hash", Optional.of("")))
                .withMessageContaining("scramVerifier");
        Application created = registry.create("app1", "hash", Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.storeScramVerifier(created, "x".repeat(301)))
                .withMessageContaining("1 to 300");
    }

    @Test
    void refusesASecondAccountOfTheSameName() {
        Application first = registry.create("app1", "hash1", Optional.empty());

        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(() -> registry.create("app1", "hash2", Optional.empty()))
                .withMessage("application 'app1' exists already");
        assertThat(registry.find("app1")).contains(first);
    }

    @Test
    void refusesABadNameAndABadHash() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("a b", "hash", Optional.empty()))
                .withMessageContaining("username 'a b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("app1", "", Optional.empty()))
                .withMessageContaining("passwordHash");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("app1", "x".repeat(1001), Optional.empty()));
        assertThat(registry.list("", 10)).isEmpty();
    }

    @Test
    void listsAccountsPageByPage() {
        for (String username : List.of("c", "a", "B", "d")) {
            Application created = registry.create(username, "hash", Optional.empty());
            assertThat(created.username()).isEqualTo(username);
        }

        assertThat(registry.list("", 3))
                .extracting(Application::username)
                .containsExactly("B", "a", "c");
        assertThat(registry.list("c", 3)).extracting(Application::username).containsExactly("d");
        assertThatIllegalArgumentException().isThrownBy(() -> registry.list("", 0));
    }

    @Test
    void changesWhatAnAccountMayDoAndTellsThatItChanged() {
        List<String> changed = new ArrayList<>();
        registry.addListener(listener(changed));
        Application created = registry.create("app1", "hash", Optional.of("verifier"));
        assertThat(created.standing()).isEqualTo(standing(false, NOW.toEpochMilli(), "all-topics"));

        Application none =
                registry.update(
                        "app1",
                        Optional.of(List.of()),
                        Optional.empty(),
                        OptionalLong.of(NOW.toEpochMilli()));
        Application disabled =
                registry.update("app1", Optional.empty(), Optional.of(true), OptionalLong.empty());

        assertThat(none.standing()).isEqualTo(standing(false, NOW.toEpochMilli() + 1));
        assertThat(disabled.standing()).isEqualTo(standing(true, NOW.toEpochMilli() + 2));
        assertThat(registry.find("app1")).contains(disabled);
        assertThat(disabled.scramVerifier()).contains("verifier");
        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(
                        () ->
                                registry.update(
                                        "app1",
                                        Optional.empty(),
                                        Optional.of(false),
                                        OptionalLong.of(NOW.toEpochMilli())));
        assertThat(changed).containsExactly("app1", "app1", "app1");
    }

    private static Standing standing(boolean isDisabled, long revision, String... roles) {
        return new Standing(List.of(roles), isDisabled, revision);
    }

    @Test
    void givesRolesThatAreThereOnly() {
        Application created = registry.create("app1", "hash", Optional.empty());

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> registry.create("app2", "hash", Optional.empty(), List.of("none")))
                .withMessage("role 'none' is unknown");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                registry.update(
                                        "app1",
                                        Optional.of(List.of("all-topics", "none")),
                                        Optional.empty(),
                                        OptionalLong.empty()))
                .withMessage("role 'none' is unknown");
        assertThat(registry.list("", 10)).containsExactly(created);
    }

    @Test
    void changesAPasswordWithItsVerifier() {
        Application before = registry.create("app1", "hash", Optional.of("verifier"));

        Application after =
                registry.changePassword("app1", "another", Optional.empty(), OptionalLong.empty());

        assertThat(after.passwordHash()).isEqualTo("another");
        assertThat(after.scramVerifier()).isEmpty();
        assertThat(after.passwordMark()).isNotEqualTo(before.passwordMark());
        assertThat(after.standing().revision()).isGreaterThan(before.standing().revision());
        assertThat(registry.find("app1")).contains(after);
    }

    @Test
    void deletesAnAccount() {
        List<String> changed = new ArrayList<>();
        registry.addListener(listener(changed));
        var unused = registry.create("app1", "hash", Optional.empty());

        registry.delete("app1", OptionalLong.empty());

        assertThat(registry.find("app1")).isEmpty();
        assertThat(changed).containsExactly("app1");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.delete("app1", OptionalLong.empty()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                registry.changePassword(
                                        "app1", "hash", Optional.empty(), OptionalLong.empty()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                registry.update(
                                        "app1",
                                        Optional.empty(),
                                        Optional.of(true),
                                        OptionalLong.empty()));
    }

    private static RegistryListener listener(List<String> changed) {
        return new RegistryListener() {
            @Override
            public void productCreated(Product product) {}

            @Override
            public void productChanged(String productKey) {}

            @Override
            public void deviceCreated(Device device) {}

            @Override
            public void applicationCreated(Application application) {}

            @Override
            public void applicationChanged(String username) {
                changed.add(username);
            }
        };
    }

    @Test
    void isUnavailableWhenClosed() {
        database.close();

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.find("app1"));
    }
}
