package io.muster.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The topics of devices behind a gateway, by the rules of their products, over sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTopicsTest {

    private static final String DENY_IN =
            "{\"topics\":[\"deny subscribe /sys/${productKey}/${deviceKey}/in\"]}";
    private static final String NO_RULES = "{\"topics\":[]}";

    private GatewaySite site;
    private MqttClient application;
    private final Set<String> changed = new HashSet<>();
    private int number;

    private DeviceId sub;
    private Secret secret;
    private DeviceId gatewayId;
    private Secret gatewaySecret;
    private Client gateway;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        site = GatewaySite.open(folder);
        application = site.hub().connectApplication("backend");
    }

    @AfterAll
    void close() throws MqttException {
        RunningHub.disconnect(application);
        site.close();
    }

    /** A gateway with a session that lasts, and its device. */
    @BeforeEach
    void connect() throws Exception {
        number++;
        sub = new DeviceId("demo", "s" + number);
        secret = site.create(sub);
        gatewayId = new DeviceId("gwp", "g" + number);
        gatewaySecret = site.create(gatewayId);
        gateway = site.connectLasting(gatewayId, gatewaySecret);
        assertThat(gateway.add(sub, secret).path("code").asInt()).isEqualTo(200);
    }

    @AfterEach
    void leave() throws MqttException {
        gateway.close();
        for (String productKey : Set.copyOf(changed)) {
            change(productKey, NO_RULES);
        }
        changed.clear();
    }

    private void change(String productKey, String settings) {
        changed.add(productKey);
        assertThat(site.hub().operator().patch("/api/v1/products/" + productKey, settings).status())
                .isEqualTo(200);
    }

    private String in() {
        return "/sys/" + sub + "/in";
    }

    private String open() {
        return "/sys/" + sub + "/open";
    }

    private void say(String topic, String text) throws MqttException {
        application.publish(topic, text.getBytes(UTF_8), 1, false);
    }

    /** What is said now waits for it. */
    private void goAway() throws MqttException {
        gateway.close();
        Awaitility.await().until(() -> site.state(gatewayId).equals("OFFLINE"));
    }

    private void comeBack() throws MqttException {
        gateway = site.connectLasting(gatewayId, gatewaySecret);
    }

    private void assertNothingMore() throws Exception {
        say("/sys/" + gatewayId + "/end", "end");
        assertThat(gateway.next()).isEqualTo("/sys/" + gatewayId + "/end end");
    }

    private void subscribe() throws MqttException {
        gateway.mqtt().subscribe("/sys/" + gatewayId + "/end", 1);
        gateway.mqtt().subscribe(in(), 1);
        gateway.mqtt().subscribe(open(), 1);
    }

    @Test
    void aLastingSessionKeepsItsSubscriptionsThoughRulesChangeWhileItsGatewayIsAway()
            throws Exception {
        subscribe();
        goAway();
        say(in(), "before");

        change("demo", "{\"topics\":[\"allow subscribe news/#\"]}");
        change("gwp", "{\"topics\":[\"allow subscribe news/#\"]}");
        say(in(), "after");

        comeBack();
        assertThat(gateway.next()).isEqualTo(in() + " before");
        assertThat(gateway.next()).isEqualTo(in() + " after");
        say(in(), "now");
        assertThat(gateway.next()).isEqualTo(in() + " now");
    }

    @Test
    void aLastingSessionLosesWhatARuleForbidsWhileItsGatewayIsAway() throws Exception {
        subscribe();
        goAway();
        say(in(), "before");

        change("demo", DENY_IN);
        change("demo", NO_RULES);
        say(in(), "after");
        say(open(), "kept");

        comeBack();
        assertThat(gateway.next()).isEqualTo(open() + " kept");
        assertNothingMore();
    }

    private static final String DENY_POST =
            "{\"topics\":[\"deny publish /sys/${productKey}/${deviceKey}/thing/measurepoint/post\"]}";

    private double counted(String method) {
        String name = "muster_device_requests_total{code=\"1009\",method=\"" + method + "\"} ";
        return site.hub()
                .operator()
                .get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    @Test
    void aGatewayIsToldWhetherADeviceIsNotSignedInOrItsProductDoesNotLetItPublish()
            throws Exception {
        double notSignedIn = counted("not.signed.in");
        double notPermitted = counted("not.permitted");
        GatewaySite.assertRefused(gateway.post(sub), 1009, "'" + sub + "' is not signed in");

        gateway.login(sub, secret);
        change("demo", DENY_POST);
        GatewaySite.assertRefused(gateway.post(sub), 1009, "the rules of product 'demo'");

        assertThat(counted("not.signed.in")).isEqualTo(notSignedIn + 1);
        assertThat(counted("not.permitted")).isEqualTo(notPermitted + 1);
    }

    @Test
    void aDeviceIsToldThatItsProductDoesNotLetItPublish() throws Exception {
        double notPermitted = counted("not.permitted");
        change("demo", DENY_POST);

        try (Client device = site.connect(sub, secret)) {
            GatewaySite.assertRefused(device.post(sub), 1009, "the rules of product 'demo'");
        }

        assertThat(counted("not.permitted")).isEqualTo(notPermitted + 1);
    }

    @Test
    void whatWaitsForADeviceThatLeavesTheTopologyIsNotSent() throws Exception {
        subscribe();
        goAway();
        say(in(), "waits");

        String member = GatewaySite.path(gatewayId) + "/subdevices/" + sub;
        assertThat(site.hub().operator().delete(member).status()).isEqualTo(204);
        say(in(), "later");

        comeBack();
        assertNothingMore();
        say(in(), "now");
        assertNothingMore();
    }

    @Test
    void whatWaitsForADeviceThatWasDeletedIsNotSent() throws Exception {
        subscribe();
        goAway();
        say(in(), "waits");

        assertThat(site.hub().operator().delete(GatewaySite.path(sub)).status()).isEqualTo(204);

        comeBack();
        assertNothingMore();
    }

    @Test
    void aDeviceOfTheTopologyIsHeardForThoughItHasNotSignedInAgain() throws Exception {
        subscribe();
        gateway.login(sub, secret);
        goAway();
        say(in(), "waits");

        comeBack();

        assertThat(gateway.next()).isEqualTo(in() + " waits");
    }

    @Test
    void theRulesOfTheDevicesProductHoldForItsGatewayToo() throws Exception {
        change(
                "demo",
                "{\"topics\":[\"deny subscribe /sys/${productKey}/${deviceKey}/in\","
                        + "\"deny publish /sys/${productKey}/${deviceKey}/out/a\"]}");
        gateway.login(sub, secret);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        application.subscribe("/sys/" + sub + "/out/+", 1, (topic, message) -> heard.add(topic));

        assertRefused(in());
        assertRefused("/sys/" + sub + "/#");
        subscribe(open());
        say(in(), "denied");
        say(open(), "allowed");
        gateway.publish("/sys/" + sub + "/out/a", "denied");
        gateway.publish("/sys/" + sub + "/out/b", "allowed");

        assertThat(gateway.next()).isEqualTo(open() + " allowed");
        assertThat(gateway.hasMore()).isFalse();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("/sys/" + sub + "/out/b");
    }

    private void subscribe(String filter) throws MqttException {
        gateway.mqtt().subscribe(filter, 1);
    }

    private void assertRefused(String filter) {
        assertThatExceptionOfType(MqttException.class).isThrownBy(() -> subscribe(filter));
    }

    @Test
    void theyHoldAtOnceWhenTheyChange() throws Exception {
        subscribe();
        say(in(), "before");
        assertThat(gateway.next()).isEqualTo(in() + " before");

        change("demo", DENY_IN);
        change("demo", NO_RULES);
        say(in(), "after");
        say(open(), "kept");

        assertThat(gateway.next()).isEqualTo(open() + " kept");
        assertNothingMore();
    }
}
