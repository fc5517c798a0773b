package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.muster.auth.application.StoredPassword;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Applications that sign in by SCRAM-SHA-256 at a whole hub, with the HiveMQ client. */
class ScramSignInTest {

    private static final String PASSWORD = "correct horse battery";
    private static final String CHALLENGE = "challenged r=*,s=*,i=15000";

    private static HubConfig config;
    private static RunningHub running;

    private final AtomicReference<Throwable> disconnected = new AtomicReference<>();
    private String account = "";

    @BeforeAll
    static void start(@TempDir Path folder) {
        config = forgetful(RunningHub.config(folder.resolve("data")));
        running = RunningHub.start(config);
    }

    /** Accounts do not stay in memory, so that what changes in the registry is seen at once. */
    private static HubConfig forgetful(HubConfig config) {
        HubConfig.Devices devices = config.devices();
        return new HubConfig(
                config.dataFolder(),
                config.broker(),
                config.certificates(),
                config.authentication(),
                config.permissions(),
                new HubConfig.Devices(
                        devices.cacheMax(),
                        Duration.ofMillis(1),
                        devices.idleTimeout(),
                        devices.stateWriteInterval(),
                        devices.subDevicesMax()),
                config.registry(),
                config.management());
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @BeforeEach
    void createAccount(TestInfo test) {
        account = test.getTestMethod().orElseThrow().getName().replaceAll("[^A-Za-z0-9]", "");
        assertThat(
                        running.operator()
                                .post(
                                        "/api/v1/applications",
                                        "{\"username\":\"%s\",\"password\":\"%s\"}"
                                                .formatted(account, PASSWORD))
                                .status())
                .isEqualTo(201);
    }

    private Mqtt5BlockingClient client(ScramMechanism mechanism) {
        return Mqtt5Client.builder()
                .identifier("client-of-" + account)
                .serverHost("127.0.0.1")
                .serverPort(URI.create(running.mqttUri()).getPort())
                .enhancedAuth(mechanism)
                .addDisconnectedListener(context -> disconnected.set(context.getCause()))
                .buildBlocking();
    }

    private Mqtt5ConnAckReasonCode refusal(ScramMechanism mechanism) {
        Mqtt5ConnAckException refused =
                catchThrowableOfType(
                        Mqtt5ConnAckException.class, () -> client(mechanism).connect());
        assertThat(refused).as("the refusal").isNotNull();
        return refused.getMqttMessage().getReasonCode();
    }

    private String principal() {
        return running.operator()
                .get("/api/v1/clients/client-of-" + account)
                .json()
                .path("principal")
                .asText();
    }

    @Test
    void anAccountSignsInAndRecognizesTheHub() throws Exception {
        ScramMechanism mechanism = new ScramMechanism(account, PASSWORD);
        Mqtt5BlockingClient client = client(mechanism);

        Mqtt5ConnAck connack = client.connect();

        assertThat(connack.getEnhancedAuth().orElseThrow().getMethod())
                .hasToString(ScramMechanism.METHOD);
        assertThat(mechanism.events()).containsExactly(CHALLENGE, "signed in");
        assertThat(principal()).isEqualTo("app:" + account);
        // It is let through like anybody of its role.
        client.subscribeWith().topicFilter("demo/#").send();
        client.disconnect();
    }

    @Test
    void anAccountSignsInAgainOnItsOpenConnection() {
        ScramMechanism mechanism = new ScramMechanism(account, PASSWORD);
        Mqtt5BlockingClient client = client(mechanism);
        client.connect();

        client.toAsync().reauth().join();

        assertThat(mechanism.events())
                .containsExactly(CHALLENGE, "signed in", CHALLENGE, "signed in again");
        client.subscribeWith().topicFilter("demo/#").send();
        assertThat(disconnected).hasValue(null);
        client.disconnect();
    }

    @Test
    void aWrongPasswordAndAnUnknownNameAreRefusedAlikeWith0x86() {
        ScramMechanism wrong = new ScramMechanism(account, "correct donkey battery");
        ScramMechanism unknown = new ScramMechanism("nobody", PASSWORD);

        assertThat(refusal(wrong).getCode()).isEqualTo(0x86);
        assertThat(refusal(unknown).getCode()).isEqualTo(0x86);
        // Up to the number of iterations and the point at which it is refused.
        assertThat(unknown.events()).isEqualTo(wrong.events()).contains(CHALLENGE);
    }

    @Test
    void anUnknownMethodIsRefusedWith0x8C() {
        assertThat(refusal(new ScramMechanism("SCRAM-SHA-1", account, PASSWORD)))
                .isEqualTo(Mqtt5ConnAckReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    @Test
    void theSameAccountSignsInWithItsPasswordAsWell() throws Exception {
        MqttClient client = running.connect("client-of-" + account, account, PASSWORD);

        assertThat(principal()).isEqualTo("app:" + account);
        RunningHub.disconnect(client);
    }

    @Test
    void whoseProofIsNoLongerGoodIsDisconnectedWhenItSignsInAgain() throws IOException {
        ScramMechanism mechanism = new ScramMechanism(account, PASSWORD);
        Mqtt5BlockingClient client = client(mechanism);
        client.connect();
        changePassword("another horse battery");

        assertThat(client.toAsync().reauth())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(Mqtt5DisconnectException.class);

        await().until(() -> disconnected.get() != null);
        assertThat(disconnected.get())
                .isInstanceOfSatisfying(
                        Mqtt5DisconnectException.class,
                        ended ->
                                assertThat(ended.getMqttMessage().getReasonCode())
                                        .isEqualTo(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED));
        assertThat(mechanism.events()).endsWith("rejected again NOT_AUTHORIZED");
        await().until(() -> principal().isEmpty());
        assertThat(refusal(mechanism).getCode()).isEqualTo(0x86);
        ScramMechanism changed = new ScramMechanism(account, "another horse battery");
        Mqtt5BlockingClient back = client(changed);
        back.connect();
        back.disconnect();
    }

    /** Does to the registry what an operator's tool would. */
    private void changePassword(String password) throws IOException {
        SecretCipher cipher = SecretCipher.load(config.dataFolder().resolve("secret.key"));
        HubConfig.Registry registry = config.registry();
        RegistrySettings settings =
                new RegistrySettings(
                        registry.jdbcUrl(), "", "", registry.connectionsMax(), registry.timeout());
        String verifier =
                StoredPassword.of(password, StoredPassword.SCRAM_ITERATIONS_MIN)
                        .scramVerifier()
                        .orElseThrow();
        try (RegistryDatabase database = RegistryDatabase.open(settings, cipher)) {
            ApplicationRegistry applications = new ApplicationRegistry(database, Clock.systemUTC());
            assertThat(
                            applications.storeScramVerifier(
                                    applications.find(account).orElseThrow(), verifier))
                    .isTrue();
        }
    }
}
