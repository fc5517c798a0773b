package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose session ends when a certificate is revoked. */
class CertificateSessionsTest {

    private static final CertificateId ID = new CertificateId("device-ec-g1", "0123456789abcdef");
    private static final DeviceId DEVICE = new DeviceId("demo", "d1");

    private final FakeClients clients = new FakeClients();
    private final Map<DeviceId, Boolean> devices = new HashMap<>();
    private final CountDownLatch registryAnswers = new CountDownLatch(1);
    private boolean isAway;
    private int reads;
    private CertificateSessions sessions = within(Duration.ofSeconds(30));

    private CertificateSessions within(Duration deadline) {
        return new CertificateSessions(
                (ids, now) -> {
                    reads++;
                    if (isAway) {
                        throw new RegistryUnavailableException("away");
                    }
                    return Map.copyOf(devices);
                },
                deadline,
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        registryAnswers.countDown();
        sessions.close();
    }

    private ConnectedClient expelled() {
        FakeClients others = new FakeClients();
        others.connectAs("device:" + DEVICE, DEVICE.toString());
        return others.find(DEVICE.toString()).orElseThrow();
    }

    private void revoked(ConnectedClient... expelled) {
        sessions.revoked(List.of(ID), List.of(expelled), clients).toCompletableFuture().join();
    }

    @Test
    void thatOfADeviceWithoutAnotherOneWhetherItWasConnectedOrAway() {
        devices.put(DEVICE, false);
        revoked();
        assertThat(clients.forgotten()).containsExactly("demo/d1");
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1", "demo/d1");
    }

    @Test
    void notThatOfADeviceWithAnotherOne() {
        devices.put(DEVICE, true);
        revoked();
        revoked(expelled());
        assertThat(clients.forgotten()).isEmpty();
    }

    /** As one of an authority that binds nobody. */
    @Test
    void thatOfWhoWasConnectedWithOneThatTheRegistryDoesNotKnow() {
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
    }

    /** Since it is told once by whoever revokes and once by whoever follows the registry. */
    @Test
    void onceAndNotAgainWhenItIsToldAgain() {
        devices.put(DEVICE, false);
        revoked();
        revoked();
        assertThat(clients.forgotten()).hasSize(1);
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void atOnceIfItIsNotKnownAndItWasConnectedAndLaterIfItWasAway() {
        isAway = true;
        devices.put(DEVICE, false);
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
        sessions.again(clients);
        await().until(() -> reads == 2);

        isAway = false;
        await().untilAsserted(
                        () -> {
                            sessions.again(clients);
                            assertThat(clients.forgotten()).hasSize(2);
                        });
        int then = reads;
        sessions.again(clients);
        assertThat(reads).as("nothing is left to look for").isEqualTo(then);
    }

    @Test
    void withoutWaitingLongForTheRegistry() {
        sessions.close();
        sessions =
                new CertificateSessions(
                        (ids, now) -> {
                            awaitForever();
                            return Map.of(DEVICE, true);
                        },
                        Duration.ofMillis(100),
                        Clock.systemUTC());
        revoked(expelled());
        assertThat(clients.forgotten()).containsExactly("demo/d1");
    }

    private void awaitForever() {
        try {
            registryAnswers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
