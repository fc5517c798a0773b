package io.muster.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.application.Application;
import io.muster.devices.product.ProductSettings;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @Test
    void namesADeviceByBothKeys() {
        assertThat(new DeviceId("pk1", "dev&1")).hasToString("pk1/dev&1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a+", "#", "ä", "a b", "a&b", "123456789012345678901"})
    void refusesABadProductKeyByName(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceId(key, "dev1"))
                .withMessageContaining("productKey '" + key + "'")
                .withMessageContaining("1 to 20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a+", "#", "ä", "a b", "$"})
    void refusesABadDeviceKeyByName(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceId("pk1", key))
                .withMessageContaining("deviceKey '" + key + "'")
                .withMessageContaining("1 to 64");
        assertThat(DeviceId.isDeviceKey("x".repeat(64))).isTrue();
        assertThat(DeviceId.isDeviceKey("x".repeat(65))).isFalse();
    }

    @Test
    void showsNoSecretAndNoHash() {
        Secret secret = Secret.generate();
        Device device =
                new Device(
                        new DeviceId("pk1", "dev1"),
                        RotatingSecret.of(secret),
                        new DeviceState(DeviceStatus.INACTIVE, 1, Instant.EPOCH),
                        Instant.EPOCH,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        Product product =
                new Product(
                        "pk1",
                        RotatingSecret.of(secret),
                        ProductSettings.named("Pump"),
                        1,
                        Instant.EPOCH);

        assertThat(secret.reveal()).matches("[A-Za-z0-9]{20}");
        assertThat(secret + " " + device + product).doesNotContain(secret.reveal());
        assertThat(
                        new Application(
                                        "app1",
                                        "the-hash",
                                        Optional.of("the-verifier"),
                                        Instant.EPOCH)
                                .toString())
                .contains("app1")
                .doesNotContain("the-hash", "the-verifier");
    }

    @Test
    void generatesADifferentSecretEachTime() {
        Set<Secret> secrets = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            secrets.add(Secret.generate());
        }
        assertThat(secrets).hasSize(1000);
    }

    @Test
    void comparesSecretsByTheirCharacters() {
        assertThat(Secret.of("dsecret1"))
                .isEqualTo(Secret.of("dsecret1"))
                .hasSameHashCodeAs(Secret.of("dsecret1"))
                .isNotEqualTo(Secret.of("dsecret2"));
        assertThatIllegalArgumentException().isThrownBy(() -> Secret.of(""));
        assertThatIllegalArgumentException().isThrownBy(() -> Secret.of("x".repeat(65)));
    }

    @Test
    void takesAChosenSecretThatEveryDeviceCanRead() {
        assertThat(Secret.chosen("12345678").reveal()).isEqualTo("12345678");
        assertThat(Secret.chosen("~ !#[]'" + "x".repeat(57)).reveal()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1234567", "1234567\"", "1234567\\", "1234567\n", "1234567\u007f"})
    void refusesAChosenSecretThatIsTooShortOrThatADeviceCannotRead(String secret) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Secret.chosen(secret))
                .withMessageStartingWith("a secret that is chosen has ");
        assertThatIllegalArgumentException().isThrownBy(() -> Secret.chosen("12345678ä"));
        assertThatIllegalArgumentException().isThrownBy(() -> Secret.chosen("x".repeat(65)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a\n", "ä"})
    void refusesABadUserName(String username) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Application.requireUsername(username))
                .withMessageContaining("1 to 64");
    }
}
