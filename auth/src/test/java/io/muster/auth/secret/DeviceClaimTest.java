package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gateway sends for a device, as that would send it. */
class DeviceClaimTest {

    @Test
    void theTextOfAGatewayIsNotReadAsAnotherPartOfAClientIdentifier() {
        DeviceSignature signature =
                new DeviceSignature(SignMethod.SHA256, "|securemode=3|", "d1", "pump", "4711");
        DeviceClaim claim =
                new DeviceClaim(new DeviceId("pump", "d1"), "2", List.of(signature), "00");

        assertThat(claim.asConnect().clientId())
                .isEqualTo("_securemode=3_|securemode=2,signmethod=sha256,timestamp=4711|");
    }
}
