package io.muster.broker.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.metrics.Limit;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectRatesTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static ConnectRates rates(int all, int ofAddress) {
        return new ConnectRates(new RateLimits(0, 0, 0, 0, all, ofAddress, TakeOverLimits.NONE), 0);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void everybodyMayConnectWhereNothingIsLimited() {
        ConnectRates rates = rates(0, 0);
        for (int i = 0; i < 1_000; i++) {
            assertThat(rates.limiting(address("192.0.2.1"), 0)).isEmpty();
        }
        assertThat(rates.remembered()).isZero();
    }

    @Test
    void allTogetherMayConnectSoOften() {
        ConnectRates rates = rates(2, 0);
        assertThat(rates.limiting(address("192.0.2.1"), 0)).isEmpty();
        assertThat(rates.limiting(address("192.0.2.2"), 0)).isEmpty();
        assertThat(rates.limiting(address("192.0.2.3"), 0)).contains(Limit.CONNECTS);
        assertThat(rates.limiting(address("192.0.2.3"), SECOND)).isEmpty();
    }

    @Test
    void oneAddressMayConnectSoOftenAndSparesTheOthers() {
        ConnectRates rates = rates(3, 1);
        assertThat(rates.limiting(address("192.0.2.1"), 0)).isEmpty();
        for (int i = 0; i < 10; i++) {
            assertThat(rates.limiting(address("192.0.2.1"), 0)).contains(Limit.ADDRESS_CONNECTS);
        }
        assertThat(rates.limiting(address("192.0.2.2"), 0)).isEmpty();
        assertThat(rates.limiting(address("192.0.2.3"), 0)).isEmpty();
        assertThat(rates.limiting(address("192.0.2.4"), 0)).contains(Limit.CONNECTS);
    }

    @Test
    void addressesOfOneNetworkOfIpv6AreOne() {
        ConnectRates rates = rates(0, 1);
        assertThat(rates.limiting(address("2001:db8::1"), 0)).isEmpty();
        assertThat(rates.limiting(address("2001:db8::ffff:1"), 0)).isPresent();
        assertThat(rates.limiting(address("2001:db8:0:1::1"), 0)).isEmpty();
    }

    @Test
    void addressesThatCameLongAgoAreForgotten() {
        ConnectRates rates = rates(0, 1);
        for (int i = 0; i < 20_000; i++) {
            // A hundred in a second.
            String text = "10.0." + (i >> 8) + "." + (i & 0xFF);
            assertThat(rates.limiting(address(text), i * SECOND / 100)).isEmpty();
        }
        assertThat(rates.remembered()).isLessThan(2_000);
    }

    @Test
    void addressesThatCameJustNowAreNotForgotten() {
        ConnectRates rates = rates(0, 1);
        for (int i = 0; i < 5_000; i++) {
            assertThat(rates.limiting(address("10.0." + (i >> 8) + "." + (i & 0xFF)), 0)).isEmpty();
        }
        assertThat(rates.limiting(address("10.0.0.0"), 0)).isPresent();
    }
}
