package io.muster.hub;

import static io.muster.hub.GatewaySite.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways and the devices that they speak for, over sockets, as the SDKs go about it. */
class GatewaysTest {

    /** Each test has devices of its own on the one hub. */
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static GatewaySite site;

    private int number;
    private DeviceId sub;
    private DeviceId other;
    private Client gateway;
    private Secret secret;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        site = GatewaySite.open(folder);
    }

    @AfterAll
    static void closeSite() {
        site.close();
    }

    @BeforeEach
    void connect() throws MqttException {
        number = TESTS.incrementAndGet();
        sub = new DeviceId("demo", "s" + number);
        other = new DeviceId("demo", "t" + number);
        gateway = site.connectGateway("g" + number);
        secret = site.create(sub);
    }

    @AfterEach
    void close() throws MqttException {
        gateway.close();
    }

    private void signIn() throws Exception {
        assertThat(gateway.add(sub, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(sub, secret).path("code").asInt()).isEqualTo(200);
    }

    private void awaitState(String state) {
        Awaitility.await().until(() -> site.state(sub).equals(state));
    }

    @Test
    void aDeviceReportsThroughItsGatewayAndIsOnlineMeanwhile() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        MqttClient application = site.hub().connectApplication("backend");
        application.subscribe(
                "$muster/devices/" + sub + "/measurepoints",
                1,
                (topic, message) -> told.add(RunningHub.text(message.getPayload())));

        assertThat(gateway.add(sub, secret).path("code").asInt()).isEqualTo(200);
        assertThat(site.state(sub)).isEqualTo("INACTIVE");
        JsonNode login = gateway.login(sub, secret);

        assertThat(login.path("code").asInt()).as(login.toString()).isEqualTo(200);
        assertThat(login.path("data").path("productKey").asText()).isEqualTo("demo");
        assertThat(login.path("data").path("deviceKey").asText()).isEqualTo(sub.deviceKey());
        assertThat(login.path("data").path("assetId").asText()).hasSize(12);
        assertThat(login.path("data").has("deviceSecret")).isFalse();
        assertThat(site.state(sub)).isEqualTo("ONLINE");
        assertThat(gateway.post(sub).path("code").asInt()).isEqualTo(200);
        assertThat(String.valueOf(told.poll(10, TimeUnit.SECONDS)))
                .contains("\"deviceKey\":\"" + sub.deviceKey() + "\"", "\"data\":{\"temp\":21.5}");

        JsonNode logout = gateway.logout(sub);

        assertThat(logout.path("code").asInt()).isEqualTo(200);
        assertThat(logout.path("data").path("deviceKey").asText()).isEqualTo(sub.deviceKey());
        assertThat(site.state(sub)).isEqualTo("OFFLINE");
        assertRefused(gateway.post(sub), 1009, sub + "' is not signed in");
        RunningHub.disconnect(application);
    }

    @Test
    void eachSdkSignsInItsOwnWay() throws Exception {
        String own = "/sys/" + sub + "/thing/tag/query_reply";
        assertThat(
                        gateway.system(
                                        "thing/topo/add",
                                        "["
                                                + GatewaySite.signedByC(sub, secret, "signmethod")
                                                + "]")
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        gateway.mqtt().subscribe(own, 0); // the C SDK does so before the login
        JsonNode login =
                gateway.session("combine/login", GatewaySite.signedByC(sub, secret, "signMethod"));
        assertThat(login.path("code").asInt()).as(login.toString()).isEqualTo(200);
        assertThat(
                        gateway.askUnsubscribed(
                                        "/sys/" + sub + "/", "thing/tag/query", "{\"tags\":[]}")
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        assertThat(gateway.logout(sub).path("code").asInt()).isEqualTo(200);

        assertThat(
                        gateway.session("combine/login", GatewaySite.signedByNode(sub, secret))
                                .path("code")
                                .asInt())
                .isEqualTo(200);

        // The documentation has cleanSession signed too.
        String content =
                "cleanSessiontrueclientIdxdeviceKey%sproductKeydemotimestamp1"
                        .formatted(sub.deviceKey());
        String sign = sha256(content + secret.reveal());
        assertThat(
                        gateway.session(
                                        "combine/login",
                                        "{\"productKey\":\"demo\",\"deviceKey\":\""
                                                + sub.deviceKey()
                                                + "\",\"clientId\":\"x\",\"timestamp\":\"1\",\"signMethod\":\"sha256\",\"cleanSession\":\"true\",\"sign\":\""
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
        Secret otherSecret = site.create(other);
        assertThat(
                        gateway.system(
                                        "thing/topo/add",
                                        "[%s,%s]"
                                                .formatted(
                                                        GatewaySite.signedByJava(sub, secret, ""),
                                                        GatewaySite.signedByNode(
                                                                other, otherSecret)))
                                .path("code")
                                .asInt())
                .isEqualTo(200);
        String batch =
                "{\"clientId\":\"c\",\"timestamp\":\"7\",\"signMethod\":\"sha256\",\"subDevices\":[%s,%s]}";
        String entry =
                "{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"secureMode\":\"2\",\"sign\":\"%s\"}";
        String right = entry.formatted(sub.deviceKey(), GatewaySite.sign(sub, secret, "c", "7"));

        JsonNode reply =
                gateway.session(
                        "combine/login/batch",
                        batch.formatted(right, entry.formatted(other.deviceKey(), "00")));

        assertThat(reply.path("code").asInt()).isEqualTo(401);
        JsonNode signedIn = reply.path("data").path("loginedSubDevices");
        assertThat(signedIn).hasSize(1);
        assertThat(signedIn.get(0).path("productKey").asText()).isEqualTo("demo");
        assertThat(signedIn.get(0).path("deviceKey").asText()).isEqualTo(sub.deviceKey());
        assertThat(signedIn.get(0).path("assetId").asText()).isNotEmpty();
        JsonNode failed = reply.path("data").path("failedSubDevices");
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0).path("deviceKey").asText()).isEqualTo(other.deviceKey());
        assertThat(failed.get(0).path("code").asInt()).isEqualTo(401);
        assertThat(site.state(other)).isEqualTo("INACTIVE");

        JsonNode all =
                gateway.session(
                        "combine/login/batch",
                        batch.formatted(
                                right,
                                entry.formatted(
                                        other.deviceKey(),
                                        GatewaySite.sign(other, otherSecret, "c", "7"))));
        assertThat(all.path("code").asInt()).as(all.toString()).isEqualTo(200);
        assertThat(all.path("data").path("failedSubDevices")).isEmpty();
        assertThat(site.state(other)).isEqualTo("ONLINE");
    }

    @Test
    void manySignInTogetherAlsoAsTheDocumentationHasItSigned() throws Exception {
        gateway.add(sub, secret);
        String sign =
                sha256(
                        "cleanSessiontrueclientIdcdeviceKey%sproductKeydemosecureMode2timestamp7"
                                        .formatted(sub.deviceKey())
                                + secret.reveal());

        JsonNode reply =
                gateway.session(
                        "combine/login/batch",
                        "{\"clientId\":\"c\",\"timestamp\":\"7\",\"signMethod\":\"sha256\",\"cleanSession\":\"true\",\"subDevices\":[{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"secureMode\":\"2\",\"sign\":\"%s\"}]}"
                                .formatted(sub.deviceKey(), sign));

        assertThat(reply.path("code").asInt()).as(reply.toString()).isEqualTo(200);
    }

    @Test
    void whoIsRefusedThroughAGatewayIsInTheAuditLogWithThatGateway() throws Exception {
        gateway.add(sub, secret);
        gateway.login(sub, Secret.of("wrong"));
        for (int i = 0; i < 3; i++) {
            gateway.add(sub, Secret.of("wrong"));
        }
        String query =
                "/api/v1/audit?act=client.sign-in&object=client:" + sub.deviceKey() + "%26demo";

        Awaitility.await()
                .until(() -> site.hub().operator().get(query).json().path("items").size() == 3);
        assertThat(site.hub().operator().get(query).text())
                .contains("bad_credentials: wrong signature: demo/", "; through gateway gwp/g")
                .contains("\"address\":\"127.0.0.1\"");
    }

    @Test
    void aProductOfGatewaysStaysOneAsLongAsTheySpeakForDevices() throws Exception {
        signIn();

        HttpCaller.Answer refused =
                site.hub()
                        .operator()
                        .call("PATCH", "/api/v1/products/gwp", "{\"type\":\"DEVICE\"}");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text()).contains("cannot change", "demo/s");
    }

    @Test
    void loginNeedsTheTopologyAndTheTopologyNeedsTheSecret() throws Exception {
        assertRefused(gateway.login(sub, secret), 1009, "not in the topology");
        assertRefused(gateway.add(sub, Secret.of("wrong")), 401, "params[0]");
        assertRefused(gateway.add(new DeviceId("demo", "nobody"), secret), 401, "params[0]");
        Secret otherSecret = site.create(other);
        assertRefused(
                gateway.system(
                        "thing/topo/add",
                        "[%s,%s]"
                                .formatted(
                                        GatewaySite.signedByJava(sub, secret, ""),
                                        GatewaySite.signedByJava(other, secret, ""))),
                401,
                "params[1]");
        assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();

        gateway.add(sub, secret);
        gateway.add(other, otherSecret);

        assertThat(gateway.system("thing/topo/get", "{}").path("data").toString())
                .isEqualTo("[%s,%s]".formatted(GatewaySite.named(sub), GatewaySite.named(other)));
        assertRefused(gateway.login(sub, otherSecret), 401, "signature is wrong");
        assertRefused(
                gateway.session("combine/login", GatewaySite.signedByJava(sub, secret, "4")),
                401,
                "");
        assertRefused(gateway.session("combine/login", "{}"), 460, "params.productKey");
        assertRefused(gateway.system("thing/topo/add", "[]"), 460, "1 to 1000");
    }

    @Test
    void onlyGatewaysMaySpeakForOthersAndOnlyForDevices() throws Exception {
        try (Client device = site.connect(other, site.create(other))) {
            assertRefused(device.add(sub, secret), 1009, "'demo' is not one of gateways");
            assertRefused(device.login(sub, secret), 1009, "'demo' is not one of gateways");
        }
        DeviceId second = new DeviceId("gwp", "h" + number);
        assertRefused(gateway.add(second, site.create(second)), 1009, "is a gateway itself");
    }

    @Test
    void aDeviceMovesToTheGatewayThatProvesItLast() throws Exception {
        signIn();
        gateway.mqtt().subscribe("/sys/" + sub + "/thing/tag/query_reply", 1);
        try (Client second = site.connectGateway("h" + number)) {
            assertThat(second.add(sub, secret).path("code").asInt()).isEqualTo(200);

            awaitState("OFFLINE");
            assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();
            assertThat(second.login(sub, secret).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(sub)).isEqualTo("ONLINE");
            assertRefused(gateway.login(sub, secret), 1009, "not in the topology");
            assertThat(second.askFor(sub, "thing/tag/query", "{\"tags\":[]}").path("code").asInt())
                    .isEqualTo(200);
            assertThat(gateway.hasMore()).isFalse(); // its subscription has ended
        }
    }

    @Test
    void deletingFromTheTopologyEndsTheLoginAndTheSubscriptions() throws Exception {
        signIn();
        gateway.post(sub);

        JsonNode deleted = gateway.system("thing/topo/delete", "[" + GatewaySite.named(sub) + "]");

        assertThat(deleted.path("code").asInt()).isEqualTo(200);
        assertThat(site.state(sub)).isEqualTo("OFFLINE");
        gateway.publish("/sys/" + sub + "/thing/tag/query", "{}");
        assertRefused(gateway.login(sub, secret), 1009, "not in the topology");
        assertThat(gateway.hasMore()).isFalse();
    }

    @Test
    void allEndWithTheGatewaysConnection() throws Exception {
        signIn();

        gateway.mqtt().disconnect();

        awaitState("OFFLINE");
        Client again = site.connect(gateway.id(), site.secretOf(gateway.id()));
        assertRefused(again.post(sub), 1009, "is not signed in");
        assertThat(again.login(sub, secret).path("code").asInt()).isEqualTo(200);
        try (Client taken = site.connect(gateway.id(), site.secretOf(gateway.id()))) {
            awaitState("OFFLINE"); // the new connection begins without logins
            assertThat(taken.login(sub, secret).path("code").asInt()).isEqualTo(200);
            site.hub().operator().post(GatewaySite.path(gateway.id()) + "/disable");
            awaitState("OFFLINE");
        }
        again.close();
    }

    @Test
    void operatorsDisableEnableAndDeleteAndTheGatewayIsTold() throws Exception {
        signIn();

        site.hub().operator().post(GatewaySite.path(sub) + "/disable");

        assertThat(gateway.next())
                .matches(
                        "/ext/session/"
                                + gateway.id()
                                + "/combine/disable "
                                + "\\{\"id\":\"1[0-9]{9}\",\"version\":\"1.0\","
                                + "\"method\":\"combine.disable\",\"params\":"
                                + "\\[\\{\"productKey\":\"demo\",\"deviceKey\":\""
                                + sub.deviceKey()
                                + "\"}]}");
        assertThat(site.state(sub)).isEqualTo("DISABLED");
        assertRefused(gateway.post(sub), 1009, "is not signed in");
        assertRefused(gateway.login(sub, secret), 1009, "disabled");

        site.hub().operator().post(GatewaySite.path(sub) + "/enable");

        assertThat(gateway.next()).startsWith("/ext/session/" + gateway.id() + "/combine/enable {");
        assertThat(site.state(sub)).isEqualTo("OFFLINE");
        assertThat(gateway.login(sub, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.post(sub).path("code").asInt()).isEqualTo(200);

        site.hub().operator().delete(GatewaySite.path(sub));

        assertThat(gateway.next()).startsWith("/ext/session/" + gateway.id() + "/combine/delete {");
        assertThat(gateway.system("thing/topo/get", "{}").path("data")).isEmpty();
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertRefused(
                                        gateway.login(sub, secret), 1009, "not in the topology"));

        secret = site.create(sub); // it begins anew
        signIn();
        assertThat(site.state(sub)).isEqualTo("ONLINE");
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
                                        "/sys/" + sub + "/thing/service/reboot_reply",
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
                                GatewaySite.path(sub) + "/commands",
                                "{\"method\":\"thing.service.reboot\",\"params\":{}}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("data").path("in").asInt()).isEqualTo(5);
        answering.join();
        gateway.logout(sub);
        HttpCaller.Answer offline =
                site.hub()
                        .operator()
                        .post(
                                GatewaySite.path(sub) + "/commands",
                                "{\"method\":\"thing.service.reboot\",\"params\":{}}");
        assertThat(offline.text()).contains("is not connected");
    }

    @Test
    void aBatchOfAGatewayIsAboutTheDevicesThatItSpeaksFor() throws Exception {
        signIn();
        Secret otherSecret = site.create(other);
        gateway.add(other, otherSecret);
        String entry = "{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"measurepoints\":{\"t\":1}}";
        String both =
                "["
                        + entry.formatted(sub.deviceKey())
                        + ","
                        + entry.formatted(other.deviceKey())
                        + "]";
        gateway.mqtt()
                .subscribe("/sys/" + gateway.id() + "/thing/measurepoint/post/batch_reply", 1);
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        MqttClient application = site.hub().connectApplication("backend");
        application.subscribe(
                "$muster/devices/+/+/measurepoints", 1, (topic, message) -> told.add(topic));

        assertRefused(gateway.system("thing/measurepoint/post/batch", both), 1009, "params[1]");
        gateway.publish(
                "/sys/" + gateway.id() + "/thing/measurepoint/post/batch",
                "{\"id\":\"7\",\"method\":\"thing.measurepoint.post.batch\",\"allowOfflineSubDevice\":true,\"params\":"
                        + both
                        + "}");

        assertThat(List.of(take(told), take(told)))
                .containsExactly(
                        "$muster/devices/" + sub + "/measurepoints",
                        "$muster/devices/" + other + "/measurepoints");
        assertThat(told).isEmpty();
        RunningHub.disconnect(application);
    }

    private static String take(BlockingQueue<String> from) throws InterruptedException {
        return String.valueOf(from.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void theNewestWayOfADeviceCountsWhicheverItIs() throws Exception {
        signIn();
        gateway.post(sub);

        try (Client device = site.connect(sub, secret)) {
            assertThat(site.state(sub)).isEqualTo("ONLINE");
            assertRefused(gateway.post(sub), 1009, "is not signed in");
            assertThat(device.system("thing/tag/query", "{\"tags\":[]}").path("code").asInt())
                    .isEqualTo(200);

            assertThat(gateway.login(sub, secret).path("code").asInt()).isEqualTo(200);

            Awaitility.await().until(() -> !device.mqtt().isConnected());
            assertThat(gateway.post(sub).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(sub)).isEqualTo("ONLINE");
        }
        Client device = site.connect(sub, secret);
        gateway.mqtt().disconnect();
        Awaitility.await().until(() -> site.state(gateway.id()).equals("OFFLINE"));
        assertThat(site.state(sub)).isEqualTo("ONLINE");
        device.close();
        awaitState("OFFLINE");
    }

    @Test
    void whoGuessesThroughAGatewayIsBarred() throws Exception {
        gateway.add(sub, secret);
        for (int i = 0; i < 5; i++) {
            assertRefused(gateway.login(sub, Secret.of("guess" + i)), 401, "");
        }

        assertRefused(gateway.login(sub, Secret.of("guess")), 429, "try again later");
        assertRefused(gateway.login(sub, secret), 429, "try again later");
        assertRefused(gateway.add(sub, secret), 429, "try again later");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> gateway.login(sub, secret).path("code").asInt() == 200);
    }

    @Test
    void aSecretThatWasReplacedIsGoodForAsLongAsItsOverlap() throws Exception {
        gateway.add(sub, secret);
        site.hub().operator().post(GatewaySite.path(sub) + "/secret", "{\"overlapSeconds\":600}");
        Secret second = site.secretOf(sub);
        assertThat(gateway.login(sub, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(sub, second).path("code").asInt()).isEqualTo(200);
        site.hub().operator().post(GatewaySite.path(sub) + "/secret", "{\"overlapSeconds\":0}");

        assertRefused(gateway.login(sub, second), 401, "signature is wrong");
        assertRefused(gateway.post(sub), 1009, "is not signed in");
    }

    @Test
    void nobodyElseIsHeardForADeviceAndAGatewayOnlyOnTheDevicesTopics() throws Exception {
        signIn();
        try (Client stranger = site.connectGateway("h" + number)) {
            stranger.publish("/sys/" + sub + "/thing/measurepoint/post", "{}");
            stranger.publish(
                    "/ext/session/" + gateway.id() + "/combine/logout", GatewaySite.named(sub));
            gateway.publish(sub + "/free", "x");
            assertThat(site.state(sub)).isEqualTo("ONLINE");
            assertThat(gateway.post(sub).path("code").asInt()).isEqualTo(200);
            assertThat(stranger.hasMore()).isFalse();
        }
    }

    @Test
    void operatorsSeeAndChangeForWhomAGatewaySpeaks() throws Exception {
        String list = GatewaySite.path(gateway.id()) + "/subdevices";
        HttpCaller operator = site.hub().operator();
        site.create(other);

        assertThat(operator.call("PUT", list + "/" + other).status()).isEqualTo(200);
        signIn();

        assertThat(operator.get(list + "?limit=1").json().path("next").asText())
                .isEqualTo(sub.toString());
        JsonNode items = operator.get(list + "?after=demo/s0").json().path("items");
        assertThat(items).hasSize(2);
        assertThat(items.get(0).path("state").asText()).isEqualTo("ONLINE");
        assertThat(items.get(0).path("signedIn").asBoolean()).isTrue();
        assertThat(items.get(1).path("state").asText()).isEqualTo("INACTIVE");
        assertThat(operator.get(GatewaySite.path(sub)).json().path("gateway").toString())
                .isEqualTo(
                        "{\"productKey\":\"gwp\",\"deviceKey\":\""
                                + gateway.id().deviceKey()
                                + "\",\"signedIn\":true}");
        Awaitility.await() // until the devices of other tests are signed out
                .until(() -> operator.get("/metrics").text().contains("muster_sub_devices 1.0"));
        assertThat(operator.get("/metrics").text())
                .containsPattern("muster_sub_device_sign_ins_total\\{outcome=\"accepted\"} [1-9]");

        assertThat(operator.delete(list + "/" + sub).status()).isEqualTo(204);

        assertThat(gateway.next()).startsWith("/ext/session/" + gateway.id() + "/combine/delete {");
        assertThat(site.state(sub)).isEqualTo("OFFLINE");
        assertRefused(gateway.login(sub, secret), 1009, "not in the topology");
        assertThat(operator.delete(list + "/" + sub).status()).isEqualTo(404);
        assertThat(operator.call("PUT", list + "/" + gateway.id()).text())
                .contains("'gwp' is one of gateways");
        assertThat(operator.get(list + "?after=x").status()).isEqualTo(400);
    }
}
