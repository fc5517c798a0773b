package io.muster.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.BrokerConfig;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import io.muster.hub.config.HubConfig;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whom {@code mqtt.denied-publish = close} closes, over sockets, and MQTT 3.1.1: not devices for
 * what the device protocol tells them, or bears with.
 */
class ClosedPublishersTest {

    private static GatewaySite site;
    private static MqttClient application;
    private static final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        site = GatewaySite.open(closing(RunningHub.config(folder)));
        application = site.hub().connectApplication("backend");
        application.subscribe("#", 1, (topic, message) -> heard.add(topic));
    }

    private static HubConfig closing(HubConfig plain) {
        BrokerConfig broker = plain.broker();
        BrokerConfig.Protocol protocol = broker.protocol();
        return new HubConfig(
                plain.dataFolder(),
                new BrokerConfig(
                        broker.listeners(),
                        broker.loops(),
                        broker.limits(),
                        new BrokerConfig.Protocol(
                                protocol.topicAliasMax(),
                                protocol.responseInformation(),
                                protocol.refusesControlCharacters(),
                                protocol.refusesDollarTopics(),
                                protocol.checksPayloadFormat(),
                                true,
                                protocol.features()),
                        broker.sessions(),
                        broker.retained(),
                        broker.rates(),
                        broker.times()),
                plain.certificates(),
                plain.authentication(),
                plain.permissions(),
                plain.devices(),
                plain.registry(),
                plain.management());
    }

    @AfterAll
    static void close() throws MqttException {
        RunningHub.disconnect(application);
        site.close();
    }

    /** Acknowledged, and given to nobody: who listens to all hears what comes after it only. */
    private static void assertDropped(Client client, String topic) throws Exception {
        heard.clear();
        client.publish(topic, "{\"id\":\"0\"}");
        assertOnlyHeard(client, "/sys/" + client.id() + "/mark");
    }

    private static void assertOnlyHeard(Client client, String mark) throws Exception {
        client.publish(mark, "mark");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(mark);
    }

    private static void assertClosed(MqttClient client, String topic) {
        assertThatExceptionOfType(MqttException.class)
                .isThrownBy(() -> client.publish(topic, "x".getBytes(UTF_8), 1, false));
    }

    @Test
    void aDeviceThatItsProductDoesNotLetPublishIsToldSoAndStays() throws Exception {
        DeviceId id = new DeviceId("quiet", "d1");
        site.createProduct(id.productKey(), false);
        Secret secret = site.create(id);
        String rule = "deny publish /sys/${productKey}/${deviceKey}/thing/measurepoint/post";
        site.hub().operator().patch("/api/v1/products/quiet", "{\"topics\":[\"" + rule + "\"]}");

        try (Client device = site.connect(id, secret)) {
            GatewaySite.assertRefused(device.post(id), 1009, "the rules of product 'quiet'");
            assertDropped(device, "/sys/" + id + "/thing/measurepoint/post");
        }
    }

    @Test
    void aDeviceStaysThatSpeaksOnTheDeviceTopicsOfAnother() throws Exception {
        DeviceId id = new DeviceId("demo", "stranger");
        try (Client device = site.connect(id, site.create(id))) {
            assertDropped(device, "/sys/demo/other/thing/measurepoint/post");
        }
    }

    @Test
    void aDeviceIsClosedForTopicsThatAreNotOfTheDeviceProtocol() throws Exception {
        DeviceId id = new DeviceId("demo", "plain");
        try (Client device = site.connect(id, site.create(id))) {
            device.publish("demo/plain/own", "x");
            assertClosed(device.mqtt(), "demo/other/own");
        }
    }

    @Test
    void aGatewayWithADisabledDeviceIsToldSoAndItsOtherDevicesStayOnline() throws Exception {
        DeviceId first = new DeviceId("demo", "sub1");
        DeviceId second = new DeviceId("demo", "sub2");
        Secret firstSecret = site.create(first);
        Secret secondSecret = site.create(second);
        try (Client gateway = site.connectGateway("g1")) {
            gateway.add(first, firstSecret);
            gateway.add(second, secondSecret);
            gateway.login(first, firstSecret);
            gateway.login(second, secondSecret);

            site.hub().operator().post(GatewaySite.path(first) + "/disable");

            GatewaySite.assertRefused(gateway.post(first), 1009, "is not signed in");
            assertThat(gateway.post(second).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(second)).isEqualTo("ONLINE");

            site.hub().operator().delete(GatewaySite.path(first));
            assertDropped(gateway, "/sys/" + first + "/thing/measurepoint/post");
            assertThat(site.state(second)).isEqualTo("ONLINE");
        }
    }

    /** Where the SDK for C answers what it is told of its devices. */
    @Test
    void aGatewayOfTheSdkForCStaysWhoseAnswersGoAstray() throws Exception {
        try (Client gateway = site.connectGateway("g2")) {
            assertDropped(gateway, "/ext/session/session/gwp/combine/disable_reply");
        }
    }

    @Test
    void aDeviceThatFetchesItsSecretStaysWhateverItPublishes() throws Exception {
        DeviceId id = new DeviceId("fresh", "d1");
        Product product = site.createProduct(id.productKey(), true);
        site.create(id);
        SignedConnect signed =
                DeviceSignature.signForActivation(
                        id, product.secret(), SignMethod.SHA256, GatewaySite.TIMESTAMP);
        try (Client activating =
                new Client(
                        id,
                        site.hub()
                                .connect(
                                        signed.clientId(), signed.username(), signed.password()))) {
            heard.clear();
            activating.publish("/sys/" + id + "/thing/measurepoint/post", "{\"id\":\"0\"}");
            activating.publish("fresh/d1/state", "x");

            assertOnlyHeard(activating, "/ext/session/" + id + "/thing/activate/info_reply");
        }
    }

    @Test
    void anApplicationIsClosed() throws Exception {
        site.hub()
                .operator()
                .put(
                        "/api/v1/roles/reader",
                        "{\"rules\":[{\"effect\":\"allow\",\"use\":\"subscribe\",\"filter\":\"plant/#\"}]}");
        site.hub()
                .operator()
                .post(
                        "/api/v1/applications",
                        "{\"username\":\"reader\",\"password\":\"reader-secret\",\"roles\":[\"reader\"]}");
        MqttClient reader = site.hub().connect("reader", "reader", "reader-secret");

        assertClosed(reader, "/sys/demo/other/thing/measurepoint/post");

        reader.close();
    }
}
