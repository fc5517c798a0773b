package io.muster.broker.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.1.2.3/8, 10.9.9.9, true",
        "172.16.0.0/12, 172.16.0.1, true",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "172.16.0.0/12, 172.15.255.255, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.128/25, 192.0.2.255, true",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 203.0.113.9, false",
        "::/0, 2001:db8::1, true",
        "fc00::/7, fdff::1, true",
        "fc00::/7, fe00::1, false",
        "::1, ::1, true",
        // One host in two notations.
        "127.0.0.0/8, ::ffff:127.0.0.1, true",
    })
    void containsTheAddressesWithItsPrefix(String network, String address, boolean contained) {
        assertThat(Network.parse(network).contains(Network.address(address))).isEqualTo(contained);
    }

    @ParameterizedTest
    @CsvSource({
        "'', is no IP address",
        "localhost, is no IP address",
        "10.0.0, is no IP address",
        "10.0.0.0.0/8, is no IP address",
        "10.0.0.256, is no IP address",
        "/8, is no IP address",
        "10.0.0.0/, is no prefix length",
        "10.0.0.0/-1, is no prefix length",
        "10.0.0.0/a, is no prefix length",
        "10.0.0.0/8/8, is no prefix length",
        "10.0.0.0/33, must be 0 to 32",
        "::1/129, must be 0 to 128",
    })
    void refusesWhatIsNone(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.parse(text))
                .withMessageContaining(reason);
    }

    @Test
    void isShownAsItIsWritten() {
        assertThat(Network.parse("10.0.0.0/8")).hasToString("10.0.0.0/8");
        assertThat(Network.parse("192.0.2.1")).hasToString("192.0.2.1/32");
    }
}
