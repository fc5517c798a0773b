package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.Secret;
import io.muster.devices.product.Enrollment;
import io.muster.hub.GatewaySite.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that gateways are told are told to nobody else, whoever listens to all topics. */
class GatewaySecretsTest {

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private GatewaySite site;
    private Client gateway;
    private MqttClient application;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException, MqttException {
        site = GatewaySite.open(folder);
        gateway = site.connectGateway("g1");
        application = site.hub().connectApplication("backend");
        application.subscribe(
                "#",
                1,
                (topic, message) -> heard.add(topic + " " + RunningHub.text(message.getPayload())));
    }

    @AfterEach
    void close() throws MqttException {
        RunningHub.disconnect(application);
        gateway.close();
        site.close();
    }

    @Test
    void theSecretsOfRegisteredDevices() throws Exception {
        site.createProduct(
                "open", settings -> settings.withEnrollment(new Enrollment(false, false, true)));

        JsonNode reply =
                gateway.system(
                        "thing/device/register",
                        "[{\"productKey\":\"open\",\"deviceKey\":\"r1\",\"deviceName\":{\"defaultValue\":\"Pump\"},\"timezone\":\"+08:00\"}]");

        assertThat(reply.path("data").get(0).path("deviceSecret").asText()).hasSize(20);
        assertThat(untilTheEnd())
                .anyMatch(message -> message.contains("thing/device/register "))
                .noneMatch(message -> message.contains("register_reply"))
                .noneMatch(message -> message.contains("deviceSecret"));
    }

    @Test
    void theSecretOfADeviceThatFetchesIt() throws Exception {
        Product product = site.createProduct("dyn", true);
        DeviceId id = new DeviceId("dyn", "d1");
        Secret own = site.create(id);
        gateway.add(id, own);

        JsonNode fetched =
                gateway.session(
                        "combine/login", GatewaySite.signedByJava(id, product.secret(), "3"));

        assertThat(fetched.path("data").path("deviceSecret").asText()).isEqualTo(own.reveal());
        assertThat(untilTheEnd())
                .anyMatch(message -> message.contains("combine/login "))
                .noneMatch(message -> message.contains("deviceSecret"))
                .noneMatch(message -> message.contains(own.reveal()));
    }

    /** What the application has heard before something that comes last. */
    private List<String> untilTheEnd() throws Exception {
        gateway.system("thing/topo/get", "{}");
        List<String> all = new ArrayList<>();
        String message = "";
        while (!message.contains("topo/get_reply")) {
            message = String.valueOf(heard.poll(10, TimeUnit.SECONDS));
            assertThat(message).isNotEqualTo("null");
            all.add(message);
        }
        return all;
    }
}
