package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.Presented;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.security.MessageDigest;
import java.security.MessageDigestSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many digests a sign-in costs: a wrong one tells nothing by how long it takes. */
class SignatureWorkTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final String TIMESTAMP = "1700000000000";
    private static final Secret WRONG = Secret.of("wrong-one");

    private final RegisteredDevices devices = new RegisteredDevices();
    private final DeviceSecretAuthenticator authenticator =
            new DeviceSecretAuthenticator(
                    devices,
                    DeviceRegistration.NONE,
                    DevicePermissions.OWN_TOPICS,
                    DeviceSecretPolicy.DEFAULT,
                    Clock.fixed(NOW, ZoneOffset.UTC));
    private final CountingProvider digests = new CountingProvider();

    @BeforeEach
    void count() {
        Security.insertProviderAt(digests, 1);
    }

    @AfterEach
    void countNoLonger() {
        Security.removeProvider(digests.getName());
    }

    private int costOf(Credentials credentials, Class<? extends AuthResult> expected) {
        int before = digests.computed;
        AuthResult answer = Presented.answer(authenticator, credentials);
        int cost = digests.computed - before;
        assertThat(answer).isInstanceOf(expected);
        return cost;
    }

    private static Credentials credentials(SignedConnect connect) {
        return Presented.by(connect.clientId(), connect.username(), connect.password());
    }

    private static SignedConnect sign(DeviceId id, Secret secret) {
        return DeviceSignature.sign(id, secret, SignMethod.SHA256, TIMESTAMP);
    }

    private static SignedConnect signForActivation(DeviceId id, Secret secret) {
        return DeviceSignature.signForActivation(id, secret, SignMethod.SHA256, TIMESTAMP);
    }

    private static RotatingSecret replaced(Instant goodUntil) {
        return new RotatingSecret(
                Secret.of("the-newest"),
                Optional.of(
                        new RotatingSecret.Previous(RegisteredDevices.DEVICE_SECRET, goodUntil)));
    }

    /** That the count is one: a right one is accepted by the secret that is tried second. */
    @Test
    void aRightOneCostsADigestMoreIfItIsMadeWithTheSecretBefore() {
        Credentials right =
                credentials(sign(RegisteredDevices.DEV1, RegisteredDevices.DEVICE_SECRET));

        int newest = costOf(right, AuthResult.Accept.class);
        devices.giveSecrets(RegisteredDevices.DEV1, replaced(NOW.plusMillis(1)));

        assertThat(newest).isPositive();
        assertThat(costOf(right, AuthResult.Accept.class)).isEqualTo(newest + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pk1/dev1", "pk1/dev9", "pk9/dev1"})
    void aWrongSignatureCostsTwoWhetherOrNotThereIsTheDeviceOrItsProduct(String name) {
        DeviceId id = new DeviceId(name.substring(0, 3), name.substring(4));

        assertThat(costOf(credentials(sign(id, WRONG)), AuthResult.Deny.class)).isEqualTo(2);
        assertThat(costOf(credentials(signForActivation(id, WRONG)), AuthResult.Deny.class))
                .isEqualTo(2);
    }

    @Test
    void aMissingOneAndThatOfANameThatNoDeviceCanHaveCostTwoToo() {
        SignedConnect connect = sign(RegisteredDevices.DEV1, WRONG);

        for (String username : List.of("dev1&pk1", "dev9&pk1", "dev 1&p k")) {
            Credentials credentials =
                    Presented.by(connect.clientId(), Optional.of(username), Optional.empty());
            assertThat(costOf(credentials, AuthResult.Deny.class)).as(username).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void aWrongOneCostsTwoWhileASecretIsReplacedAndAfterwards(int millisLeft) {
        devices.giveSecrets(RegisteredDevices.DEV1, replaced(NOW.plusMillis(millisLeft)));

        assertThat(costOf(credentials(sign(RegisteredDevices.DEV1, WRONG)), AuthResult.Deny.class))
                .isEqualTo(2);
    }

    @Test
    void aWrongOneOfADisabledDeviceCostsTwo() {
        devices.register(RegisteredDevices.DEV1, DeviceStatus.DISABLED);

        assertThat(costOf(credentials(sign(RegisteredDevices.DEV1, WRONG)), AuthResult.Deny.class))
                .isEqualTo(2);
    }

    /** Counts the SHA-256 digests that are computed while it is the first provider. */
    private static final class CountingProvider extends Provider {

        private int computed;

        CountingProvider() {
            super("Counting", "1", "counts digests");
            putService(
                    new Service(this, "MessageDigest", "SHA-256", "Counted", List.of(), Map.of()) {
                        @Override
                        public Object newInstance(Object parameter)
                                throws NoSuchAlgorithmException {
                            return new Counted();
                        }
                    });
        }

        private final class Counted extends MessageDigestSpi {

            private final MessageDigest digest;

            Counted() throws NoSuchAlgorithmException {
                digest = MessageDigest.getInstance("SHA-256", Security.getProvider("SUN"));
            }

            @Override
            protected void engineUpdate(byte input) {
                digest.update(input);
            }

            @Override
            protected void engineUpdate(byte[] input, int offset, int length) {
                digest.update(input, offset, length);
            }

            @Override
            protected byte[] engineDigest() {
                computed++;
                return digest.digest();
            }

            @Override
            protected void engineReset() {
                digest.reset();
            }
        }
    }
}
