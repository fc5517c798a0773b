package io.muster.hub.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.application.StoredPassword;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.applications.RoleRegistry;
import io.muster.devices.registry.secret.SecretCipher;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that the registry does not answer: nobody knows whether it has made them. */
class AccessChangesTest {

    private static final OptionalLong ANY = OptionalLong.empty();
    private static final Optional<List<String>> NO_ROLES = Optional.of(List.of());
    private static final List<RoleRule> EVERYTHING = rules("allow any #");
    private static final StoredPassword PASSWORD = new StoredPassword("hash", Optional.empty());

    private static final StoredPassword OTHER_PASSWORD =
            new StoredPassword("other hash", Optional.empty());

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

    private void assertBarredButUnwritten(String username) throws SQLException {
        try (Connection blocker = DriverManager.getConnection(url)) {
            blocker.createStatement().execute("BEGIN IMMEDIATE");
            assertUnwritten(changes.disable(username, ANY));
            unfinished.tryAll(); // in vain
            assertThat(blocker.isClosed()).isFalse();
        }
    }

    private static void assertUnwritten(CompletionStage<Application> disabling) {
        assertThat(disabling.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(UnwrittenBarException.class);
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
    void clientsEndWhosePasswordWasPerhapsChangedTwice() throws SQLException {
        assertUnanswered(() -> changes.changePassword("billing", PASSWORD, ANY));
        registry.changePassword("billing", PASSWORD.hash(), PASSWORD.scramVerifier(), ANY);

        assertUnanswered(() -> changes.changePassword("billing", OTHER_PASSWORD, ANY));
        unfinished.tryAll();

        assertThat(clients.isConnected("b1")).isFalse();
    }

    @Test
    void aChangeThatCannotBeFinishedKeepsUpNoOther() throws SQLException {
        AtomicInteger tried = new AtomicInteger();
        for (int i = 0; i < 50; i++) {
            var unused =
                    unfinished.add(
                            "never " + i,
                            () -> {
                                tried.incrementAndGet();
                                throw new RegistryUnavailableException("never");
                            });
        }

        unfinished.tryAll();

        assertThat(tried).hasValue(50);
    }

    @Test
    void whatCanBeNoNameIsRefusedAtOnce() {
        List<ThrowingCallable> all =
                List.of(
                        () -> changes.disable("a\0", ANY),
                        () -> changes.enable("a\0", ANY),
                        () -> changes.delete("a\0", ANY),
                        () -> changes.changeRoles("a\0", List.of(), ANY),
                        () -> changes.changePassword("a\0", PASSWORD, ANY),
                        () -> changes.deleteRole("a\0", ANY));

        assertThat(all)
                .allSatisfy(
                        change ->
                                assertThatIllegalArgumentException()
                                        .isThrownBy(change)
                                        .withMessageContaining("a\0"));
        assertThat(disabled.contains("a\0")).isFalse();
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
        assertBarredButUnwritten("billing");

        assertThat(clients.isConnected("b1")).isFalse();
        assertThat(disabled.contains("billing")).isTrue();
        assertThat(isDisabledInRegistry()).isFalse();

        unfinished.tryAll();

        assertThat(isDisabledInRegistry()).isTrue();
        assertThat(disabled.contains("billing")).isFalse();
    }

    @Test
    void aBarIsWrittenAtLastWhateverKeptItFromThat() {
        storedVerifier("'no verifier'");
        assertUnwritten(changes.disable("billing", ANY));
        unfinished.tryAll();
        unfinished.tryAll();
        assertThat(disabled.contains("billing")).isTrue();

        storedVerifier("NULL");
        unfinished.tryAll();

        assertThat(isDisabledInRegistry()).isTrue();
        assertThat(disabled.contains("billing")).isFalse();
    }

    private void storedVerifier(String sql) {
        assertThat(
                        database.<Integer>write(
                                "store a verifier",
                                handle ->
                                        handle.execute(
                                                "UPDATE application SET scram_verifier = " + sql)))
                .isEqualTo(1);
    }

    @Test
    void whoCannotBeSentAwayStaysBarredUntilHeIs() throws SQLException {
        assertBarredButUnwritten("billing");
        clients.connectAs("app:billing", "b2");
        clients.afterDisconnect(
                () -> {
                    clients.connectAs("app:billing", "b3");
                    throw new IllegalStateException("not now");
                });

        unfinished.tryAll();
        assertThat(disabled.contains("billing")).isTrue();
        assertThat(clients.isConnected("b3")).isTrue();

        unfinished.tryAll();
        assertThat(disabled.contains("billing")).isFalse();
        assertThat(clients.isConnected("b3")).isFalse();
    }

    @Test
    void anAccountIsNotSaidToBeBarredIfThatCouldNotBeWrittenLater() throws SQLException {
        for (int i = 0; i < 10_000; i++) {
            assertThat(unfinished.add("change " + i, () -> {})).isTrue();
        }
        try (Connection blocker = DriverManager.getConnection(url)) {
            blocker.createStatement().execute("BEGIN IMMEDIATE");

            assertThat(changes.disable("billing", ANY).toCompletableFuture())
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withCauseInstanceOf(RegistryUnavailableException.class)
                    .withMessageContaining("'billing' is not disabled");
        }
        assertThat(disabled.contains("billing")).isFalse();
    }

    @Test
    void whoIsEnabledBeforeItIsWrittenThatHeIsDisabledStaysEnabled() throws SQLException {
        assertBarredButUnwritten("billing");

        changes.enable("billing", ANY);
        unfinished.tryAll();

        assertThat(disabled.contains("billing")).isFalse();
        assertThat(isDisabledInRegistry()).isFalse();
    }

    @Test
    void anAccountThatThereIsNotIsNotBarredForWhoeverIsCalledSoLater() throws SQLException {
        assertBarredButUnwritten("nobody");

        unfinished.tryAll();

        assertThat(disabled.contains("nobody")).isFalse();
    }

    @Test
    void nobodyIsBarredOrSentAwayIfTheRevisionCannotBeLookedAt() {
        database.close();

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> changes.disable("billing", OptionalLong.of(1)));

        assertThat(clients.isConnected("b1")).isTrue();
        assertThat(disabled.contains("billing")).isFalse();
    }

    @Test
    void whoIsEnabledWhileSomebodyDisablesHimIsNotLetInBetween() {
        clients.afterDisconnect(
                () -> {
                    changes.enable("billing", ANY);
                    assertThat(disabled.contains("billing")).isTrue();
                });

        changes.disable("billing", ANY).toCompletableFuture().join();

        assertThat(isDisabledInRegistry()).isTrue();
        assertThat(disabled.contains("billing")).isFalse();
    }

    @Test
    void whoWasRegisteredLateIsOutWhenItIsToldThatTheBarIsUnwritten() {
        clients.afterDisconnect(
                () -> {
                    clients.connectAs("app:billing", "b2");
                    database.close();
                });

        assertUnwritten(changes.disable("billing", ANY));

        assertThat(clients.isConnected("b2")).isFalse();
        assertThat(disabled.contains("billing")).isTrue();
    }

    @Test
    void whoeverIsThereWhenTheBarIsWrittenIsOut() throws SQLException {
        assertBarredButUnwritten("billing");
        clients.connectAs("app:billing", "b2");

        unfinished.tryAll();

        assertThat(clients.isConnected("b2")).isFalse();
    }

    @Test
    void anUnwrittenBarStandsThoughAnotherDisablingIsRefused() throws SQLException {
        assertBarredButUnwritten("billing");
        long revision = registry.find("billing").orElseThrow().standing().revision();
        clients.afterDisconnect(() -> registry.update("billing", NO_ROLES, Optional.empty(), ANY));

        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(() -> changes.disable("billing", OptionalLong.of(revision)));

        assertThat(disabled.contains("billing")).isTrue();
        unfinished.tryAll();
        assertThat(isDisabledInRegistry()).isTrue();
    }

    @Test
    void aRefusedDisablingBarsNobody() {
        long revision = registry.find("billing").orElseThrow().standing().revision();
        clients.afterDisconnect(() -> registry.update("billing", NO_ROLES, Optional.empty(), ANY));

        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(() -> changes.disable("billing", OptionalLong.of(revision)));

        assertThat(disabled.contains("billing")).isFalse();
        assertThat(isDisabledInRegistry()).isFalse();
    }

    @Test
    void theBarOfADeletedAccountIsNotForWhoeverIsCalledSoLater() throws SQLException {
        assertBarredButUnwritten("billing");

        changes.delete("billing", ANY);
        registry.create("billing", "new hash", Optional.empty());
        unfinished.tryAll();

        assertThat(disabled.contains("billing")).isFalse();
        assertThat(isDisabledInRegistry()).isFalse();
    }

    private boolean isDisabledInRegistry() {
        return registry.find("billing").orElseThrow().standing().isDisabled();
    }
}
