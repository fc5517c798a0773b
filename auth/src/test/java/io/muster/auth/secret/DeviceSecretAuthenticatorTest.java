package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.Presented;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceSecretAuthenticatorTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final String TIMESTAMP = "1700000000000";
    private static final DeviceSecretPolicy WEAK_ALLOWED =
            new DeviceSecretPolicy(true, Optional.empty(), false);

    private static final DeviceId DEV2 = new DeviceId("pk1", "dev2");
    private static final String ACTIVATION_PROOF =
            "f24bdfceb2c871765bfa3124c1ca5b399081e9d2615374f18679d30861a1ef57";

    private final RegisteredDevices devices = new RegisteredDevices();
    private final DeviceSecretAuthenticator authenticator = with(DeviceSecretPolicy.DEFAULT);

    @Test
    void admitsADeviceUnderTheNameOfItsSession() {
        Identity identity = Presented.identity(answer(signed()));

        assertThat(identity.principal()).isEqualTo("device:pk1/dev1");
        assertThat(identity.clientIdentifier()).isEqualTo("pk1/dev1");
        assertThat(identity.attributes())
                .isEqualTo(
                        Map.of(
                                "kind",
                                "device",
                                "productKey",
                                "pk1",
                                "deviceKey",
                                "dev1",
                                "secretMark",
                                RegisteredDevices.DEVICE_SECRET.mark()));
        assertThat(identity.permissions().mayPublish("/sys/pk1/dev1/thing/x")).isTrue();
        assertThat(identity.permissions().mayPublish("/sys/pk1/dev2/thing/x")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    dev1{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT}|securemode=2,signmethod=sha256,timestamp=1700000000000|;d1ebba949445f487e6e15dbcb20cea50164e0c32e1554f184e4b2ac94aa1fc00
                    dev1|securemode=2,signmethod=hmacsha256,timestamp=1700000000000.1196|;f74aaafa4ab16d002dfbc8a04fe626eb64e6a3e93338f13ee688312cbf3220b9
                    dev1|securemode=2,signmethod=sha256,timestamp=1700000000000|;4BA192B2286A2BEA3D57B09CF4B095304FAD22B46358BF8A9E0C04E7A8591458
                    pk1.dev1|securemode=2,signmethod=sha256,timestamp=2524608000000|;F28DD571A3C8EBF8EF6CFE5CFEE87A3EB98082DB07AF0F11C4B3D9D9F84FA6D5
                    """)
    void admitsWhatEachDeviceSdkSends(String clientIdentifier, String password) {
        assertThat(answer(Presented.by(clientIdentifier, "dev1&pk1", password)))
                .isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void admitsATrueHmac() {
        SignedConnect connect = sign(SignMethod.HMAC_SHA256, RegisteredDevices.DEVICE_SECRET);

        assertThat(answer(credentials(connect))).isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void refusesADigestWhereTheDeviceSaysHmac() {
        SignedConnect connect = sign(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET);
        String claimed = connect.clientId().replace("sha256", "hmac-sha256");

        assertThat(reason(Presented.by(claimed, connect.username(), connect.password())))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @ParameterizedTest
    @CsvSource({
        "signmethod=sha1, 89276D8CE957B613FF6E6543AC2015948F16A79E",
        "signmethod=md5, 6b0f1e017a499885ca689c519d860755",
        "ext=1, 89276d8ce957b613ff6e6543ac2015948f16a79e"
    })
    void weakDigestsAndAMissingMethodWhichMeansSha1AreForTheOperatorToAllow(
            String method, String password) {
        Credentials credentials =
                Presented.by(
                        "dev1|securemode=2," + method + ",timestamp=" + TIMESTAMP + "|",
                        "dev1&pk1",
                        password);

        assertThat(reason(credentials)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(Presented.answer(with(WEAK_ALLOWED), credentials))
                .isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void abstainsFromCredentialsOfAnotherKind() {
        assertThat(answer(Presented.by("client-1", "billing", "password")))
                .isInstanceOf(AuthResult.Abstain.class);
        assertThat(answer(Presented.nothing("client-1"))).isInstanceOf(AuthResult.Abstain.class);
        assertThat(answer(Presented.by("x".repeat(5_000), "billing", "password")))
                .isInstanceOf(AuthResult.Abstain.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev1",
                "dev1|",
                "",
                "dev1|securemode=2,signmethod=sha256|",
                "dev1|securemode=2,signmethod=sha512,timestamp=1|",
                "dev1|securemode=9,signmethod=sha256,timestamp=1|",
                "dev1{ip=10.0.0.5,compress=BROTLI}|securemode=2,signmethod=sha256,timestamp=1|",
                "dev1{ip=10.0.0.5,compress=LZO}|securemode=2,signmethod=sha256,timestamp=1|"
            })
    void refusesADeviceWhoseClientIdentifierHasNoUsableOptions(String clientIdentifier) {
        assertThat(reason(Presented.by(clientIdentifier, "dev1&pk1", "0")))
                .isEqualTo(DenyReason.BAD_CLIENT_IDENTIFIER);
    }

    @Test
    void refusesAnOverlongClientIdentifierAndAnOverlongUserName() {
        String options = "|securemode=2,signmethod=sha256,timestamp=1|";

        assertThat(reason(Presented.by("x".repeat(1_000) + options, "dev1&pk1", "0")))
                .isEqualTo(DenyReason.BAD_CLIENT_IDENTIFIER);
        assertThat(reason(Presented.by("dev1" + options, "x".repeat(300) + "&pk1", "0")))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void refusesASignedClientIdentifierWithoutTheUserNameOfADevice() {
        assertThat(reason(Presented.by(signedClientId(), "billing", "0")))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(Presented.nothing(signedClientId())))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void refusesAWrongSignatureAMissingOneAndAnUnknownDeviceAlike() {
        String password = sign(SignMethod.SHA256, Secret.of("wrong")).password();

        assertThat(reason(Presented.by(signedClientId(), "dev1&pk1", password)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(
                        reason(
                                Presented.by(
                                        signedClientId(),
                                        Optional.of("dev1&pk1"),
                                        Optional.empty())))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(Presented.by(signedClientId(), "dev9&pk1", password)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(Presented.by(signedClientId(), "dev1&pk9", password)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void admitsTheSecretBeforeForAsLongAsItIsGood() {
        Secret next = Secret.generate();
        devices.giveSecrets(
                RegisteredDevices.DEV1, replaced(RegisteredDevices.DEVICE_SECRET, next, NOW));
        assertThat(reason(signed())).isEqualTo(DenyReason.BAD_CREDENTIALS);

        devices.giveSecrets(
                RegisteredDevices.DEV1,
                replaced(RegisteredDevices.DEVICE_SECRET, next, NOW.plusMillis(1)));
        assertThat(mark(signed())).isEqualTo(RegisteredDevices.DEVICE_SECRET.mark());
        assertThat(mark(credentials(sign(SignMethod.SHA256, next)))).isEqualTo(next.mark());
        assertThat(reason(credentials(sign(SignMethod.SHA256, Secret.of("another")))))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void aProductsSecretBeforeIsGoodForAsLongToo() {
        Credentials activating = activating(RegisteredDevices.PRODUCT_SECRET);
        Secret next = Secret.generate();

        devices.giveProductSecrets(replaced(RegisteredDevices.PRODUCT_SECRET, next, NOW));
        assertThat(reason(activating)).isEqualTo(DenyReason.BAD_CREDENTIALS);

        devices.giveProductSecrets(
                replaced(RegisteredDevices.PRODUCT_SECRET, next, NOW.plusMillis(1)));
        assertThat(mark(activating)).isEqualTo(RegisteredDevices.PRODUCT_SECRET.mark());
        assertThat(mark(activating(next))).isEqualTo(next.mark());
    }

    private static RotatingSecret replaced(Secret before, Secret next, Instant goodUntil) {
        return new RotatingSecret(
                next, Optional.of(new RotatingSecret.Previous(before, goodUntil)));
    }

    private static Credentials activating(Secret productSecret) {
        return credentials(
                DeviceSignature.signForActivation(
                        RegisteredDevices.DEV1, productSecret, SignMethod.SHA256, TIMESTAMP));
    }

    private String mark(Credentials credentials) {
        return ((AuthResult.Accept) answer(credentials))
                .identity()
                .attributes()
                .getOrDefault(DeviceSecretAuthenticator.SECRET_MARK, "none");
    }

    @Test
    void refusesTheVirtualGatewayAndTheIntegrationChannel() {
        String channel = signedClientId().replace("securemode=2", "securemode=4");

        assertThat(reason(Presented.by(signedClientId(), "1&%VIRT_GATEWAY%", "0")))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(Presented.by(channel, "%channel%&pk1", "0")))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void tellsThatADeviceIsDisabledOnlyToWhoProvesToBeIt() {
        devices.register(RegisteredDevices.DEV1, DeviceStatus.DISABLED);

        assertThat(reason(signed())).isEqualTo(DenyReason.NOT_AUTHORIZED);
        assertThat(reason(credentials(sign(SignMethod.SHA256, Secret.of("wrong")))))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INACTIVE", "ONLINE", "OFFLINE"})
    void admitsADeviceInEveryOtherState(DeviceStatus status) {
        devices.register(RegisteredDevices.DEV1, status);

        assertThat(answer(signed())).isInstanceOf(AuthResult.Accept.class);
    }

    private static Credentials activating(String username, String proof) {
        return Presented.by(
                "dev2|securemode=3,signmethod=sha256,timestamp=1700000000000|", username, proof);
    }

    @Test
    void aRegisteredDeviceMayFetchItsSecretWithThatOfItsProduct() {
        devices.register(DEV2, DeviceStatus.INACTIVE);

        Identity identity = Presented.identity(answer(activating("dev2&pk1", ACTIVATION_PROOF)));

        assertThat(identity.principal()).isEqualTo("activation:pk1/dev2");
        assertThat(identity.clientIdentifier())
                .as("not the device's session")
                .isEqualTo("activation:pk1/dev2");
        assertThat(identity.attributes())
                .containsEntry("kind", DeviceSecretAuthenticator.ACTIVATING)
                .containsEntry("deviceKey", "dev2");
        TopicPermissions topics = identity.permissions();
        assertThat(topics.mayPublish("/ext/session/pk1/dev2/thing/activate/info_reply")).isTrue();
        assertThat(topics.mayPublish("/ext/session/pk1/dev1/thing/activate/info_reply")).isFalse();
        assertThat(topics.mayPublish("/sys/pk1/dev2/thing/measurepoint/post")).isFalse();
        assertThat(topics.maySubscribe("/ext/session/pk1/dev2/thing/activate/info")).isFalse();
    }

    @Test
    void whoCannotProveToBeOfTheProductLearnsNothing() {
        devices.register(DEV2, DeviceStatus.DISABLED);
        String wrong = ACTIVATION_PROOF.replace('f', 'e');

        assertThat(reason(activating("dev2&pk1", wrong))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(activating("dev2&pk9", ACTIVATION_PROOF)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void aDeviceThatIsNotRegisteredIsNotActivated() {
        assertThat(reason(activating("dev2&pk1", ACTIVATION_PROOF)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void noDeviceIsActivatedWhereTheProductHasItSwitchedOff() {
        devices.register(DEV2, DeviceStatus.INACTIVE);
        devices.switchDynamicActivationOff();

        assertThat(reason(activating("dev2&pk1", ACTIVATION_PROOF)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceStatus.class,
            names = {"INACTIVE", "ONLINE", "OFFLINE"})
    void aDeviceThatSignedInOnceIsNeverToldItsSecretAgain(DeviceStatus status) {
        devices.register(DEV2, status, Optional.of(Instant.EPOCH));

        assertThat(reason(activating("dev2&pk1", ACTIVATION_PROOF)))
                .isEqualTo(DenyReason.NOT_AUTHORIZED);
    }

    @Test
    void aDisabledDeviceIsNotActivated() {
        devices.register(DEV2, DeviceStatus.DISABLED);

        assertThat(reason(activating("dev2&pk1", ACTIVATION_PROOF)))
                .isEqualTo(DenyReason.NOT_AUTHORIZED);
    }

    @Test
    void aDeviceSecretDoesNotPassAsProductSecret() {
        String clientId = signedClientId().replace("securemode=2", "securemode=3");

        assertThat(
                        reason(
                                Presented.by(
                                        clientId,
                                        "dev1&pk1",
                                        sign(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET)
                                                .password())))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void aRegistryThatCannotBeAskedIsNotAnUnknownDevice() {
        devices.failWith(new RegistryUnavailableException("closed", new IllegalStateException()));

        assertThat(reason(signed())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(
                        reason(
                                Presented.by(
                                        signedClientId().replace("securemode=2", "securemode=3"),
                                        "dev1&pk1",
                                        "0")))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void anyOtherFailureOfTheRegistryIsLeftToTheChain() {
        devices.failWith(new IllegalStateException("bug"));
        CompletableFuture<AuthResult> stage =
                authenticator.authenticate(signed()).toCompletableFuture();

        assertThat(stage)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatAStrangerSendsCannotForgeALogLine() {
        String clientId = "d|securemode=2\nINFO x,signmethod=sha256,timestamp=1|";

        assertThat(Presented.denial(answer(Presented.by(clientId, "dev1&pk1", "0"))).detail())
                .isEqualTo("securemode is not known: 2\\u{a}INFO x");
        assertThat(
                        Presented.denial(answer(Presented.by(signedClientId(), "a\r\nb&p\tk", "0")))
                                .detail())
                .doesNotContain("\r", "\n", "\t");
    }

    @Test
    void noRefusalShowsTheSignature() {
        String password = sign(SignMethod.SHA256, Secret.of("wrong")).password();

        assertThat(answer(Presented.by(signedClientId(), "dev1&pk1", password)).toString())
                .doesNotContain(password);
    }

    @ParameterizedTest
    @CsvSource({
        "1700000000000, true",
        "1700000300000, true",
        "1699999700000.5, true",
        "1700000000, true",
        "1700000300001, false",
        "1699999699999, false",
        "2524608000000, false",
        "yesterday, false",
        "-1700000000000, false",
        "99999999999999999999, false"
    })
    void looksAtTheTimestampOnlyWhereTheOperatorWantsThat(String timestamp, boolean timely) {
        DeviceSecretPolicy policy =
                new DeviceSecretPolicy(false, Optional.of(Duration.ofMinutes(5)), false);
        Credentials credentials =
                credentials(
                        DeviceSignature.sign(
                                RegisteredDevices.DEV1,
                                RegisteredDevices.DEVICE_SECRET,
                                SignMethod.SHA256,
                                timestamp));

        assertThat(answer(credentials)).isInstanceOf(AuthResult.Accept.class);
        assertThat(Presented.answer(with(policy), credentials) instanceof AuthResult.Accept)
                .isEqualTo(timely);
    }

    @Test
    void readsTheKeysOfADeviceWithAnAmpersandInItsKey() {
        DeviceId id = new DeviceId("pk1", "a&b");
        devices.register(id, DeviceStatus.OFFLINE);
        SignedConnect connect =
                DeviceSignature.sign(
                        id, RegisteredDevices.DEVICE_SECRET, SignMethod.SHA256, TIMESTAMP);

        assertThat(Presented.identity(answer(credentials(connect))).clientIdentifier())
                .isEqualTo("pk1/a&b");
    }

    @Test
    void doesNotDependOnTheLanguageOfTheMachine() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            String upper = signedClientId().replace("signmethod", "SIGNMETHOD");
            String password = sign(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET).password();
            assertThat(answer(Presented.by(upper, "dev1&pk1", password)))
                    .isInstanceOf(AuthResult.Accept.class);
        } finally {
            Locale.setDefault(before);
        }
    }

    private DeviceSecretAuthenticator with(DeviceSecretPolicy policy) {
        return new DeviceSecretAuthenticator(
                devices,
                DeviceRegistration.NONE,
                DevicePermissions.OWN_TOPICS,
                policy,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private AuthResult answer(Credentials credentials) {
        return Presented.answer(authenticator, credentials);
    }

    private DenyReason reason(Credentials credentials) {
        return Presented.reason(answer(credentials));
    }

    private static Credentials signed() {
        return credentials(sign(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET));
    }

    private static String signedClientId() {
        return sign(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET).clientId();
    }

    private static SignedConnect sign(SignMethod method, Secret secret) {
        return DeviceSignature.sign(RegisteredDevices.DEV1, secret, method, TIMESTAMP);
    }

    private static Credentials credentials(SignedConnect connect) {
        return Presented.by(connect.clientId(), connect.username(), connect.password());
    }
}
