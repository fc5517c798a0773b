package io.muster.devices.registry.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.NotFoundException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ApiKeysTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final Instant LATER = NOW.plusSeconds(60);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aKeyIsFoundWithItsSecretWhichTheDatabaseDoesNotShow(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKeys keys = new ApiKeys(database, CLOCK);

            ApiKey created = keys.create("billing", Role.OPERATE, new Expiry(Optional.of(LATER)));

            assertThat(keys.find(created.id())).contains(created);
            assertThat(created.expiresAt()).contains(LATER);
            assertThat(created.toString()).doesNotContain(created.secret().reveal());
            List<String> stored =
                    database.read(
                            "look",
                            handle ->
                                    handle.createQuery("SELECT secret FROM api_key")
                                            .mapTo(String.class)
                                            .list());
            assertThat(stored).hasSize(1);
            assertThat(stored.get(0)).doesNotContain(created.secret().reveal());
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aSecretPutUnderAnotherIdentifierIsNotReadable(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKeys keys = new ApiKeys(database, CLOCK);
            ApiKey weak = keys.create("weak", Role.READ, Expiry.NEVER);
            ApiKey strong = keys.create("strong", Role.ADMIN, Expiry.NEVER);

            database.<Integer>write(
                    "forge",
                    handle ->
                            handle.createUpdate(
                                            "UPDATE api_key SET secret = (SELECT secret FROM api_key"
                                                    + " WHERE id = :weak) WHERE id = :strong")
                                    .bind("weak", weak.id())
                                    .bind("strong", strong.id())
                                    .execute());

            assertThatExceptionOfType(RuntimeException.class)
                    .isThrownBy(() -> keys.find(strong.id()))
                    .withMessageContaining("cannot be decrypted");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aChangeLeavesAloneWhatItDoesNotName(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKeys keys = new ApiKeys(database, CLOCK);
            ApiKey key = keys.create("billing", Role.READ, new Expiry(Optional.of(LATER)));

            keys.change(
                    key.id(),
                    new ApiKey.Change(
                            Optional.empty(),
                            Optional.of(Role.OPERATE),
                            Optional.of(true),
                            Optional.empty()),
                    OptionalLong.empty());
            keys.touch(key.id());

            assertThat(keys.find(key.id()))
                    .contains(
                            new ApiKey(
                                    key.id(),
                                    "billing",
                                    key.secrets(),
                                    new ApiKey.Standing(
                                            Role.OPERATE,
                                            true,
                                            Optional.of(LATER),
                                            NOW.toEpochMilli() + 1),
                                    NOW,
                                    Optional.of(NOW)));
            ApiKey lasting =
                    keys.change(
                            key.id(),
                            new ApiKey.Change(
                                    Optional.of("bills"),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.of(Expiry.NEVER)),
                            OptionalLong.empty());
            assertThat(lasting.expiresAt()).isEmpty();
            assertThat(lasting.name()).isEqualTo("bills");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keysAreListedByIdentifierAndDeletedForGood(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKeys keys = new ApiKeys(database, CLOCK);
            List<String> ids =
                    List.of("a", "b", "c").stream()
                            .map(name -> keys.create(name, Role.READ, Expiry.NEVER).id())
                            .sorted()
                            .toList();

            assertThat(keys.list("", 2)).extracting(ApiKey::id).isEqualTo(ids.subList(0, 2));
            assertThat(keys.list(ids.get(1), 2)).extracting(ApiKey::id).containsExactly(ids.get(2));
            keys.delete(ids.get(0), OptionalLong.empty());
            assertThat(keys.find(ids.get(0))).isEmpty();
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> keys.delete(ids.get(0), OptionalLong.empty()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> keys.create("", Role.READ, Expiry.NEVER))
                    .withMessageContaining("1 to 100");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aKeyIsGoodUntilItExpires(TestDatabase kind) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKey key =
                    new ApiKeys(database, CLOCK)
                            .create("k", Role.READ, new Expiry(Optional.of(LATER)));

            assertThat(key.isGoodAt(LATER.minusMillis(1))).isTrue();
            assertThat(key.isGoodAt(LATER)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anotherSecretLeavesTheOneBeforeGoodForAWhileAndNoneBeforeIt(TestDatabase kind)
            throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            ApiKeys keys = new ApiKeys(database, CLOCK);
            ApiKey first = keys.create("billing", Role.READ, Expiry.NEVER);

            keys.rotateSecret(first.id(), Duration.ofHours(1), OptionalLong.empty());
            ApiKey second = keys.find(first.id()).orElseThrow();
            ApiKey third = keys.rotateSecret(first.id(), Duration.ofHours(1), OptionalLong.empty());

            assertThat(second.goodSecrets(NOW)).containsExactly(second.secret(), first.secret());
            assertThat(second.goodSecrets(NOW.plusSeconds(3_600))).containsExactly(second.secret());
            assertThat(keys.find(first.id())).contains(third);
            assertThat(third.goodSecrets(NOW)).containsExactly(third.secret(), second.secret());
            ApiKey last = keys.rotateSecret(first.id(), Duration.ZERO, OptionalLong.empty());
            assertThat(last.goodSecrets(NOW)).containsExactly(last.secret());
            OptionalLong old = OptionalLong.of(third.standing().revision());
            assertThatExceptionOfType(RevisionConflictException.class)
                    .isThrownBy(() -> keys.rotateSecret(first.id(), Duration.ZERO, old));
            assertThatExceptionOfType(RevisionConflictException.class)
                    .isThrownBy(() -> keys.delete(first.id(), old));
        }
    }
}
