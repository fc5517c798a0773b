package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.muster.hub.HttpCaller.Answer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What applications may do at a whole hub, and what a change of that does to those connected. */
class ApplicationAccessTest {

    private static final String PASSWORD = "correct horse";
    private static final int RACES = 25;

    private static RunningHub running;

    private String name;

    @BeforeAll
    static void start(@TempDir Path folder) {
        running = RunningHub.start(folder);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @BeforeEach
    void createApplication(TestInfo test) {
        name = "t" + Integer.toHexString(test.getDisplayName().hashCode());
        name += Integer.toHexString(test.getTestMethod().orElseThrow().getName().hashCode());
        role("allow any #");
        post(
                "/api/v1/applications",
                "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
                        .formatted(name, PASSWORD, name));
    }

    private static void post(String path, String body) {
        assertThat(running.operator().post(path, body).status()).isIn(200, 201);
    }

    /** Gives the role of this test these rules, such as {@code allow any #}. */
    private void role(String... rules) {
        StringBuilder body = new StringBuilder();
        for (String rule : rules) {
            String[] words = rule.split(" ");
            body.append(body.isEmpty() ? "" : ",")
                    .append(
                            "{\"effect\":\"%s\",\"use\":\"%s\",\"filter\":\"%s\"}"
                                    .formatted((Object[]) words));
        }
        Answer answer =
                running.operator().put("/api/v1/roles/" + name, "{\"rules\":[" + body + "]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private String path(String rest) {
        return "/api/v1/applications/" + name + rest;
    }

    private static Mqtt5BlockingClient client(String clientId) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(URI.create(running.mqttUri()).getPort())
                .buildBlocking();
    }

    private Mqtt5BlockingClient connect(String clientId) {
        return connect(client(clientId), PASSWORD);
    }

    private Mqtt5BlockingClient connect(Mqtt5BlockingClient client, String password) {
        client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(300)
                .simpleAuth()
                .username(name)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        return client;
    }

    private static boolean publishes(Mqtt5BlockingClient client, String topic) {
        try {
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("x".getBytes(StandardCharsets.UTF_8))
                    .send();
            return true;
        } catch (Mqtt5PubAckException refused) {
            assertThat(refused.getMqttMessage().getReasonCode().getCode()).isEqualTo(0x87);
            return false;
        }
    }

    private static boolean subscribes(Mqtt5BlockingClient client, String filter) {
        try {
            client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
            return true;
        } catch (Mqtt5SubAckException refused) {
            assertThat(refused.getMqttMessage().getReasonCodes().get(0).getCode()).isEqualTo(0x87);
            return false;
        }
    }

    private static Mqtt5BlockingClient demo(String clientId) {
        Mqtt5BlockingClient client = client(clientId);
        client.connectWith()
                .simpleAuth()
                .username(running.demo().applicationUsername())
                .password(running.demo().applicationPassword().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        return client;
    }

    @ParameterizedTest
    @CsvSource({
        "allow publish a/b, true, false",
        "allow subscribe a/b, false, true",
        "allow any a/b, true, true",
        "deny any a/b, false, false",
        "allow any a/c, false, false",
        "allow any a/${clientId}, false, false",
    })
    void anApplicationMayDoWhatItsRoleSays(String rule, boolean publishes, boolean subscribes) {
        role(rule);
        Mqtt5BlockingClient client = connect("c" + name);

        assertThat(publishes(client, "a/b")).isEqualTo(publishes);
        assertThat(subscribes(client, "a/b")).isEqualTo(subscribes);

        client.disconnect();
    }

    @Test
    void placeholdersStandForTheApplicationAndTheClient() {
        role("allow any out/${username}/${clientId}/#");
        Mqtt5BlockingClient client = connect("c1");

        assertThat(publishes(client, "out/" + name + "/c1/x")).isTrue();
        assertThat(publishes(client, "out/" + name + "/c2/x")).isFalse();
        assertThat(publishes(client, "out/other/c1/x")).isFalse();
        assertThatThrownBy(() -> connect("c/#"))
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused ->
                                assertThat(refused.getMqttMessage().getReasonCode().getCode())
                                        .isEqualTo(0x85));

        client.disconnect();
    }

    @Test
    void aChangedRoleTakesHoldOnConnectedClientsAtOnce() throws InterruptedException {
        Mqtt5BlockingClient client = connect("live" + name);
        Mqtt5BlockingClient sender = demo("sender" + name);

        // Before it subscribes: what comes before the client library knows that is dropped by it.
        try (Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(subscribes(client, "live/" + name + "/#")).isTrue();
            assertThat(subscribes(client, "other/" + name)).isTrue();
            assertThat(publishes(client, "live/" + name + "/x")).isTrue();
            assertThat(received.receive(10, TimeUnit.SECONDS)).isPresent();
            assertThat(publishes(sender, "live/" + name + "/x")).isTrue();
            assertThat(received.receive(10, TimeUnit.SECONDS)).isPresent();

            role("deny any live/#", "allow any #");
            assertThat(publishes(client, "live/" + name + "/x")).isFalse();
            assertThat(subscribes(client, "live/" + name + "/#")).isFalse();
            assertThat(publishes(sender, "live/" + name + "/x")).isTrue();
            assertThat(publishes(sender, "other/" + name)).isTrue();
            assertThat(topic(received.receive(10, TimeUnit.SECONDS))).contains("other/" + name);

            role("allow any #");
            assertThat(publishes(client, "live/" + name + "/x")).isTrue();
            assertThat(subscribes(client, "live/" + name + "/#")).isTrue();
        }
        client.disconnect();
        sender.disconnect();
    }

    private static Optional<String> topic(Optional<Mqtt5Publish> message) {
        return message.map(each -> each.getTopic().toString());
    }

    @Test
    void otherRolesOfTheApplicationTakeHoldAtOnceToo() {
        Mqtt5BlockingClient client = connect("roles" + name);
        assertThat(publishes(client, "a")).isTrue();

        assertThat(running.operator().patch(path(""), "{\"roles\":[]}").status()).isEqualTo(200);
        assertThat(publishes(client, "a")).isFalse();
        assertThat(running.operator().patch(path(""), "{\"roles\":[\"all-topics\"]}").status())
                .isEqualTo(200);
        assertThat(publishes(client, "a")).isTrue();

        client.disconnect();
    }

    /** Also over and over, while messages are on their way all the time. */
    @Test
    void nothingThatIsPublishedAfterAChangeWasAnsweredIsDeliveredOrAccepted() throws Exception {
        String topic = "race/" + name;
        Mqtt5BlockingClient client = connect("racing" + name);
        Mqtt5BlockingClient sender = demo("racer" + name);
        try (Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL)) {
            for (int race = 0; race < RACES; race++) {
                role("allow any #");
                assertThat(subscribes(client, topic)).isTrue();
                CompletableFuture<Void> stream =
                        CompletableFuture.runAsync(
                                () -> {
                                    for (int i = 0; i < 20; i++) {
                                        send(sender, topic, "before");
                                        publishes(client, topic);
                                    }
                                });
                role("deny any race/#", "allow any #");
                boolean isAccepted = publishes(client, topic);
                send(sender, topic, "after " + race);
                stream.join();

                assertThat(isAccepted).as("race %d", race).isFalse();
            }
            role("allow any #");
            assertThat(subscribes(client, topic)).isTrue();
            send(sender, topic, "last");
            String payload = "";
            while (!payload.equals("last")) {
                Mqtt5Publish message = received.receive(10, TimeUnit.SECONDS).orElseThrow();
                payload = RunningHub.text(message.getPayloadAsBytes());
                assertThat(payload).doesNotStartWith("after");
            }
        }
        client.disconnect();
        sender.disconnect();
    }

    private static void send(Mqtt5BlockingClient sender, String topic, String payload) {
        sender.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    @Test
    void aSessionThatIsAwayLosesWhatItMayNoLongerRead() throws InterruptedException {
        Mqtt5BlockingClient away = connect("away" + name);
        assertThat(subscribes(away, "away/" + name)).isTrue();
        assertThat(subscribes(away, "kept/" + name)).isTrue();
        away.disconnect();
        Mqtt5BlockingClient sender = demo("sender" + name);
        send(sender, "away/" + name, "waits");

        role("allow any kept/#");
        send(sender, "away/" + name, "late");
        send(sender, "kept/" + name, "kept");
        role("allow any #");

        Mqtt5BlockingClient back = client("away" + name);
        try (Mqtt5Publishes received = back.publishes(MqttGlobalPublishFilter.ALL)) {
            connect(back, PASSWORD);
            send(sender, "away/" + name, "later");
            send(sender, "kept/" + name, "end");
            assertThat(payload(received)).isEqualTo("kept");
            assertThat(payload(received)).isEqualTo("end");
        }
        back.disconnect();
        sender.disconnect();
    }

    private static String payload(Mqtt5Publishes received) throws InterruptedException {
        return RunningHub.text(
                received.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes());
    }

    @Test
    void commandsToDevicesFollowTheRoleToo() {
        Mqtt5BlockingClient client = connect("commands" + name);
        assertThat(publishes(client, "/muster/devices/demo/dev1/commands")).isTrue();

        role("deny publish /muster/#", "allow any #");

        assertThat(publishes(client, "/muster/devices/demo/dev1/commands")).isFalse();
        client.disconnect();
    }

    @Test
    void anAnswerToACommandGoesNowhereWhereTheApplicationMayNoLongerPublish()
            throws InterruptedException {
        Mqtt5BlockingClient client = connect("answers" + name);
        role("deny publish answers/#", "allow any #");
        try (Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(subscribes(client, "answers/" + name)).isTrue();
            assertThat(subscribes(client, "/muster/devices/+/+/commands_reply")).isTrue();
            client.publishWith()
                    .topic("/muster/devices/demo/nobody/commands")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .responseTopic("answers/" + name)
                    .payload("{\"method\":\"thing.service.a\"}".getBytes(StandardCharsets.UTF_8))
                    .send();
            assertThat(topic(received.receive(10, TimeUnit.SECONDS)))
                    .contains("/muster/devices/demo/nobody/commands_reply");
        }
        client.disconnect();
    }

    private static void assertRefused(int reasonCode, Runnable connect) {
        assertThatThrownBy(connect::run)
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused ->
                                assertThat(refused.getMqttMessage().getReasonCode().getCode())
                                        .isEqualTo(reasonCode));
    }

    @Test
    void aDisabledApplicationIsDisconnectedWithAllItsClientsAndLetInNoMore() {
        List<Mqtt5BlockingClient> clients =
                List.of(connect("one" + name), connect("two" + name), connect("a/b" + name));

        assertThat(running.operator().post(path("/disable")).status()).isEqualTo(200);

        assertThat(connected()).isZero();
        await().until(() -> clients.stream().noneMatch(each -> each.getState().isConnected()));
        assertRefused(0x87, () -> connect("one" + name));
        assertRefused(0x86, () -> connect(client("one" + name), "wrong password"));
        assertThat(running.operator().post(path("/enable")).status()).isEqualTo(200);
        connect("one" + name).disconnect();
    }

    private long connected() {
        return running
                .operator()
                .get("/api/v1/clients?limit=1000")
                .json()
                .path("items")
                .findValuesAsText("principal")
                .stream()
                .filter(("app:" + name)::equals)
                .count();
    }

    @Test
    void nobodyIsConnectedOnceADisableWasAnsweredHoweverTheyRace() {
        connect("warm" + name).disconnect();
        for (int race = 0; race < RACES; race++) {
            List<CompletableFuture<Boolean>> connecting =
                    List.of(connecting("r1" + name), connecting("r2" + name));

            assertThat(running.operator().post(path("/disable")).status()).isEqualTo(200);
            assertThat(connected()).as("race %d", race).isZero();
            connecting.forEach(CompletableFuture::join);
            assertThat(connected()).as("race %d, later", race).isZero();
            assertThat(running.operator().post(path("/enable")).status()).isEqualTo(200);
        }
    }

    private CompletableFuture<Boolean> connecting(String clientId) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        connect(clientId);
                        return true;
                    } catch (RuntimeException refused) {
                        return false;
                    }
                });
    }

    @Test
    void aChangedPasswordEndsConnectionsAndTheOneBeforeIsWrong() {
        Mqtt5BlockingClient client = connect("pw" + name);

        Answer changed =
                running.operator().put(path("/password"), "{\"password\":\"battery staple\"}");

        assertThat(changed.status()).isEqualTo(200);
        await().until(() -> !client.getState().isConnected());
        assertRefused(0x86, () -> connect("pw" + name));
        connect(client("pw" + name), "battery staple").disconnect();
    }

    @Test
    void aDeletedApplicationLeavesNoSessionToOneOfItsName() throws InterruptedException {
        Mqtt5BlockingClient client = connect("deleted" + name);
        assertThat(subscribes(client, "deleted/" + name)).isTrue();

        assertThat(running.operator().delete(path("")).status()).isEqualTo(204);

        await().until(() -> !client.getState().isConnected());
        assertRefused(0x86, () -> connect("deleted" + name));
        post(
                "/api/v1/applications",
                "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(name, PASSWORD));
        Mqtt5BlockingClient again = client("deleted" + name);
        assertThat(
                        again.connectWith()
                                .cleanStart(false)
                                .simpleAuth()
                                .username(name)
                                .password(PASSWORD.getBytes(StandardCharsets.UTF_8))
                                .applySimpleAuth()
                                .send()
                                .isSessionPresent())
                .isFalse();
        again.disconnect();
    }
}
