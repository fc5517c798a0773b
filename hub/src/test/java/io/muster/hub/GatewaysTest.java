package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.Secret;
import io.muster.devices.product.Enrollment;
import io.muster.hub.GatewaySite.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
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

/** Gateways and the devices that they speak for, over sockets, as the SDKs go about it. */
class GatewaysTest {

    private static final DeviceId SUB = new DeviceId("demo", "s1");
    private static final DeviceId OTHER = new DeviceId("demo", "s2");

    private GatewaySite site;
    private Client gateway;
    private Secret secret;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException, MqttException {
        site = GatewaySite.open(folder);
        gateway = site.connectGateway("g1");
        secret = site.create(SUB);
    }

    @AfterEach
    void close() throws MqttException {
        gateway.close();
        site.close();
    }

    private void signIn() throws Exception {
        assertThat(gateway.add(SUB, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(SUB, secret).path("code").asInt()).isEqualTo(200);
    }

    private void awaitState(String state) {
        Awaitility.await().until(() -> site.state(SUB).equals(state));
    }

    private static void assertRefused(JsonNode reply, int code, String message) {
        assertThat(reply.path("code").asInt()).as(reply.toString()).isEqualTo(code);
        assertThat(reply.path("message").asText()).contains(message);
        assertThat(reply.path("data").asText()).isEmpty();
    }

    @Test
    void aDeviceReportsThroughItsGatewayAndIsOnlineMeanwhile() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        MqttClient application = site.hub().connectApplication("backend");
        application.subscribe(
                "$muster/devices/demo/s1/measurepoints",
                1,
                (topic, message) -> told.add(RunningHub.text(message.getPayload())));

        assertThat(gateway.add(SUB, secret).path("code").asInt()).isEqualTo(200);
        assertThat(site.state(SUB)).isEqualTo("INACTIVE");
        JsonNode login = gateway.login(SUB, secret);

        assertThat(login.path("code").asInt()).as(login.toString()).isEqualTo(200);
        assertThat(login.path("data").path("productKey").asText()).isEqualTo("demo");
        assertThat(login.path("data").path("deviceKey").asText()).isEqualTo("s1");
        assertThat(login.path("data").path("assetId").asText()).hasSize(12);
        assertThat(login.path("data").has("deviceSecret")).isFalse();
        assertThat(site.state(SUB)).isEqualTo("ONLINE");
        assertThat(gateway.post(SUB).path("code").asInt()).isEqualTo(200);
        assertThat(String.valueOf(told.poll(10, TimeUnit.SECONDS)))
                .contains("\"deviceKey\":\"s1\"", "\"data\":{\"temp\":21.5}");

        JsonNode logout = gateway.logout(SUB);

        assertThat(logout.path("code").asInt()).isEqualTo(200);
        assertThat(logout.path("data").path("deviceKey").asText()).isEqualTo("s1");
        assertThat(site.state(SUB)).isEqualTo("OFFLINE");
        assertRefused(gateway.post(SUB), 1009, "demo/s1' is not signed in");
        RunningHub.disconnect(application);
    }

    @Test
    void eachSdkSignsInItsOwnWay() throws Exception {
        String own = "/sys/" + SUB + "/thing/tag/query_reply";
        assertThat(
                        gateway.system(
                                        "thing/topo/add",
                                        "["
                                                + GatewaySite.signedByC(SUB, secret, "signmethod")
                                                + "]")
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        gateway.mqtt().subscribe(own, 0); // the C SDK does so before the login
        JsonNode login =
                gateway.session("combine/login", GatewaySite.signedByC(SUB, secret, "signMethod"));
        assertThat(login.path("code").asInt()).as(login.toString()).isEqualTo(200);
        assertThat(
                        gateway.askUnsubscribed(
                                        "/sys/" + SUB + "/", "thing/tag/query", "{\"tags\":[]}")
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        assertThat(gateway.logout(SUB).path("code").asInt()).isEqualTo(200);

        assertThat(
                        gateway.session("combine/login", GatewaySite.signedByNode(SUB, secret))
                                .path("code")
                                .asInt())
                .isEqualTo(200);

        // The documentation has cleanSession signed too.
        String content = "cleanSessiontrueclientIdxdeviceKeys1productKeydemotimestamp1";
        String sign = sha256(content + secret.reveal());
        assertThat(
                        gateway.session(
                                        "combine/login",
                                        "{\"productKey\":\"demo\",\"deviceKey\":\"s1\",\"clientId\":\"x\",\"timestamp\":\"1\",\"signMethod\":\"sha256\",\"cleanSession\":\"true\",\"sign\":\""
                                                + sign
                                                + "\"}")
                                .path("code")
                                .asInt())
                .isEqualTo(200);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void manySignInTogetherEachForItself() throws Exception {
        Secret other = site.create(OTHER);
        assertThat(
                        gateway.system(
                                        "thing/topo/add",
                                        "[%s,%s]"
                                                .formatted(
                                                        GatewaySite.signedByJava(SUB, secret, ""),
                                                        GatewaySite.signedByNode(OTHER, other)))
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        String batch =
                "{\"clientId\":\"c\",\"timestamp\":\"7\",\"signMethod\":\"sha256\",\"subDevices\":[%s,%s]}";
        String entry =
                "{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"secureMode\":\"2\",\"sign\":\"%s\"}";
        String right = entry.formatted("s1", GatewaySite.sign(SUB, secret, "c", "7"));

        JsonNode reply =
                gateway.session(
                        "combine/login/batch", batch.formatted(right, entry.formatted("s2", "00")));

        assertThat(reply.path("code").asInt()).isEqualTo(401);
        JsonNode signedIn = reply.path("data").path("loginedSubDevices");
        assertThat(signedIn).hasSize(1);
        assertThat(signedIn.get(0).path("productKey").asText()).isEqualTo("demo");
        assertThat(signedIn.get(0).path("deviceKey").asText()).isEqualTo("s1");
        assertThat(signedIn.get(0).path("assetId").asText()).isNotEmpty();
        JsonNode failed = reply.path("data").path("failedSubDevices");
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0).path("deviceKey").asText()).isEqualTo("s2");
        assertThat(failed.get(0).path("code").asInt()).isEqualTo(401);
        assertThat(site.state(OTHER)).isEqualTo("INACTIVE");

        JsonNode all =
                gateway.session(
                        "combine/login/batch",
                        batch.formatted(
                                right,
                                entry.formatted("s2", GatewaySite.sign(OTHER, other, "c", "7"))));
        assertThat(all.path("code").asInt()).as(all.toString()).isEqualTo(200);
        assertThat(all.path("data").path("failedSubDevices")).isEmpty();
        assertThat(site.state(OTHER)).isEqualTo("ONLINE");
    }

    @Test
    void loginNeedsTheTopologyAndTheTopologyNeedsTheSecret() throws Exception {
        assertRefused(gateway.login(SUB, secret), 1009, "not in the topology");
        assertRefused(gateway.add(SUB, Secret.of("wrong")), 401, "params[0]");
        assertRefused(gateway.add(new DeviceId("demo", "nobody"), secret), 401, "params[0]");
        Secret other = site.create(OTHER);
        assertRefused(
                gateway.system(
                        "thing/topo/add",
                        "[%s,%s]"
                                .formatted(
                                        GatewaySite.signedByJava(SUB, secret, ""),
                                        GatewaySite.signedByJava(OTHER, secret, ""))),
                401,
                "params[1]");
        assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();

        gateway.add(SUB, secret);
        gateway.add(OTHER, other);

        assertThat(gateway.system("thing/topo/get", "{}").path("data").toString())
                .isEqualTo("[%s,%s]".formatted(GatewaySite.named(SUB), GatewaySite.named(OTHER)));
        assertRefused(gateway.login(SUB, other), 401, "signature is wrong");
        assertRefused(
                gateway.session("combine/login", GatewaySite.signedByJava(SUB, secret, "4")),
                401,
                "");
        assertRefused(gateway.session("combine/login", "{}"), 460, "params.productKey");
        assertRefused(gateway.system("thing/topo/add", "[]"), 460, "1 to 1000");
    }

    @Test
    void onlyGatewaysMaySpeakForOthersAndOnlyForDevices() throws Exception {
        try (Client device = site.connect(OTHER, site.create(OTHER))) {
            assertRefused(device.add(SUB, secret), 1009, "'demo' is not one of gateways");
            assertRefused(device.login(SUB, secret), 1009, "'demo' is not one of gateways");
        }
        DeviceId second = new DeviceId("gwp", "g2");
        assertRefused(gateway.add(second, site.create(second)), 1009, "is a gateway itself");
    }

    @Test
    void aDeviceMovesToTheGatewayThatProvesItLast() throws Exception {
        signIn();
        gateway.mqtt().subscribe("/sys/demo/s1/thing/tag/query_reply", 1);
        try (Client second = site.connectGateway("g2")) {
            assertThat(second.add(SUB, secret).path("code").asInt()).isEqualTo(200);

            awaitState("OFFLINE");
            assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();
            assertThat(second.login(SUB, secret).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(SUB)).isEqualTo("ONLINE");
            assertRefused(gateway.login(SUB, secret), 1009, "not in the topology");
            assertThat(second.askFor(SUB, "thing/tag/query", "{\"tags\":[]}").path("code").asInt())
                    .isEqualTo(200);
            assertThat(gateway.hasMore()).isFalse(); // its subscription has ended
        }
    }

    @Test
    void deletingFromTheTopologyEndsTheLoginAndTheSubscriptions() throws Exception {
        signIn();
        gateway.post(SUB);

        JsonNode deleted = gateway.system("thing/topo/delete", "[" + GatewaySite.named(SUB) + "]");

        assertThat(deleted.path("code").asInt()).isEqualTo(200);
        assertThat(site.state(SUB)).isEqualTo("OFFLINE");
        gateway.publish("/sys/demo/s1/thing/tag/query", "{}");
        assertRefused(gateway.login(SUB, secret), 1009, "not in the topology");
        assertThat(gateway.hasMore()).isFalse();
    }

    @Test
    void allEndWithTheGatewaysConnection() throws Exception {
        signIn();

        gateway.mqtt().disconnect();

        awaitState("OFFLINE");
        Client again = site.connect(gateway.id(), secretOf(gateway.id()));
        assertRefused(again.post(SUB), 1009, "is not signed in");
        assertThat(again.login(SUB, secret).path("code").asInt()).isEqualTo(200);
        try (Client taken = site.connect(gateway.id(), secretOf(gateway.id()))) {
            awaitState("OFFLINE"); // the new connection begins without logins
            assertThat(taken.login(SUB, secret).path("code").asInt()).isEqualTo(200);
            site.hub().operator().post(GatewaySite.path(gateway.id()) + "/disable");
            awaitState("OFFLINE");
        }
        again.close();
    }

    private Secret secretOf(DeviceId id) {
        return Secret.of(
                site.hub()
                        .operator()
                        .get(GatewaySite.path(id) + "/secret")
                        .json()
                        .path("deviceSecret")
                        .asText());
    }

    @Test
    void operatorsDisableEnableAndDeleteAndTheGatewayIsTold() throws Exception {
        signIn();

        site.hub().operator().post(GatewaySite.path(SUB) + "/disable");

        assertThat(gateway.next())
                .matches(
                        "/ext/session/gwp/g1/combine/disable "
                                + "\\{\"id\":\"1[0-9]{9}\",\"version\":\"1.0\","
                                + "\"method\":\"combine.disable\",\"params\":"
                                + "\\[\\{\"productKey\":\"demo\",\"deviceKey\":\"s1\"}]}");
        assertThat(site.state(SUB)).isEqualTo("DISABLED");
        assertRefused(gateway.post(SUB), 1009, "is not signed in");
        assertRefused(gateway.login(SUB, secret), 1009, "disabled");

        site.hub().operator().post(GatewaySite.path(SUB) + "/enable");

        assertThat(gateway.next()).startsWith("/ext/session/gwp/g1/combine/enable {");
        assertThat(site.state(SUB)).isEqualTo("OFFLINE");
        assertThat(gateway.login(SUB, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.post(SUB).path("code").asInt()).isEqualTo(200);

        site.hub().operator().delete(GatewaySite.path(SUB));

        assertThat(gateway.next()).startsWith("/ext/session/gwp/g1/combine/delete {");
        assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertRefused(
                                        gateway.login(SUB, secret), 1009, "not in the topology"));
    }

    @Test
    void aDeviceBehindAGatewayIsCommanded() throws Exception {
        signIn();
        Thread answering =
                new Thread(
                        () -> {
                            try {
                                String command = gateway.next();
                                String id = command.replaceAll(".*\"id\":\"([0-9]+)\".*", "$1");
                                gateway.publish(
                                        "/sys/demo/s1/thing/service/reboot_reply",
                                        "{\"id\":\"%s\",\"code\":200,\"data\":{\"in\":5}}"
                                                .formatted(id));
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        answering.start();

        HttpCaller.Answer answer =
                site.hub()
                        .operator()
                        .post(
                                GatewaySite.path(SUB) + "/commands",
                                "{\"method\":\"thing.service.reboot\",\"params\":{}}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("data").path("in").asInt()).isEqualTo(5);
        answering.join();
        gateway.logout(SUB);
        HttpCaller.Answer offline =
                site.hub()
                        .operator()
                        .post(
                                GatewaySite.path(SUB) + "/commands",
                                "{\"method\":\"thing.service.reboot\",\"params\":{}}");
        assertThat(offline.text()).contains("is not connected");
    }

    @Test
    void aBatchOfAGatewayIsAboutTheDevicesThatItSpeaksFor() throws Exception {
        signIn();
        Secret other = site.create(OTHER);
        gateway.add(OTHER, other);
        String entry = "{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"measurepoints\":{\"t\":1}}";
        String both = "[" + entry.formatted("s1") + "," + entry.formatted("s2") + "]";
        gateway.mqtt().subscribe("/sys/gwp/g1/thing/measurepoint/post/batch_reply", 1);
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        MqttClient application = site.hub().connectApplication("backend");
        application.subscribe(
                "$muster/devices/+/+/measurepoints", 1, (topic, message) -> told.add(topic));

        assertRefused(gateway.system("thing/measurepoint/post/batch", both), 1009, "params[1]");
        gateway.publish(
                "/sys/gwp/g1/thing/measurepoint/post/batch",
                "{\"id\":\"7\",\"method\":\"thing.measurepoint.post.batch\",\"allowOfflineSubDevice\":true,\"params\":"
                        + both
                        + "}");

        assertThat(List.of(take(told), take(told)))
                .containsExactly(
                        "$muster/devices/demo/s1/measurepoints",
                        "$muster/devices/demo/s2/measurepoints");
        assertThat(told).isEmpty();
        RunningHub.disconnect(application);
    }

    private static String take(BlockingQueue<String> from) throws InterruptedException {
        return String.valueOf(from.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void theNewestWayOfADeviceCountsWhicheverItIs() throws Exception {
        signIn();
        gateway.post(SUB);

        try (Client device = site.connect(SUB, secret)) {
            assertThat(site.state(SUB)).isEqualTo("ONLINE");
            assertRefused(gateway.post(SUB), 1009, "is not signed in");
            assertThat(device.system("thing/tag/query", "{\"tags\":[]}").path("code").asInt())
                    .isEqualTo(200);

            assertThat(gateway.login(SUB, secret).path("code").asInt()).isEqualTo(200);

            Awaitility.await().until(() -> !device.mqtt().isConnected());
            assertThat(gateway.post(SUB).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(SUB)).isEqualTo("ONLINE");
        }
        Client device = site.connect(SUB, secret);
        gateway.mqtt().disconnect();
        Awaitility.await().until(() -> site.state(gateway.id()).equals("OFFLINE"));
        assertThat(site.state(SUB)).isEqualTo("ONLINE");
        device.close();
        awaitState("OFFLINE");
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
    void whoGuessesThroughAGatewayIsBarred() throws Exception {
        gateway.add(SUB, secret);
        for (int i = 0; i < 5; i++) {
            assertRefused(gateway.login(SUB, Secret.of("guess" + i)), 401, "");
        }

        assertRefused(gateway.login(SUB, Secret.of("guess")), 429, "try again later");
        assertRefused(gateway.login(SUB, secret), 429, "try again later");
        assertRefused(gateway.add(SUB, secret), 429, "try again later");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> gateway.login(SUB, secret).path("code").asInt() == 200);
    }

    @Test
    void aSecretThatWasReplacedIsGoodForAsLongAsItsOverlap() throws Exception {
        gateway.add(SUB, secret);
        site.hub().operator().post(GatewaySite.path(SUB) + "/secret", "{\"overlapSeconds\":600}");
        Secret second = secretOf(SUB);
        assertThat(gateway.login(SUB, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(SUB, second).path("code").asInt()).isEqualTo(200);
        site.hub().operator().post(GatewaySite.path(SUB) + "/secret", "{\"overlapSeconds\":0}");

        assertRefused(gateway.login(SUB, second), 401, "signature is wrong");
        assertRefused(gateway.post(SUB), 1009, "is not signed in");
    }

    @Test
    void nobodyElseIsHeardForADeviceAndAGatewayOnlyOnTheDevicesTopics() throws Exception {
        signIn();
        try (Client stranger = site.connectGateway("g2")) {
            stranger.publish("/sys/demo/s1/thing/measurepoint/post", "{}");
            stranger.publish("/ext/session/gwp/g1/combine/logout", GatewaySite.named(SUB));
            gateway.publish("demo/s1/free", "x");
            assertThat(site.state(SUB)).isEqualTo("ONLINE");
            assertThat(gateway.post(SUB).path("code").asInt()).isEqualTo(200);
            assertThat(stranger.hasMore()).isFalse();
        }
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
        assertThat(gateway.add(id, issued).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(id, issued).path("code").asInt()).isEqualTo(200);
    }

    @Test
    void aRegistrationIsRefusedAsAWholeAndTellsNoSecretOfADeviceThatThereIs() throws Exception {
        site.createProduct(
                "open", settings -> settings.withEnrollment(new Enrollment(false, false, true)));
        site.create(new DeviceId("open", "r1"));
        String entry = "{\"productKey\":\"%s\",\"deviceKey\":\"%s\"}";

        assertRefused(
                gateway.system(
                        "thing/device/register",
                        "[%s,%s]"
                                .formatted(
                                        entry.formatted("open", "r2"),
                                        entry.formatted("open", "r1"))),
                460,
                "'open/r1' exists already");
        assertRefused(
                gateway.system(
                        "thing/device/register",
                        "[%s,%s]"
                                .formatted(
                                        entry.formatted("open", "r2"),
                                        entry.formatted("demo", "r2"))),
                1009,
                "of product 'demo'");
        assertRefused(
                gateway.system("thing/device/register", "[" + entry.formatted("open", "r/2") + "]"),
                460,
                "params[0]: deviceKey 'r/2'");
        assertThat(site.state(new DeviceId("open", "r2"))).isEmpty();
    }

    @Test
    void operatorsSeeAndChangeForWhomAGatewaySpeaks() throws Exception {
        String list = GatewaySite.path(gateway.id()) + "/subdevices";
        HttpCaller operator = site.hub().operator();
        site.create(OTHER);

        assertThat(operator.call("PUT", list + "/demo/s2").status()).isEqualTo(200);
        signIn();

        assertThat(operator.get(list + "?limit=1").json().path("next").asText())
                .isEqualTo("demo/s1");
        JsonNode items = operator.get(list + "?after=demo/s0").json().path("items");
        assertThat(items).hasSize(2);
        assertThat(items.get(0).path("state").asText()).isEqualTo("ONLINE");
        assertThat(items.get(0).path("signedIn").asBoolean()).isTrue();
        assertThat(items.get(1).path("state").asText()).isEqualTo("INACTIVE");
        assertThat(operator.get(GatewaySite.path(SUB)).json().path("gateway").toString())
                .isEqualTo("{\"productKey\":\"gwp\",\"deviceKey\":\"g1\",\"signedIn\":true}");
        assertThat(operator.get("/metrics").text())
                .contains(
                        "muster_sub_devices 1.0",
                        "muster_sub_device_sign_ins_total{outcome=\"accepted\"} 1.0");

        assertThat(operator.delete(list + "/demo/s1").status()).isEqualTo(204);

        assertThat(gateway.next()).startsWith("/ext/session/gwp/g1/combine/delete {");
        assertThat(site.state(SUB)).isEqualTo("OFFLINE");
        assertRefused(gateway.login(SUB, secret), 1009, "not in the topology");
        assertThat(operator.delete(list + "/demo/s1").status()).isEqualTo(404);
        assertThat(operator.call("PUT", list + "/gwp/g1").text())
                .contains("'gwp' is one of gateways");
        assertThat(operator.get(list + "?after=x").status()).isEqualTo(400);
    }
}
