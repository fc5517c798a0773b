package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerConfig;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.pace.RateLimits;
import io.muster.hub.ChaoticDevice.Attempt;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients sign in with the secret of a device again and again, and take over from each other, while
 * that secret ends: by another one, or since the device is deleted.
 */
class SecretRacesTest {

    private static final String DEVICES = "/api/v1/products/demo/devices";
    private static final int BAD_CREDENTIALS = 4;
    private static final int CLIENTS = 6;

    private static RunningHub running;
    private static ExecutorService threads;
    private static int count;

    private final String key = "racing" + count++;
    private final String path = DEVICES + "/" + key;
    private volatile boolean over;

    @BeforeAll
    static void start(@TempDir Path folder) {
        running = RunningHub.start(unlimited(RunningHub.config(folder)));
        threads = Executors.newFixedThreadPool(CLIENTS);
    }

    /** Nobody is barred for wrong sign-ins, or refused since he takes over too often. */
    private static HubConfig unlimited(HubConfig plain) {
        BrokerConfig broker = plain.broker();
        HubConfig.Authentication authentication = plain.authentication();
        return new HubConfig(
                plain.dataFolder(),
                new BrokerConfig(
                        broker.listeners(),
                        broker.loops(),
                        broker.limits(),
                        broker.protocol(),
                        broker.sessions(),
                        broker.retained(),
                        RateLimits.NONE,
                        broker.times()),
                plain.certificates(),
                new HubConfig.Authentication(
                        authentication.chain(),
                        authentication.deadline(),
                        authentication.scramIterations(),
                        authentication.guard(),
                        List.of(Network.parse("127.0.0.0/8")),
                        authentication.anonymousListeners()),
                plain.permissions(),
                plain.devices(),
                plain.registry(),
                plain.management());
    }

    @AfterAll
    static void stop() {
        threads.shutdownNow();
        running.close();
    }

    private static int port() {
        return running.mqttAddress().getPort();
    }

    /** Whether the device has signed in before: the first time is written before the CONNACK. */
    private static List<Boolean> rounds() {
        return List.of(true, false, true, false);
    }

    /** Its clients; each ends with the first attempt that it begins once it is over. */
    private List<Future<List<Attempt>>> signInAllTheTime(ChaoticDevice device, int atLeast)
            throws InterruptedException {
        AtomicInteger accepted = new AtomicInteger();
        List<Future<List<Attempt>>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(threads.submit(() -> attempts(device, accepted)));
        }
        while (accepted.get() < atLeast) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return clients;
    }

    private List<Attempt> attempts(ChaoticDevice device, AtomicInteger accepted) {
        List<Attempt> attempts = new ArrayList<>();
        boolean isLast;
        do {
            isLast = over;
            try {
                attempts.add(device.attempt(port()));
                accepted.incrementAndGet();
            } catch (IOException takenOverBeforeConnack) {
                assertThat(takenOverBeforeConnack).isNotNull();
            }
        } while (!isLast);
        return attempts;
    }

    /** Those who came before may have been let in, but none has stayed, nor came another. */
    private void assertNobodyStays(List<Future<List<Attempt>>> clients) throws Exception {
        over = true;
        for (Future<List<Attempt>> client : clients) {
            List<Attempt> attempts = client.get(30, TimeUnit.SECONDS);
            assertThat(attempts.get(attempts.size() - 1).code()).isEqualTo(BAD_CREDENTIALS);
            for (Attempt attempt : attempts) {
                try (Socket socket = attempt.socket()) {
                    assertThat(ChaoticDevice.isClosed(socket))
                            .as("code %d", attempt.code())
                            .isTrue();
                }
            }
        }
    }

    private void assertSignsInAndStays(String secret) throws IOException {
        ChaoticDevice device = new ChaoticDevice(key, secret);
        assertThat(device.connect(port())).isEqualTo(ChaoticDevice.ACCEPTED);
        assertThat(device.isConnected()).isTrue();
        assertThat(running.state(key)).isEqualTo("ONLINE");
        device.leave(true);
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void nobodyIsConnectedByASecretOnceItWasReplacedWithoutAnOverlap(boolean isKnown)
            throws Exception {
        ChaoticDevice old = new ChaoticDevice(key, running.createDevice(key));
        List<Future<List<Attempt>>> clients = signInAllTheTime(old, isKnown ? 20 : 0);

        HttpCaller.Answer replaced =
                running.operator().post(path + "/secret", "{\"overlapSeconds\":0}");

        assertThat(replaced.status()).isEqualTo(200);
        assertNobodyStays(clients);
        assertSignsInAndStays(replaced.json().path("deviceSecret").asText());
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void nobodyIsConnectedAsADeviceOnceItWasDeletedAndItsNameBeginsAnew(boolean isKnown)
            throws Exception {
        ChaoticDevice old = new ChaoticDevice(key, running.createDevice(key));
        List<Future<List<Attempt>>> clients = signInAllTheTime(old, isKnown ? 20 : 0);

        assertThat(running.operator().delete(path).status()).isEqualTo(204);
        String secret = running.createDevice(key);

        assertThat(running.state(key)).isEqualTo("INACTIVE");
        assertNobodyStays(clients);
        assertThat(running.state(key)).isEqualTo("INACTIVE");
        assertSignsInAndStays(secret);
    }
}
