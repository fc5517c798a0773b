package io.muster.hub.api.est;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests of EST that are sent again. */
class RequestKeysTest {

    private static final DeviceId DEVICE = new DeviceId("demo", "d1");
    private static final byte[] REQUEST = {0x30, 1, 2, 3};

    private final List<Certificate> live = new ArrayList<>();

    private String at(String time, byte[] request) {
        Clock clock = Clock.fixed(Instant.parse(time), ZoneOffset.UTC);
        return new RequestKeys(device -> device.equals(DEVICE) ? live : List.of(), clock)
                .of(DEVICE, request);
    }

    /** It brought a certificate then. */
    private String issued(String time) {
        Instant at = Instant.parse(time);
        String key = at(time, REQUEST);
        live.add(
                new Certificate(
                        new Reservation(
                                new CertificateId("device-ec-g1", "0000000000000001"),
                                CertificateKind.DEVICE,
                                new Owner.Device(DEVICE),
                                Sha256.of(REQUEST),
                                new Validity(at, at.plusSeconds(3600)),
                                new IssuanceRequest("device:demo/d1", at, Optional.of(key)),
                                Optional.empty()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        return key;
    }

    @Test
    void oneThatIsSentAgainOnTheSameDayIsTheSame() {
        String first = issued("2030-01-01T10:00:00Z");

        assertThat(at("2030-01-01T23:59:59Z", REQUEST)).isEqualTo(first);
        assertThat(at("2030-01-01T10:00:01Z", new byte[] {0x30, 0})).isNotEqualTo(first);
    }

    @Test
    void oneThatIsSentAgainAfterMidnightIsTheSame() {
        String first = issued("2030-01-01T23:59:59Z");

        assertThat(at("2030-01-02T00:00:01Z", REQUEST)).isEqualTo(first);
        assertThat(at("2030-01-02T23:59:58Z", REQUEST)).isEqualTo(first);
        assertThat(at("2030-01-03T00:00:00Z", REQUEST)).isNotEqualTo(first);
        assertThat(at("2030-01-02T00:00:01Z", new byte[] {0x30, 0})).isNotEqualTo(first);
    }

    @Test
    void oneThatIsSentAgainAfterADayWantsAnother() {
        String first = issued("2030-01-01T10:00:00Z");

        assertThat(at("2030-01-02T10:00:00Z", REQUEST)).isNotEqualTo(first);
    }

    @Test
    void oneThatBroughtNothingIsOneOfItsDay() {
        String first = at("2030-01-01T23:59:59Z", REQUEST);

        assertThat(at("2030-01-02T00:00:01Z", REQUEST)).isNotEqualTo(first);
    }
}
