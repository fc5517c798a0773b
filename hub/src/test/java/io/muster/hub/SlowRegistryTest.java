package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub whose registry cannot be written for a moment, seen from outside. */
class SlowRegistryTest {

    private static final int NOT_AUTHORIZED = 5;

    /** Of the hub with its registry: as long as an answer may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(9);

    private static Path folder;
    private static RunningHub running;

    @BeforeAll
    static void start(@TempDir Path empty) {
        folder = empty;
        running = RunningHub.start(RunningHub.config(folder, PATIENCE));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    /** Nobody else writes to the registry until it is closed. */
    private static Connection blockWriting() throws SQLException {
        Connection blocker =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("registry.db"));
        blocker.createStatement().execute("BEGIN IMMEDIATE");
        return blocker;
    }

    private static CompletableFuture<Answer> posting(String path) {
        return CompletableFuture.supplyAsync(() -> running.operator().post(path));
    }

    private static void assertRefused(ThrowingCallable connect) {
        assertThatThrownBy(connect)
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(
                        refusal -> assertThat(refusal.getReasonCode()).isEqualTo(NOT_AUTHORIZED));
    }

    @Test
    void aDeviceThatIsDisabledIsOutAndNotLetInBeforeThatIsWritten() throws Exception {
        String secret = running.createDevice("d1");
        MqttClient device = running.connectDevice("d1", secret);
        CompletableFuture<Answer> disabling;
        try (Connection blocker = blockWriting()) {
            disabling = posting("/api/v1/products/demo/devices/d1/disable");

            await().until(() -> !device.isConnected());
            assertRefused(() -> running.connectDevice("d1", secret));
            assertThat(disabling).isNotDone();
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(disabling.join().status()).isEqualTo(200);
        assertRefused(() -> running.connectDevice("d1", secret));
    }

    @Test
    void anApplicationThatIsDisabledIsOutAndNotLetInBeforeThatIsWritten() throws Exception {
        String path = "/api/v1/applications/" + running.demo().applicationUsername();
        MqttClient application = running.connectApplication("backend");
        CompletableFuture<Answer> disabling;
        try (Connection blocker = blockWriting()) {
            disabling = posting(path + "/disable");

            await().until(() -> !application.isConnected());
            assertRefused(() -> running.connectApplication("backend"));
            assertThat(disabling).isNotDone();
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(disabling.join().status()).isEqualTo(200);
        assertRefused(() -> running.connectApplication("backend"));

        assertThat(running.operator().post(path + "/enable").status()).isEqualTo(200);
        RunningHub.disconnect(running.connectApplication("backend"));
    }

    @Test
    void anAccountThatWasDisabledBeforeItWasCreatedIsLetIn() throws Exception {
        assertThat(running.operator().post("/api/v1/applications/later/disable").status())
                .isEqualTo(404);
        running.operator()
                .post(
                        "/api/v1/applications",
                        "{\"username\":\"later\",\"password\":\"correct horse\"}");

        RunningHub.disconnect(running.connect("c1", "later", "correct horse"));
    }
}
