package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.Presented;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.x509.TestAuthority;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.Enrollment;
import io.muster.devices.product.SignInPolicy;
import io.muster.devices.product.TopicTemplate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a product asks of its devices when they sign in with a secret. */
class ProductSignInTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final DeviceId NEW = new DeviceId("pk1", "new");

    private final RegisteredDevices devices = new RegisteredDevices();
    private final List<DeviceId> registered = new ArrayList<>();
    private Optional<RuntimeException> registrationFailure = Optional.empty();

    private DeviceSecretAuthenticator with(DeviceSecretPolicy policy) {
        return new DeviceSecretAuthenticator(
                devices,
                this::register,
                new ProductTopics(),
                policy,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private CompletionStage<Device> register(DeviceId id) {
        registered.add(id);
        if (registrationFailure.isPresent()) {
            return CompletableFuture.failedFuture(registrationFailure.get());
        }
        devices.register(id, DeviceStatus.INACTIVE);
        return devices.find(id).thenApply(Optional::orElseThrow);
    }

    private final DeviceSecretAuthenticator authenticator = with(DeviceSecretPolicy.DEFAULT);

    private static Credentials signed(SignMethod method, Secret secret, String timestamp) {
        SignedConnect connect =
                DeviceSignature.sign(RegisteredDevices.DEV1, secret, method, timestamp);
        return Presented.by(connect.clientId(), connect.username(), connect.password());
    }

    private static Credentials at(String timestamp) {
        return signed(SignMethod.SHA256, RegisteredDevices.DEVICE_SECRET, timestamp);
    }

    private static Credentials weak() {
        return signed(SignMethod.SHA1, RegisteredDevices.DEVICE_SECRET, "1700000000000");
    }

    private static Credentials activating(DeviceId id, Secret productSecret) {
        String clientId = id.deviceKey();
        String proof =
                new DeviceSignature(
                                SignMethod.SHA256,
                                clientId,
                                id.deviceKey(),
                                id.productKey(),
                                "1700000000000")
                        .compute(productSecret);
        return Presented.by(
                clientId + "|securemode=3,signmethod=sha256,timestamp=1700000000000|",
                id.deviceKey() + "&" + id.productKey(),
                proof);
    }

    private boolean accepts(Credentials credentials) {
        return Presented.answer(authenticator, credentials) instanceof AuthResult.Accept;
    }

    private DenyReason reason(Credentials credentials) {
        return Presented.reason(Presented.answer(authenticator, credentials));
    }

    private void policy(Optional<Boolean> weak, Optional<Duration> skew, Optional<Boolean> ascend) {
        devices.giveSettings(old -> old.withSignIn(new SignInPolicy(weak, skew, ascend)));
    }

    @Test
    void aProductAllowsWeakDigestsOrForbidsThem() {
        DeviceSecretAuthenticator lenient =
                with(new DeviceSecretPolicy(true, Optional.empty(), false));
        assertThat(accepts(weak())).isFalse();
        assertThat(Presented.answer(lenient, weak())).isInstanceOf(AuthResult.Accept.class);

        policy(Optional.of(true), Optional.empty(), Optional.empty());
        assertThat(accepts(weak())).isTrue();

        policy(Optional.of(false), Optional.empty(), Optional.empty());
        assertThat(Presented.reason(Presented.answer(lenient, weak())))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void aProductLooksAtTheClockOrDoesNot() {
        String early = "1699999000000";
        DeviceSecretAuthenticator strict =
                with(new DeviceSecretPolicy(false, Optional.of(Duration.ofSeconds(5)), false));
        assertThat(Presented.answer(strict, at(early))).isInstanceOf(AuthResult.Deny.class);

        policy(Optional.empty(), Optional.of(Duration.ZERO), Optional.empty());
        assertThat(Presented.answer(strict, at(early))).isInstanceOf(AuthResult.Accept.class);

        policy(Optional.empty(), Optional.of(Duration.ofSeconds(60)), Optional.empty());
        assertThat(accepts(at("1699999950000"))).isTrue();
        assertThat(reason(at(early))).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void timestampsMustNotGoBackWhereTheProductSaysSo() {
        assertThat(accepts(at("1700000000005"))).isTrue();
        assertThat(accepts(at("1700000000000"))).as("nobody looks").isTrue();
        policy(Optional.empty(), Optional.empty(), Optional.of(true));

        assertThat(accepts(at("1700000000001.5"))).isTrue();
        assertThat(accepts(at("1700000000001.5"))).as("equal").isTrue();
        assertThat(reason(at("1700000000001.4"))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason(at("yesterday"))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(accepts(at("1700000001"))).as("seconds").isTrue();
        assertThat(reason(at("1700000000002"))).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void whoProvesNothingMovesNoTimestamp() {
        policy(Optional.empty(), Optional.empty(), Optional.of(true));
        assertThat(accepts(at("1700000000001"))).isTrue();

        assertThat(accepts(signed(SignMethod.SHA256, Secret.of("wrong"), "1800000000000")))
                .isFalse();

        assertThat(accepts(at("1700000000002"))).isTrue();
    }

    @Test
    void underANewSecretTimestampsBeginAnewAndTheOldOnesProveNothing() {
        policy(Optional.empty(), Optional.empty(), Optional.of(true));
        assertThat(accepts(at("2524608000000"))).isTrue();
        Secret next = Secret.of("dsecret2");
        devices.giveSecrets(
                RegisteredDevices.DEV1,
                new RotatingSecret(
                        next,
                        Optional.of(
                                new RotatingSecret.Previous(
                                        RegisteredDevices.DEVICE_SECRET, NOW.plusSeconds(60)))));

        assertThat(accepts(signed(SignMethod.SHA256, next, "1700000000000"))).isTrue();
        assertThat(accepts(at("1700000000000"))).as("a replay of the old").isFalse();
        assertThat(accepts(signed(SignMethod.SHA256, next, "1699999999999"))).isFalse();
    }

    @Test
    void aDeviceWithoutTheCertificateThatIsRequiredIsNotAuthorizedOnceItHasProvenItself() {
        devices.giveSettings(old -> old.withCertificateRequired(true));

        assertThat(reason(at("1700000000000"))).isEqualTo(DenyReason.NOT_AUTHORIZED);
        assertThat(reason(signed(SignMethod.SHA256, Secret.of("wrong"), "1700000000000")))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    /** It gets one by means of its secret. */
    @Test
    void whoFetchesItsSecretNeedsNoCertificateYet() {
        devices.giveSettings(old -> old.withCertificateRequired(true));

        assertThat(accepts(activating(RegisteredDevices.DEV1, RegisteredDevices.PRODUCT_SECRET)))
                .isTrue();
    }

    /** Whether it is its own is for whoever stands before. */
    @Test
    void whoShowsACertificateHasTheOneThatIsRequired() {
        devices.giveSettings(old -> old.withCertificateRequired(true));
        Credentials signed = at("1700000000000");

        assertThat(
                        accepts(
                                new Credentials(
                                        signed.clientIdentifier(),
                                        signed.username(),
                                        signed.password(),
                                        List.of(TestAuthority.root("CN=any").certificate()),
                                        signed.remoteAddress(),
                                        signed.protocolLevel(),
                                        signed.listener())))
                .isTrue();
    }

    @Test
    void anUnknownDeviceRegistersItselfWhereTheProductWantsThat() {
        Credentials credentials = activating(NEW, RegisteredDevices.PRODUCT_SECRET);
        assertThat(reason(credentials)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(registered).isEmpty();
        devices.giveSettings(old -> old.withEnrollment(new Enrollment(true, true, false)));

        assertThat(reason(activating(NEW, Secret.of("wrong"))))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(registered).isEmpty();
        assertThat(
                        Presented.identity(Presented.answer(authenticator, credentials))
                                .clientIdentifier())
                .isEqualTo("activation:pk1/new");
        assertThat(registered).containsExactly(NEW);
        assertThat(accepts(credentials)).isTrue();
        assertThat(registered).as("it is known now").hasSize(1);
    }

    @Test
    void nobodyRegistersWithoutDynamicActivationOrTheCertificateThatIsRequired() {
        Credentials credentials = activating(NEW, RegisteredDevices.PRODUCT_SECRET);
        devices.giveSettings(old -> old.withEnrollment(new Enrollment(false, true, false)));
        assertThat(reason(credentials)).isEqualTo(DenyReason.BAD_CREDENTIALS);

        devices.giveSettings(
                old ->
                        old.withEnrollment(new Enrollment(true, true, false))
                                .withCertificateRequired(true));
        assertThat(reason(credentials)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(registered).isEmpty();
    }

    @Test
    void aRegistrationThatCannotBeDoneNowIsNoWrongPassword() {
        Credentials credentials = activating(NEW, RegisteredDevices.PRODUCT_SECRET);
        devices.giveSettings(old -> old.withEnrollment(new Enrollment(true, true, false)));

        registrationFailure = Optional.of(new RegistryUnavailableException("too many"));
        assertThat(reason(credentials)).isEqualTo(DenyReason.UNAVAILABLE);

        registrationFailure = Optional.of(new NotFoundException("product is deleted"));
        assertThat(reason(credentials)).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void topicRulesKnowWhatADeviceCallsItselfWithoutItsBlock() {
        devices.giveSettings(
                old ->
                        old.withTopics(
                                new TopicTemplate(
                                        List.of(
                                                TopicTemplate.Rule.parse(
                                                        "allow any by/${clientId}/#")))));
        String clientId = "me{ip=10.0.0.5}";
        String proof =
                new DeviceSignature(SignMethod.SHA256, clientId, "dev1", "pk1", "1700000000000")
                        .compute(RegisteredDevices.DEVICE_SECRET);

        var permissions =
                Presented.identity(
                                Presented.answer(
                                        authenticator,
                                        Presented.by(
                                                clientId
                                                        + "|securemode=2,signmethod=sha256,timestamp=1700000000000|",
                                                "dev1&pk1",
                                                proof)))
                        .permissions();

        assertThat(permissions.mayPublish("by/me/x")).isTrue();
        assertThat(permissions.mayPublish("by/you/x")).isFalse();
    }
}
