package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.SerialNumber;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrlPartitionsTest {

    private static final String BASE = "http://hub.example/crl/g1/";

    /** The expected ones are from sha256sum of the bytes 01, 00 80, and so on. */
    @ParameterizedTest
    @CsvSource({
        "01, 26, 810",
        "80, 45, 229",
        "7fffffffffffffff, 45, 493",
        "123456789abcdef0, 17, 905",
        "ffffffffffffffffffffffffffffffff, 6, 862"
    })
    void aPartitionIsTheEndOfTheHashOfTheSerialNumbersBytes(String hex, int of64, int of1000) {
        BigInteger serial = new BigInteger(hex, 16);

        assertThat(CrlPartitions.ofUserCertificates(64, BASE).of(serial)).isEqualTo(of64);
        assertThat(CrlPartitions.ofUserCertificates(1000, BASE).of(serial)).isEqualTo(of1000);
    }

    @Test
    void aSerialNumberOfOursIsInThePartitionOfItsInteger() {
        CrlPartitions partitions = CrlPartitions.ofUserCertificates(64, BASE);

        assertThat(partitions.of(SerialNumber.parse("123456789abcdef0"))).isEqualTo(17);
        assertThat(partitions.of(new SerialNumber(0x80))).isEqualTo(45);
    }

    @Test
    void eachPartitionHasAnAddressAndACompleteListOne() {
        assertThat(CrlPartitions.ofUserCertificates(64, BASE).address(17))
                .isEqualTo("http://hub.example/crl/g1/17.crl");
        CrlPartitions root = CrlPartitions.complete("http://hub.example/crl/root.crl");
        assertThat(root.address(0)).isEqualTo("http://hub.example/crl/root.crl");
        assertThat(root.count()).isEqualTo(1);
        assertThat(root.of(SerialNumber.parse("123456789abcdef0"))).isZero();
    }

    @Test
    void whatIsNoAddressOrNoNumberIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrlPartitions.ofUserCertificates(0, BASE))
                .withMessageContaining("1 to 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrlPartitions.ofUserCertificates(4097, BASE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrlPartitions.complete("/crl"))
                .withMessageContaining("no scheme");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrlPartitions.complete("http://h\u00fcb.example/crl"))
                .withMessageContaining("ASCII");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrlPartitions.ofUserCertificates(64, BASE).address(64))
                .withMessageContaining("0 to 63");
    }
}
