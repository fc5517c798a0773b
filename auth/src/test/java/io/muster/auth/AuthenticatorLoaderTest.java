package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AuthenticatorLoaderTest {

    private static final Authenticator ABSTAINING =
            credentials -> {
                throw new AssertionError("not to be asked");
            };
    private static final AuthenticatorProvider.Settings STAFF =
            new AuthenticatorProvider.Settings("staff", Map.of("url", "x"));

    @Test
    void makesAnAuthenticatorOfABuiltInTypeFromItsSettings() {
        Authenticator made =
                loader(
                                provider(
                                        "one",
                                        settings -> {
                                            assertThat(settings).isSameAs(STAFF);
                                            return ABSTAINING;
                                        }))
                        .create("one", STAFF);

        assertThat(made).isSameAs(ABSTAINING);
    }

    @Test
    void namesEntryTypeAndWhatThereIsWhenATypeIsUnknown() {
        AuthenticatorLoader loader = loader(abstaining("two"), abstaining("one"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.create("ldap", STAFF))
                .withMessage(
                        "authenticator 'staff' has the unknown type 'ldap'; there are: one, two");
    }

    @Test
    void refusesTwoProvidersOfOneType() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader(abstaining("one"), abstaining("one")))
                .withMessageContaining("two authenticator providers have the type 'one'");
    }

    @Test
    void namesTheEntryWhoseProviderThrows() {
        AuthenticatorLoader loader =
                loader(
                        provider(
                                "one",
                                settings -> {
                                    throw new IllegalArgumentException("url is not a URL");
                                }));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.create("one", STAFF))
                .withMessage(
                        "authenticator 'staff' of type 'one' cannot be made: url is not a URL");
    }

    @Test
    void namesTheEntryWhoseProviderLacksAClass() {
        AuthenticatorLoader loader =
                loader(
                        provider(
                                "one",
                                settings -> {
                                    throw new NoClassDefFoundError("com/example/Client");
                                }));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.create("one", STAFF))
                .withMessageContaining("'staff'")
                .withMessageContaining("com/example/Client");
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void refusesAProviderThatReturnsNull() {
        AuthenticatorLoader loader = loader(provider("one", settings -> null));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.create("one", STAFF))
                .withMessageContaining("'staff'")
                .withMessageContaining("returned null");
    }

    @Test
    void refusesAProviderWithoutAProperType() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader(abstaining("My Type")))
                .withMessageContaining("'My Type'")
                .withMessageContaining("lower-case letters, digits and hyphens");
    }

    private static AuthenticatorLoader loader(AuthenticatorProvider... builtIn) {
        return new AuthenticatorLoader(
                List.of(builtIn), AuthenticatorLoaderTest.class.getClassLoader());
    }

    private static AuthenticatorProvider abstaining(String type) {
        return provider(type, settings -> ABSTAINING);
    }

    private static AuthenticatorProvider provider(
            String type, Function<AuthenticatorProvider.Settings, Authenticator> making) {
        return new AuthenticatorProvider() {
            @Override
            public String type() {
                return type;
            }

            @Override
            public Authenticator create(AuthenticatorProvider.Settings settings) {
                return making.apply(settings);
            }
        };
    }
}
