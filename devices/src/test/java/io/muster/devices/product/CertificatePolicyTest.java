package io.muster.devices.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CertificatePolicyTest {

    private static final CertificatePolicy POLICY = CertificatePolicy.AS_CONFIGURED;

    @Test
    void aNewProductNeedsNoCertificatesAndGetsThemForAllKeys() {
        assertThat(POLICY.required()).isFalse();
        assertThat(POLICY.issued()).isTrue();
        assertThat(POLICY.keyTypes()).containsExactly(KeyType.values());
    }

    @Test
    void someTypeOfKeyIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> POLICY.withKeyTypes(Set.of()))
                .withMessageContaining("at least one of [RSA_2048, ");
    }

    @Test
    void certificatesAreGoodFor1To3650Days() {
        assertThat(POLICY.withDays(Optional.of(1), Optional.of(3650)).validDaysMax())
                .contains(3650);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> POLICY.withDays(Optional.of(0), Optional.empty()))
                .withMessageContaining("validDays 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> POLICY.withDays(Optional.empty(), Optional.of(3651)))
                .withMessageContaining("validDaysMax 3651");
    }

    @Test
    void whatIsUsualIsNotMoreThanWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> POLICY.withDays(Optional.of(61), Optional.of(60)))
                .withMessageContaining("validDays 61 is more than validDaysMax 60");
    }
}
