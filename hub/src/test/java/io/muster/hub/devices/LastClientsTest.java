package io.muster.hub.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.details.LastClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LastClientsTest {

    private static LastClient from(String address, String sent) throws UnknownHostException {
        return LastClients.of(
                new ConnectedClient(
                        "pump/d1",
                        sent,
                        new Identity("test", "device:pump/d1", NoTopics.INSTANCE, Map.of()),
                        new ConnectedClient.Origin(
                                new InetSocketAddress(InetAddress.getByName(address), 40_000),
                                "mqtt"),
                        4,
                        60,
                        Instant.EPOCH));
    }

    @Test
    void tellsWhatTheSdkForJavaSaysOfItself() throws UnknownHostException {
        assertThat(
                        from(
                                "192.0.2.7",
                                "d1{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT}"
                                        + "|securemode=2,signmethod=sha256|"))
                .isEqualTo(
                        new LastClient(
                                Optional.of("192.0.2.7"),
                                4,
                                60,
                                Optional.of("enos-mqtt-2.4.0"),
                                Optional.of("10.0.0.5")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "d1",
                "d1|securemode=2,version=9|",
                "d1{ip=,version=}|a=b|",
                "d1{version=a b}",
                "{version=1",
                "version=1}",
                "|||",
                "''",
            })
    void leavesOutWhatIsNotSaid(String sent) throws UnknownHostException {
        assertThat(from("2001:db8::7", sent))
                .isEqualTo(
                        new LastClient(
                                Optional.of("2001:db8:0:0:0:0:0:7"),
                                4,
                                60,
                                Optional.empty(),
                                Optional.empty()));
    }

    @Test
    void leavesOutTheZoneOfAnAddressAndWhatIsTooLong() throws UnknownHostException {
        assertThat(from("fe80::1%1", "d{version=" + "x".repeat(65) + "}|a|"))
                .isEqualTo(
                        new LastClient(
                                Optional.of("fe80:0:0:0:0:0:0:1"),
                                4,
                                60,
                                Optional.empty(),
                                Optional.empty()));
    }
}
