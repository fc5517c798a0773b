package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceSignatureTest {

    private static final Secret SECRET = RegisteredDevices.DEVICE_SECRET;
    private static final String STATIC_SHA256 =
            "4ba192b2286a2bea3d57b09cf4b095304fad22b46358bf8a9e0c04e7a8591458";

    /** The seven vectors of the device protocol reference, section 3.2. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    static sha256;sha256;dev1;dev1;1700000000000;dsecret1;4ba192b2286a2bea3d57b09cf4b095304fad22b46358bf8a9e0c04e7a8591458
                    static sha1;sha1;dev1;dev1;1700000000000;dsecret1;89276d8ce957b613ff6e6543ac2015948f16a79e
                    static md5;md5;dev1;dev1;1700000000000;dsecret1;6b0f1e017a499885ca689c519d860755
                    Java extra block;sha256;dev1{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT};dev1;1700000000000;dsecret1;d1ebba949445f487e6e15dbcb20cea50164e0c32e1554f184e4b2ac94aa1fc00
                    Python fraction;hmacsha256;dev1;dev1;1700000000000.1196;dsecret1;f74aaafa4ab16d002dfbc8a04fe626eb64e6a3e93338f13ee688312cbf3220b9
                    C constant;sha256;pk1.dev1;dev1;2524608000000;dsecret1;f28dd571a3c8ebf8ef6cfe5cfee87a3eb98082db07af0f11c4b3d9d9f84fa6d5
                    dynamic sha256;sha256;dev2;dev2;1700000000000;psecret1;f24bdfceb2c871765bfa3124c1ca5b399081e9d2615374f18679d30861a1ef57
                    """)
    void signsAsTheReferenceSays(
            String vector,
            String method,
            String clientId,
            String deviceKey,
            String timestamp,
            String secret,
            String digest) {
        DeviceSignature signature =
                new DeviceSignature(
                        SignMethod.find(method).orElseThrow(),
                        clientId,
                        deviceKey,
                        "pk1",
                        timestamp);

        assertThat(signature.compute(Secret.of(secret))).as(vector).isEqualTo(digest);
        assertThat(signature.matches(Secret.of(secret), bytes(digest))).isTrue();
        assertThat(signature.matches(Secret.of(secret), bytes(digest.toUpperCase(Locale.ROOT))))
                .isTrue();
    }

    @Test
    void stringsNamesAndValuesTogetherInTheOrderOfTheNames() {
        assertThat(signature(SignMethod.SHA256).content())
                .isEqualTo("clientIddev1deviceKeydev1productKeypk1timestamp1700000000000");
    }

    /** From: printf content | openssl dgst -sha256 -hmac dsecret1. */
    @Test
    void theHmacMethodKeysWithTheSecretInsteadOfDigestingIt() {
        assertThat(signature(SignMethod.HMAC_SHA256).compute(SECRET))
                .isEqualTo("515966e730a90279198358b1d3282f83172cbc37f239e6e9b4410cae09042bfc");
    }

    @Test
    void acceptsUpperCaseDigits() {
        assertThat(
                        signature(SignMethod.SHA256)
                                .matches(SECRET, bytes(STATIC_SHA256.toUpperCase(Locale.ROOT))))
                .isTrue();
    }

    @Test
    void refusesWhatIsNotTheWholeSignatureAndNothingElse() {
        DeviceSignature signature = signature(SignMethod.SHA256);
        String last = STATIC_SHA256.substring(0, 63);

        assertThat(signature.matches(SECRET, bytes(last + "9"))).isFalse();
        assertThat(signature.matches(SECRET, bytes("5" + STATIC_SHA256.substring(1)))).isFalse();
        assertThat(signature.matches(SECRET, bytes(last))).isFalse();
        assertThat(signature.matches(SECRET, bytes(STATIC_SHA256 + "0"))).isFalse();
        assertThat(signature.matches(SECRET, bytes(""))).isFalse();
        assertThat(signature.matches(Secret.of("dsecret2"), bytes(STATIC_SHA256))).isFalse();
    }

    @Test
    void signsForACommandLineWhatTheAuthenticatorReads() {
        SignedConnect connect =
                DeviceSignature.sign(
                        new DeviceId("pk1", "dev1"), SECRET, SignMethod.SHA256, "1700000000000");

        assertThat(connect.clientId())
                .isEqualTo("dev1|securemode=2,signmethod=sha256,timestamp=1700000000000|");
        assertThat(connect.username()).isEqualTo("dev1&pk1");
        assertThat(connect.password()).isEqualTo(STATIC_SHA256);
    }

    @Test
    void aSignedConnectDoesNotPrintItsPassword() {
        SignedConnect connect =
                DeviceSignature.sign(
                        new DeviceId("pk1", "dev1"), SECRET, SignMethod.SHA256, "1700000000000");

        assertThat(connect.toString()).contains("dev1&pk1").doesNotContain(STATIC_SHA256);
    }

    @ParameterizedTest
    @CsvSource({
        "sha256, SHA256",
        "hmacsha256, SHA256",
        "SHA256, SHA256",
        "HmacSha256, SHA256",
        "sha1, SHA1",
        "hmacsha1, SHA1",
        "md5, MD5",
        "hmacmd5, MD5",
        "hmac-sha256, HMAC_SHA256"
    })
    void knowsTheMethodsByTheirNamesAndAliases(String name, SignMethod method) {
        assertThat(SignMethod.find(name)).contains(method);
        assertThat(SignMethod.find(method.option())).contains(method);
    }

    @Test
    void knowsNoOtherMethodAndWhichAreWeak() {
        assertThat(SignMethod.find("sha512")).isEmpty();
        assertThat(SignMethod.find("")).isEmpty();
        assertThat(SignMethod.values())
                .filteredOn(SignMethod::isWeak)
                .containsExactly(SignMethod.SHA1, SignMethod.MD5);
    }

    private static DeviceSignature signature(SignMethod method) {
        return new DeviceSignature(method, "dev1", "dev1", "pk1", "1700000000000");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
