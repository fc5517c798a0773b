package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Application;
import io.muster.devices.RegistryUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
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
        database =
                RegistryDatabase.open(
                        kind.settings(folder), SecretCipher.load(folder.resolve("key")));
        registry = new ApplicationRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void findsAnAccountAsItWasCreated() {
        Application created = registry.create("app-1@site", "$argon2id$...");

        assertThat(created).isEqualTo(new Application("app-1@site", "$argon2id$...", NOW));
        assertThat(registry.find("app-1@site")).contains(created);
        assertThat(registry.find("APP-1@site")).isEmpty();
    }

    @Test
    void refusesASecondAccountOfTheSameName() {
        Application first = registry.create("app1", "hash1");

        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(() -> registry.create("app1", "hash2"))
                .withMessage("application 'app1' exists already");
        assertThat(registry.find("app1")).contains(first);
    }

    @Test
    void refusesABadNameAndABadHash() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("a b", "hash"))
                .withMessageContaining("username 'a b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("app1", ""))
                .withMessageContaining("passwordHash");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.create("app1", "x".repeat(1001)));
        assertThat(registry.list("", 10)).isEmpty();
    }

    @Test
    void listsAccountsPageByPage() {
        for (String username : List.of("c", "a", "B", "d")) {
            Application created = registry.create(username, "hash");
            assertThat(created.username()).isEqualTo(username);
        }

        assertThat(registry.list("", 3))
                .extracting(Application::username)
                .containsExactly("B", "a", "c");
        assertThat(registry.list("c", 3)).extracting(Application::username).containsExactly("d");
        assertThatIllegalArgumentException().isThrownBy(() -> registry.list("", 0));
    }

    @Test
    void isUnavailableWhenClosed() {
        database.close();

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> registry.find("app1"));
    }
}
