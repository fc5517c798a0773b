package io.muster.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sign-ins through gateways that meet something else, over sockets; each some times, since chance
 * decides. What must come of each order is in {@code GatewayLoginsTest}.
 */
class GatewayRacesTest {

    private static final int ROUNDS = 6;

    /** About as long as a sign-in takes. */
    private static final long LOGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    /** Each test has devices of its own on the one hub. */
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static GatewaySite site;

    private DeviceId sub;
    private Client gateway;
    private Secret secret;
    private Secret gatewaySecret;

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        site = GatewaySite.open(folder);
    }

    @AfterAll
    static void closeSite() {
        site.close();
    }

    @BeforeEach
    void connect() throws Exception {
        int number = TESTS.incrementAndGet();
        DeviceId id = new DeviceId("gwp", "g" + number);
        gatewaySecret = site.create(id);
        gateway = site.connect(id, gatewaySecret);
        sub = new DeviceId("demo", "s" + number);
        secret = site.create(sub);
        gateway.add(sub, secret);
        gateway.mqtt().subscribe("/ext/session/" + id + "/combine/login_reply", 1);
    }

    @AfterEach
    void close() throws MqttException {
        gateway.close();
    }

    private String loginRequest() {
        return "{\"method\":\"combine.login\",\"id\":\"0\",\"params\":"
                + GatewaySite.signedByJava(sub, secret, "2")
                + "}";
    }

    /** Asks to sign the device in, and does not wait. */
    private CompletableFuture<Void> beginLogin(Client through) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        through.publish(
                                "/ext/session/" + through.id() + "/combine/login", loginRequest());
                    } catch (MqttException ended) {
                        assertThat(ended).isNotNull(); // its connection may end first
                    }
                });
    }

    private boolean isSignedIn() {
        return site.hub()
                .operator()
                .get(GatewaySite.path(sub))
                .json()
                .path("gateway")
                .path("signedIn")
                .asBoolean();
    }

    /** What is told of the device fits what is so, and stays so. */
    private void awaitState(String state) {
        Awaitility.await().until(() -> site.state(sub).equals(state));
    }

    @Test
    void nobodyIsSignedInAfterADisableWasAcknowledged() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            CompletableFuture<Void> login = beginLogin(gateway);

            HttpCaller.Answer disabled =
                    site.hub().operator().post(GatewaySite.path(sub) + "/disable");

            assertThat(disabled.status()).isEqualTo(200);
            assertThat(isSignedIn()).isFalse();
            login.join();
            assertThat(gateway.login(sub, secret).path("code").asInt()).isNotEqualTo(200);
            assertThat(isSignedIn()).isFalse();
            assertThat(site.state(sub)).isEqualTo("DISABLED");
            site.hub().operator().post(GatewaySite.path(sub) + "/enable");
        }
    }

    private void awaitStillOffline() {
        Awaitility.await().until(() -> !site.state(sub).equals("ONLINE") && !isSignedIn());
        assertThat(site.state(sub)).isNotEqualTo("ONLINE");
    }

    /** Each time another gateway, since one that is taken over again and again is left alone. */
    @Test
    void aGatewayThatIsTakenOverLeavesNobodyBehind() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            DeviceId id = new DeviceId("gwp", "taken" + i);
            Secret own = site.create(id);
            Client before = site.connect(id, own);
            before.add(sub, secret);
            CompletableFuture<Void> login = beginLogin(before);

            Client next = site.connect(id, own);

            login.join();
            Awaitility.await().until(() -> !before.mqtt().isConnected());
            before.mqtt().close();
            awaitStillOffline();
            assertThat(next.login(sub, secret).path("code").asInt()).isEqualTo(200);
            assertThat(site.state(sub)).isEqualTo("ONLINE");
            assertThat(isSignedIn()).isTrue();
            next.close();
        }
    }

    /** Sends the request, and waits for nothing, not even that the hub has it. */
    private void sendLogin(Client through) throws MqttException {
        byte[] request = loginRequest().getBytes(UTF_8);
        through.mqtt()
                .getTopic("/ext/session/" + through.id() + "/combine/login")
                .publish(request, 0, false)
                .waitForCompletion(); // it is written
    }

    @Test
    void aDeviceIsNotOnlineAfterItsGatewayIsGoneThoughItsSignInWasUnderWay() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            sendLogin(gateway);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LOGIN_NANOS));
            gateway.mqtt().disconnectForcibly(0, 0, false);
            gateway.mqtt().close();

            Awaitility.await().until(() -> site.state(gateway.id()).equals("OFFLINE"));
            awaitStillOffline();
            gateway = site.connect(gateway.id(), gatewaySecret);
        }
    }

    @Test
    void aDeviceThatTwoGatewaysSignInBelongsToTheOneThatAddedItLast() throws Exception {
        Client other = site.connectGateway("other");
        Client loser = gateway;
        Client winner = other;
        for (int i = 0; i < ROUNDS; i++) {
            sendLogin(loser);
            winner.add(sub, secret);
            assertThat(isSignedIn()).isFalse();
            assertThat(site.state(sub)).isNotEqualTo("ONLINE");

            sendLogin(loser);
            assertThat(winner.login(sub, secret).path("code").asInt()).isEqualTo(200);
            assertThat(loser.login(sub, secret).path("code").asInt()).isNotEqualTo(200);
            assertThat(gatewayOfSub()).isEqualTo(winner.id().deviceKey());
            assertThat(isSignedIn()).isTrue();
            assertThat(site.state(sub)).isEqualTo("ONLINE");

            Client next = loser;
            loser = winner;
            winner = next;
        }
        other.close();
    }

    private String gatewayOfSub() {
        return site.hub()
                .operator()
                .get(GatewaySite.path(sub))
                .json()
                .path("gateway")
                .path("deviceKey")
                .asText();
    }

    @Test
    void aDeviceThatConnectsWhileItsGatewaySignsItInIsOnlineByOneWayAndOfflineAfterIt()
            throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            CompletableFuture<Void> login = beginLogin(gateway);
            Client device = connectOrNull();
            login.join();
            boolean isDirect = device != null && device.mqtt().isConnected();
            if (!isDirect || isSignedIn()) {
                // The gateway came last, or the device was sent away before its CONNACK.
                assertThat(gateway.login(sub, secret).path("code").asInt()).isEqualTo(200);
            }

            assertThat(site.state(sub)).isEqualTo("ONLINE");
            if (device != null) {
                device.close();
            }
            gateway.logout(sub);

            awaitState("OFFLINE");
            assertThat(isSignedIn()).isFalse();
        }
    }

    private @Nullable Client connectOrNull() {
        try {
            return site.connect(sub, secret);
        } catch (MqttException refused) {
            return null;
        }
    }
}
