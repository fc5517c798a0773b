package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.AuthenticatorLoader;
import io.muster.auth.Presented;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceSecretProviderTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000L);

    private final AuthenticatorLoader loader =
            new AuthenticatorLoader(
                    List.of(
                            new DeviceSecretProvider(
                                    new RegisteredDevices(),
                                    DeviceRegistration.NONE,
                                    DevicePermissions.OWN_TOPICS,
                                    Clock.fixed(NOW, ZoneOffset.UTC),
                                    ActivationListener.NONE)),
                    DeviceSecretProviderTest.class.getClassLoader());

    @Test
    void withoutSettingsWeakDigestsAreOffAndTheTimestampIsNotLookedAt() {
        Authenticator authenticator = create(Map.of());

        assertThat(admits(authenticator, SignMethod.SHA256, "long ago")).isTrue();
        assertThat(admits(authenticator, SignMethod.MD5, "1700000000")).isFalse();
    }

    @Test
    void theOperatorMayAllowWeakDigests() {
        assertThat(
                        admits(
                                create(Map.of("allow-weak-digests", "true")),
                                SignMethod.MD5,
                                "1700000000"))
                .isTrue();
    }

    @Test
    void theOperatorMayLimitTheSkew() {
        Authenticator authenticator = create(Map.of("max-clock-skew", "60"));

        assertThat(admits(authenticator, SignMethod.SHA256, "1700000060")).isTrue();
        assertThat(admits(authenticator, SignMethod.SHA256, "1700000061")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "allow-weak-digests, yes, true or false",
        "max-clock-skew, 0, off or 1 to 86400",
        "max-clock-skew, 86401, off or 1 to 86400",
        "max-clock-skew, 5m, off or 1 to 86400",
        "max-clok-skew, off, max-clock-skew"
    })
    void aWrongSettingNamesEntryKeyAndWhatIsAllowed(String key, String value, String allowed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(Map.of(key, value)))
                .withMessageContaining("'devices'")
                .withMessageContaining(key)
                .withMessageContaining(allowed);
    }

    private Authenticator create(Map<String, String> settings) {
        return loader.create(
                "device-secret", new AuthenticatorProvider.Settings("devices", settings));
    }

    private static boolean admits(
            Authenticator authenticator, SignMethod method, String timestamp) {
        SignedConnect connect =
                DeviceSignature.sign(
                        RegisteredDevices.DEV1, RegisteredDevices.DEVICE_SECRET, method, timestamp);
        Credentials credentials =
                Presented.by(connect.clientId(), connect.username(), connect.password());
        return Presented.answer(authenticator, credentials) instanceof AuthResult.Accept;
    }
}
