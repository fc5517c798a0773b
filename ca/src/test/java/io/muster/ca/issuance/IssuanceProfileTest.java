package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.Validity;
import io.muster.ca.key.KeyKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IssuanceProfileTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.9Z");

    private final IssuanceProfile device = IssuanceProfile.of(CertificateKind.DEVICE);

    @ParameterizedTest
    @EnumSource(CertificateKind.class)
    void eachKindHasAUsualProfile(CertificateKind kind) {
        IssuanceProfile profile = IssuanceProfile.of(kind);

        assertThat(profile.validity(NOW, null).life()).isEqualTo(kind.usualLife());
    }

    @Test
    void aLifeBeginsFiveMinutesAgoAndIsAsLongAsWasAskedFor() {
        Validity validity = device.validity(NOW, Duration.ofDays(30));

        assertThat(validity.notBefore()).isEqualTo(Instant.parse("2026-03-01T11:55:00Z"));
        assertThat(validity.notAfter()).isEqualTo(Instant.parse("2026-03-31T11:55:00Z"));
    }

    @Test
    void devicesLiveFromAnHourToTenYears() {
        assertThat(device.validity(NOW, Duration.ofHours(1)).life()).isEqualTo(Duration.ofHours(1));
        assertThat(device.validity(NOW, Duration.ofDays(3650)).life())
                .isEqualTo(Duration.ofDays(3650));
        assertOutOfRange(Duration.ofMinutes(59));
        assertOutOfRange(Duration.ofDays(3651));
        assertOutOfRange(Duration.ofDays(-1));
        assertOutOfRange(Duration.ofSeconds(Long.MAX_VALUE));
    }

    private void assertOutOfRange(Duration life) {
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> device.validity(NOW, life))
                .withMessageContaining("from 3600 seconds to 3650 days is allowed")
                .satisfies(e -> assertThat(e.code()).isEqualTo(RefusalCode.VALIDITY_RANGE));
    }

    @Test
    void aProfileStaysWithinItsKind() {
        assertRefused(
                () -> device.withLife(Duration.ofDays(1), Duration.ofDays(3651)),
                "longest life permitted");
        assertRefused(
                () -> device.withLife(Duration.ofDays(9), Duration.ofDays(8)), "longest life");
        assertRefused(
                () -> device.withLife(Duration.ofMinutes(9), Duration.ofDays(8)), "usual life");
        assertRefused(() -> device.withKeys(Set.of()), "keys are []");
        assertRefused(
                () ->
                        IssuanceProfile.of(CertificateKind.ROOT)
                                .withKeys(Set.of(KeyKind.RSA_2048, KeyKind.EC_P384)),
                "keys are [RSA_2048, EC_P384], not of [RSA_4096, EC_P384]");
        assertRefused(
                () ->
                        IssuanceProfile.of(CertificateKind.SERVER)
                                .withLife(Duration.ofDays(90), Duration.ofDays(399)),
                "SERVER");
        assertRefused(() -> device.withPolicy("3.1"), "object identifier");
        assertRefused(() -> device.withPolicy("1"), "object identifier");
        assertRefused(() -> device.withPolicy("1.02"), "object identifier");
    }

    private static void assertRefused(Runnable change, String message) {
        assertThatIllegalArgumentException().isThrownBy(change::run).withMessageContaining(message);
    }
}
