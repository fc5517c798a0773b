package io.muster.hub;

import static io.muster.hub.GatewaySite.assertRefused;
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
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that gateways are told, and who is told them: nobody else, whoever listens. */
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

    @Test
    void aDeviceFetchesItsSecretThroughItsGateway() throws Exception {
        Product product = site.createProduct("dyn", true);
        DeviceId id = new DeviceId("dyn", "d1");
        Secret own = site.create(id);
        gateway.add(id, own);
        String byProduct = GatewaySite.signedByJava(id, product.secret(), "3");

        JsonNode fetched = gateway.session("combine/login", byProduct);

        assertThat(fetched.path("code").asInt()).as(fetched.toString()).isEqualTo(200);
        assertThat(fetched.path("data").path("deviceSecret").asText()).isEqualTo(own.reveal());
        assertThat(gateway.post(id).path("code").asInt()).isEqualTo(200);

        // The answer may have been lost, with the connection too.
        gateway.close();
        Awaitility.await().until(() -> site.state(id).equals("OFFLINE"));
        gateway = site.connect(gateway.id(), site.secretOf(gateway.id()));
        JsonNode again = gateway.session("combine/login", byProduct);
        assertThat(again.path("data")).isEqualTo(fetched.path("data"));
        assertThat(gateway.login(id, own).path("code").asInt()).isEqualTo(200);
        assertRefused(gateway.session("combine/login", byProduct), 1009, "activated already");
        Product closed = site.createProduct("closed", false);
        DeviceId second = new DeviceId("closed", "d1");
        gateway.add(second, site.create(second));
        assertRefused(
                gateway.session(
                        "combine/login", GatewaySite.signedByJava(second, closed.secret(), "3")),
                401,
                "");
    }

    @Test
    void whoNeedsACertificateIsNotLetInByFetchingItsSecret() throws Exception {
        Product product = site.createProduct("certified", true);
        DeviceId id = new DeviceId("certified", "d1");
        Secret own = site.create(id);
        gateway.add(id, own);
        site.hub().operator().patch("/api/v1/products/certified", "{\"certificateRequired\":true}");

        assertRefused(
                gateway.session(
                        "combine/login", GatewaySite.signedByJava(id, product.secret(), "3")),
                1009,
                "its product demands a certificate");
        assertRefused(gateway.login(id, own), 1009, "its product demands a certificate");
        DeviceId another = new DeviceId("certified", "d2");
        assertRefused(
                gateway.add(another, site.create(another)),
                1009,
                "its product demands a certificate");
        assertThat(site.state(id)).isEqualTo("INACTIVE");
    }

    @Test
    void aGatewayRegistersDevicesOfProductsThatAllowIt() throws Exception {
        site.createProduct(
                "open", settings -> settings.withEnrollment(new Enrollment(false, false, true)));
        String entry =
                "{\"productKey\":\"%s\",\"deviceKey\":\"%s\",\"deviceName\":{\"defaultValue\":\"Pump\"},\"timezone\":\"+08:00\",\"deviceAttributes\":{\"size\":[1]}}";
        String unnamed =
                "{\"productKey\":\"open\",\"deviceName\":{\"defaultValue\":\"Pump\"},\"timezone\":\"+08:00\"}";

        JsonNode reply =
                gateway.system(
                        "thing/device/register",
                        "[" + entry.formatted("open", "r1") + "," + unnamed + "]");

        assertThat(reply.path("code").asInt()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.path("data")).hasSize(2);
        JsonNode first = reply.path("data").get(0);
        assertThat(first.fieldNames())
                .toIterable()
                .containsExactly("assetId", "productKey", "deviceKey", "deviceSecret");
        assertThat(first.path("deviceKey").asText()).isEqualTo("r1");
        DeviceId id = new DeviceId("open", "r1");
        assertThat(site.hub().operator().get(GatewaySite.path(id) + "/tags").text())
                .isEqualTo("{\"timezone\":\"+08:00\"}");
        assertThat(site.hub().operator().get(GatewaySite.path(id)).json().path("name").asText())
                .isEqualTo("Pump");
        assertThat(site.hub().operator().get(GatewaySite.path(id) + "/attributes").text())
                .isEqualTo("{\"size\":[1]}");
        Secret issued = Secret.of(first.path("deviceSecret").asText());

        // Its answer may have been lost: it is told again, and the others are registered.
        String r1 = entry.formatted("open", "r1");
        JsonNode again =
                gateway.system(
                        "thing/device/register",
                        "[" + entry.formatted("open", "r2") + "," + r1 + "]");
        assertThat(again.path("data").get(0).path("deviceKey").asText()).isEqualTo("r2");
        assertThat(again.path("data").get(1)).isEqualTo(first);
        try (Client stranger = site.connectGateway("g2")) {
            assertRefused(
                    stranger.system("thing/device/register", "[" + r1 + "]"),
                    460,
                    "exists already");
        }
        assertThat(gateway.add(id, issued).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(id, issued).path("code").asInt()).isEqualTo(200);
        assertRefused(
                gateway.system("thing/device/register", "[" + r1 + "]"), 460, "exists already");
    }

    @Test
    void aRegistrationIsRefusedAsAWholeAndTellsNoSecretOfADeviceThatThereIs() throws Exception {
        site.createProduct(
                "open2", settings -> settings.withEnrollment(new Enrollment(false, false, true)));
        site.create(new DeviceId("open2", "r1"));
        String entry = "{\"productKey\":\"%s\",\"deviceKey\":\"%s\"}";

        assertRefused(
                gateway.system(
                        "thing/device/register",
                        "[%s,%s]"
                                .formatted(
                                        entry.formatted("open2", "r2"),
                                        entry.formatted("open2", "r1"))),
                460,
                "'open2/r1' exists already");
        assertRefused(
                gateway.system(
                        "thing/device/register",
                        "[%s,%s]"
                                .formatted(
                                        entry.formatted("open2", "r2"),
                                        entry.formatted("demo", "r2"))),
                1009,
                "of product 'demo'");
        assertRefused(
                gateway.system(
                        "thing/device/register", "[" + entry.formatted("open2", "r/2") + "]"),
                460,
                "params[0]: deviceKey 'r/2'");
        assertRefused(
                gateway.system(
                        "thing/device/register",
                        "[{\"productKey\":\"open2\",\"deviceKey\":\"r2\",\"deviceName\":\"\\ud800\"}]"),
                460,
                "params[0]: name holds half of a surrogate pair");
        assertThat(site.state(new DeviceId("open2", "r2"))).isEmpty();
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
