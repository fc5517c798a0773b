package io.muster.devices.registry.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.NotFoundException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperatorAccountsTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anAccountIsFoundAsItWasCreated(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            OperatorAccounts accounts = new OperatorAccounts(database, CLOCK);

            OperatorAccount created = accounts.create("anna", "hash", Role.OPERATE);

            assertThat(created)
                    .isEqualTo(
                            new OperatorAccount(
                                    "anna",
                                    "hash",
                                    Role.OPERATE,
                                    false,
                                    NOW.toEpochMilli(),
                                    NOW,
                                    Optional.empty()));
            assertThat(accounts.find("anna")).contains(created);
            assertThat(accounts.find("Anna")).isEmpty();
            assertThat(created.toString()).doesNotContain("hash");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aNameIsGivenOnceAndMustBeOne(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            OperatorAccounts accounts = new OperatorAccounts(database, CLOCK);
            accounts.create("anna", "hash", Role.READ);

            assertThatExceptionOfType(AlreadyExistsException.class)
                    .isThrownBy(() -> accounts.create("anna", "other", Role.ADMIN))
                    .withMessageContaining("anna");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> accounts.create("an:na", "hash", Role.READ));
            assertThat(accounts.find("anna").map(OperatorAccount::role)).contains(Role.READ);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aChangeLeavesAloneWhatItDoesNotName(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            OperatorAccounts accounts = new OperatorAccounts(database, CLOCK);
            accounts.create("anna", "hash", Role.READ);

            accounts.change(
                    "anna",
                    new OperatorAccount.Change(
                            Optional.empty(), Optional.of(Role.ADMIN), Optional.empty()),
                    OptionalLong.empty());
            accounts.change(
                    "anna",
                    new OperatorAccount.Change(
                            Optional.of("hash2"), Optional.empty(), Optional.of(true)),
                    OptionalLong.empty());
            accounts.touch("anna");

            assertThat(accounts.find("anna"))
                    .contains(
                            new OperatorAccount(
                                    "anna",
                                    "hash2",
                                    Role.ADMIN,
                                    true,
                                    NOW.toEpochMilli() + 2,
                                    NOW,
                                    Optional.of(NOW)));
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(
                            () ->
                                    accounts.change(
                                            "bert",
                                            new OperatorAccount.Change(
                                                    Optional.empty(),
                                                    Optional.empty(),
                                                    Optional.of(true)),
                                            OptionalLong.empty()));
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void accountsAreListedByNameInPagesAndDeletedForGood(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            OperatorAccounts accounts = new OperatorAccounts(database, CLOCK);
            accounts.create("b", "hash", Role.READ);
            accounts.create("a", "hash", Role.READ);
            accounts.create("c", "hash", Role.READ);

            assertThat(accounts.list("", 2))
                    .extracting(OperatorAccount::username)
                    .containsExactly("a", "b");
            assertThat(accounts.list("b", 2))
                    .extracting(OperatorAccount::username)
                    .containsExactly("c");
            accounts.delete("b", OptionalLong.empty());
            assertThat(accounts.find("b")).isEmpty();
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> accounts.delete("b", OptionalLong.empty()));
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void whatSomebodyElseChangedIsLeftAlone(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            OperatorAccounts accounts = new OperatorAccounts(database, CLOCK);
            OperatorAccount.Change toAdmin =
                    new OperatorAccount.Change(
                            Optional.empty(), Optional.of(Role.ADMIN), Optional.empty());
            OptionalLong first =
                    OptionalLong.of(accounts.create("anna", "hash", Role.READ).revision());
            accounts.change(
                    "anna",
                    new OperatorAccount.Change(
                            Optional.empty(), Optional.empty(), Optional.of(true)),
                    first);

            assertThatExceptionOfType(RevisionConflictException.class)
                    .isThrownBy(() -> accounts.change("anna", toAdmin, first));
            assertThatExceptionOfType(RevisionConflictException.class)
                    .isThrownBy(() -> accounts.delete("anna", first));
            assertThat(accounts.find("anna").map(OperatorAccount::role)).contains(Role.READ);
        }
    }
}
