package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.Presented;
import io.muster.auth.secret.ActivationListener.Refusal;
import io.muster.auth.spi.AuthResult;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.product.SignInPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each device that may not fetch its secret is counted under the reason. */
class ActivationRefusalsTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000L);

    private final RegisteredDevices devices = new RegisteredDevices();
    private final List<Refusal> refusals = new ArrayList<>();
    private final DeviceSecretAuthenticator authenticator =
            new DeviceSecretAuthenticator(
                    devices,
                    DeviceRegistration.NONE,
                    DevicePermissions.OWN_TOPICS,
                    new DeviceSecretPolicy(false, Optional.empty(), false),
                    Clock.fixed(NOW, ZoneOffset.UTC),
                    new ActivationListener() {
                        @Override
                        public void happened(Event event) {}

                        @Override
                        public void refused(Refusal reason) {
                            refusals.add(reason);
                        }
                    });

    private AuthResult activate(String productKey, String deviceKey, Secret secret) {
        return activate(productKey, deviceKey, secret, NOW);
    }

    private AuthResult activate(
            String productKey, String deviceKey, Secret secret, Instant timestamp) {
        SignedConnect signed =
                DeviceSignature.signForActivation(
                        new DeviceId(productKey, deviceKey),
                        secret,
                        SignMethod.SHA256,
                        String.valueOf(timestamp.toEpochMilli()));
        return Presented.answer(
                authenticator,
                Presented.by(signed.clientId(), signed.username(), signed.password()));
    }

    private AuthResult activate(String deviceKey) {
        return activate("pk1", deviceKey, RegisteredDevices.PRODUCT_SECRET);
    }

    @Test
    void whoMayFetchItIsNotCounted() {
        assertThat(activate("dev1")).isInstanceOf(AuthResult.Accept.class);
        assertThat(refusals).isEmpty();
    }

    @Test
    void eachReasonIsToldApart() {
        devices.register(new DeviceId("pk1", "barred"), DeviceStatus.DISABLED);
        devices.register(new DeviceId("pk1", "old"), DeviceStatus.OFFLINE, Optional.of(NOW));

        activate("pk1", "dev1", Secret.of("wrong"));
        activate("pk9", "dev1", RegisteredDevices.PRODUCT_SECRET);
        activate("nobody");
        activate("barred");
        activate("old");
        devices.switchDynamicActivationOff();
        activate("dev1");
        devices.failWith(new RegistryUnavailableException("closed", new IllegalStateException()));
        activate("dev1");

        assertThat(refusals)
                .containsExactly(
                        Refusal.WRONG_SIGNATURE,
                        Refusal.WRONG_SIGNATURE,
                        Refusal.UNKNOWN_DEVICE,
                        Refusal.DISABLED,
                        Refusal.ACTIVATED,
                        Refusal.SWITCHED_OFF,
                        Refusal.UNAVAILABLE);
    }

    @Test
    void whoDoesNotSignInAsItsProductWantsIsCountedAsThat() {
        devices.register(new DeviceId("pk1", "barred"), DeviceStatus.DISABLED);
        devices.giveSettings(settings -> settings.withCertificateRequired(true));
        activate("dev1");
        activate("barred");
        devices.giveSettings(settings -> settings.withCertificateRequired(false));
        devices.giveSettings(
                settings ->
                        settings.withSignIn(
                                new SignInPolicy(
                                        Optional.empty(),
                                        Optional.of(Duration.ofSeconds(5)),
                                        Optional.empty())));
        activate("pk1", "dev1", RegisteredDevices.PRODUCT_SECRET, NOW.minusSeconds(6));

        assertThat(refusals).containsExactly(Refusal.DISABLED, Refusal.POLICY);
    }

    @Test
    void aWrongStaticSignInIsNone() {
        Presented.answer(authenticator, Presented.by("d|securemode=2,timestamp=1|", "d&pk1", "0"));

        assertThat(refusals).isEmpty();
    }
}
