package io.muster.hub.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.auth.application.StoredPassword;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.Application;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.ApplicationRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.SecretCipher;
import io.muster.devices.registry.roles.RoleRegistry;
import io.muster.devices.roles.RoleRule;
import io.muster.hub.api.FakeClients;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that the registry does not answer: nobody knows whether it has made them. */
class AccessChangesTest {

    private static final OptionalLong ANY = OptionalLong.empty();
    private static final List<RoleRule> EVERYTHING = rules("allow any #");
    private static final StoredPassword PASSWORD = new StoredPassword("hash", Optional.empty());

    private final DisabledAccounts disabled = new DisabledAccounts();
    private final FakeClients clients = new FakeClients();
    private final UnfinishedChanges unfinished = new UnfinishedChanges(Duration.ofHours(1));
    private String url = "";
    private RegistryDatabase database;
    private RoleRegistry roleRegistry;
    private ApplicationRegistry registry;
    private AccessChanges changes;
    private TopicPermissions held;

    private static List<RoleRule> rules(String... texts) {
        return List.of(texts).stream().map(RoleRule::parse).toList();
    }

    @BeforeEach
    void connectAnApplication(@TempDir Path folder) throws IOException {
        url = "jdbc:sqlite:" + folder.resolve("registry.db");
        database =
                RegistryDatabase.open(
                        new RegistrySettings(url, "", "", 2, Duration.ofMillis(250)),
                        SecretCipher.load(folder.resolve("key")));
        roleRegistry = new RoleRegistry(database, Clock.systemUTC());
        registry = new ApplicationRegistry(database, Clock.systemUTC());
        roleRegistry.put("r1", EVERYTHING, ANY);
        roleRegistry.put("r2", rules("allow any two/#"), ANY);
        Application billing =
                registry.create("billing", "old hash", Optional.empty(), List.of("r1"));
        ApplicationRoles roles = new ApplicationRoles(roleRegistry.all());
        held = roles.permissions(billing, "b1");
        clients.connectAs("app:billing", "b1");
        changes = new AccessChanges(roleRegistry, registry, roles, disabled, clients, unfinished);
    }

    @AfterEach
    void close() {
        changes.close();
        database.close();
    }

    /** The change is not answered as if it had been made; the registry can be asked afterwards. */
    private void assertUnanswered(ThrowingCallable change) throws SQLException {
        try (Connection blocker = DriverManager.getConnection(url)) {
            blocker.createStatement().execute("BEGIN IMMEDIATE");
            assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(change);
            unfinished.tryAll(); // in vain
        }
    }

    @Test
    void memoryFollowsARoleThatWasChangedThoughThatWasNotAnswered() throws SQLException {
        assertUnanswered(() -> changes.putRole("r1", rules("allow any one/#"), ANY));
        assertThat(held.mayPublish("two/x")).isTrue();

        roleRegistry.put("r1", rules("allow any one/#"), ANY);
        unfinished.tryAll();

        assertThat(held.mayPublish("two/x")).isFalse();
        assertThat(held.mayPublish("one/x")).isTrue();
    }

    @Test
    void memoryKeepsARoleThatWasNotChanged() throws SQLException {
        assertUnanswered(() -> changes.putRole("r1", rules("allow any one/#"), ANY));

        unfinished.tryAll();

        assertThat(held.mayPublish("two/x")).isTrue();
    }

    @Test
    void memoryFollowsARoleThatWasDeletedThoughThatWasNotAnswered() throws SQLException {
        assertUnanswered(() -> changes.deleteRole("r1", ANY));

        registry.update("billing", Optional.of(List.of("r2")), Optional.empty(), ANY);
        roleRegistry.delete("r1", ANY);
        unfinished.tryAll();

        assertThat(held.mayPublish("one/x")).as("by a role that is not there").isFalse();
    }

    @Test
    void memoryFollowsAnAccountWhoseRolesWereChangedThoughThatWasNotAnswered() throws Exception {
        assertUnanswered(() -> changes.changeRoles("billing", List.of("r2"), ANY));

        registry.update("billing", Optional.of(List.of("r2")), Optional.empty(), ANY);
        unfinished.tryAll();

        assertThat(held.mayPublish("one/x")).isFalse();
        assertThat(held.mayPublish("two/x")).isTrue();
    }

    @Test
    void clientsEndWhosePasswordWasChangedThoughThatWasNotAnswered() throws SQLException {
        assertUnanswered(() -> changes.changePassword("billing", PASSWORD, ANY));
        assertThat(clients.isConnected("b1")).isTrue();

        registry.changePassword("billing", PASSWORD.hash(), PASSWORD.scramVerifier(), ANY);
        unfinished.tryAll();

        assertThat(clients.isConnected("b1")).isFalse();
    }

    @Test
    void clientsStayWhosePasswordWasNotChanged() throws SQLException {
        assertUnanswered(() -> changes.changePassword("billing", PASSWORD, ANY));

        unfinished.tryAll();

        assertThat(clients.isConnected("b1")).isTrue();
    }

    @Test
    void sessionsEndWhoseAccountWasDeletedThoughThatWasNotAnswered() throws SQLException {
        assertUnanswered(() -> changes.delete("billing", ANY));
        assertThat(clients.forgotten()).isEmpty();

        registry.delete("billing", ANY);
        unfinished.tryAll();

        assertThat(clients.forgotten()).containsExactly("b1");
        assertThat(held.mayPublish("one/x")).isFalse();
    }

    @Test
    void whoIsDisabledStaysOutUntilThatIsWritten() throws SQLException {
        assertUnanswered(() -> changes.disable("billing", ANY));

        assertThat(clients.isConnected("b1")).isFalse();
        assertThat(disabled.contains("billing")).isTrue();
        assertThat(isDisabledInRegistry()).isFalse();

        unfinished.tryAll();

        assertThat(isDisabledInRegistry()).isTrue();
        assertThat(disabled.contains("billing")).isFalse();
    }

    @Test
    void whoIsEnabledBeforeItIsWrittenThatHeIsDisabledStaysEnabled() throws SQLException {
        assertUnanswered(() -> changes.disable("billing", ANY));

        changes.enable("billing", ANY);
        unfinished.tryAll();

        assertThat(disabled.contains("billing")).isFalse();
        assertThat(isDisabledInRegistry()).isFalse();
    }

    @Test
    void anAccountThatThereIsNotIsNotBarredForWhoeverIsCalledSoLater() throws SQLException {
        assertUnanswered(() -> changes.disable("nobody", ANY));

        unfinished.tryAll();

        assertThat(disabled.contains("nobody")).isFalse();
    }

    private boolean isDisabledInRegistry() {
        return registry.find("billing").orElseThrow().standing().isDisabled();
    }
}
