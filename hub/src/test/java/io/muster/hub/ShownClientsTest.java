package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import java.io.IOException;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By which client a device signed in last, over the wire and as the management API shows it. */
class ShownClientsTest {

    private final DeviceId sub = new DeviceId("demo", "d1");
    private GatewaySite site;
    private Secret secret;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        site = GatewaySite.open(folder);
        secret = site.create(sub);
    }

    @AfterEach
    void close() {
        site.close();
    }

    /** As the SDK for Java, which tells of itself. */
    private MqttClient connectTelling(String facts) throws MqttException {
        String clientId = sub.deviceKey() + facts;
        return site.hub()
                .connect(
                        "%s|securemode=2,signmethod=sha256,timestamp=%s|"
                                .formatted(clientId, GatewaySite.TIMESTAMP),
                        sub.deviceKey() + "&" + sub.productKey(),
                        GatewaySite.sign(sub, secret, clientId, GatewaySite.TIMESTAMP));
    }

    private JsonNode shown() {
        return site.hub().operator().get(GatewaySite.path(sub)).json();
    }

    @Test
    void aDeviceIsShownWithTheClientOfItsNewestWay() throws Exception {
        Client gateway = site.connectGateway("gw1");
        assertThat(gateway.add(sub, secret).path("code").asInt()).isEqualTo(200);
        gateway.login(sub, secret);
        assertThat(shown().path("lastAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(shown().path("client").path("protocolLevel").asInt()).isEqualTo(4);
        assertThat(shown().path("client").has("software")).isFalse();

        MqttClient device = connectTelling("{ip=10.0.0.5,version=enos-mqtt-2.4.0}");
        assertThat(shown().path("client").path("software").asText()).isEqualTo("enos-mqtt-2.4.0");
        assertThat(shown().path("client").path("ownAddress").asText()).isEqualTo("10.0.0.5");
        assertThat(shown().path("client").path("keepAliveSeconds").asInt()).isPositive();

        gateway.login(sub, secret);
        Awaitility.await().until(() -> !device.isConnected());
        assertThat(shown().path("client").has("software")).isFalse();
        device.close();
        gateway.close();
    }
}
