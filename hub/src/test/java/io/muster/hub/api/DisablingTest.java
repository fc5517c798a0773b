package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps somebody out is done at once, however long the registry takes to write it down. */
class DisablingTest {

    private static final DeviceId D1 = new DeviceId("pump", "d1");
    private static final String DISABLE = "/api/v1/products/pump/devices/d1/disable";
    private static final String APPLICATIONS = "/api/v1/applications";

    /** Longer than the registry is blocked. */
    private static final Duration PATIENT = Duration.ofSeconds(10);

    private static final Duration HASTY = Duration.ofMillis(500);

    private Path folder;
    private ApiFixture api;

    @BeforeEach
    void remember(@TempDir Path empty) {
        folder = empty;
        api = ApiFixture.start(folder, PATIENT);
    }

    private void start(Duration registryTimeout) {
        api.close();
        api = ApiFixture.start(folder, registryTimeout);
        api.operator().post("/api/v1/products", "{\"productKey\":\"pump\"}");
        api.operator().post("/api/v1/products/pump/devices", "{\"deviceKey\":\"d1\"}");
        joined(api.signIn(D1));
        api.clients().connect("pump/d1");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private static <T> T joined(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    /** Nobody else writes to the registry until it is closed. */
    private Connection blockWriting() throws SQLException {
        Connection blocker =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("registry.db"));
        blocker.createStatement().execute("BEGIN IMMEDIATE");
        return blocker;
    }

    private CompletableFuture<Answer> posting(String path) {
        return CompletableFuture.supplyAsync(() -> api.operator().post(path));
    }

    private JsonNode lastAct() {
        return api.operator().get("/api/v1/audit?limit=1").json().path("items").path(0);
    }

    @Test
    void aDeviceIsBarredAndDisconnectedBeforeAnythingIsWritten() throws SQLException {
        start(PATIENT);
        CompletableFuture<Answer> disabling;
        try (Connection blocker = blockWriting()) {
            disabling = posting(DISABLE);

            await().until(() -> !api.clients().isConnected("pump/d1"));
            assertThat(joined(api.signIn(D1)).status()).isEqualTo(DeviceStatus.DISABLED);
            assertThat(disabling).isNotDone();
            assertThat(blocker.isClosed()).isFalse();
        }
        Answer answer = disabling.join();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("DISABLED");
        assertThat(
                        api.managedHub()
                                .devices()
                                .registry()
                                .findDevice(D1)
                                .map(device -> device.status()))
                .contains(DeviceStatus.DISABLED);
        await().untilAsserted(
                        () -> assertThat(lastAct().path("outcome").asText()).isEqualTo("done"));
        assertThat(lastAct().path("act").asText()).isEqualTo("device.disable");
    }

    @Test
    void aBarThatCannotBeWrittenStandsIsToldSoAndIsWrittenLater() throws SQLException {
        start(HASTY);
        try (Connection blocker = blockWriting()) {
            Answer answer = api.operator().post(DISABLE);

            ApiFixture.assertProblem(
                    answer, 503, "device 'pump/d1' is disabled and disconnected, but");
            assertThat(joined(api.directory().find(D1)).orElseThrow().status())
                    .isEqualTo(DeviceStatus.DISABLED);
            assertThat(blocker.isClosed()).isFalse();
        }
        await().until(
                        () ->
                                api.managedHub()
                                                .devices()
                                                .registry()
                                                .findDevice(D1)
                                                .orElseThrow()
                                                .status()
                                        == DeviceStatus.DISABLED);
        await().untilAsserted(
                        () -> {
                            assertThat(lastAct().path("act").asText()).isEqualTo("device.disable");
                            assertThat(lastAct().path("outcome").asText()).isEqualTo("failed");
                        });
        assertThat(api.meters().counter("muster.audit.rows.lost").count()).isZero();
    }

    @Test
    void whoSlippedInByAnEnablingInBetweenIsOutWhenDisablingIsAnswered() throws SQLException {
        start(PATIENT);
        joined(api.directory().disable(D1).durable());
        CompletableFuture<?> enabling;
        CompletableFuture<Answer> disabling;
        try (Connection blocker = blockWriting()) {
            // It gets its turn first, and lets the device in before the disabling has its own.
            enabling =
                    api.directory()
                            .enable(D1)
                            .thenCompose(enabled -> api.signIn(D1))
                            .thenAccept(online -> api.clients().connect("pump/d1"))
                            .toCompletableFuture();
            disabling = posting(DISABLE);
            await().until(() -> !api.clients().isConnected("pump/d1"));
            assertThat(blocker.isClosed()).isFalse();
        }
        enabling.join();

        assertThat(disabling.join().status()).isEqualTo(200);
        assertThat(api.clients().isConnected("pump/d1")).isFalse();
        assertThat(joined(api.directory().find(D1)).map(device -> device.status()))
                .isEqualTo(Optional.of(DeviceStatus.DISABLED));
    }

    @Test
    void aClientIsDisconnectedThoughThatCannotBeWrittenDownYet() throws SQLException {
        start(HASTY);
        try (Connection blocker = blockWriting()) {
            Answer answer = api.operator().delete("/api/v1/clients/pump%2Fd1");

            ApiFixture.assertProblem(answer, 503, "this has been done, but");
            assertThat(api.clients().isConnected("pump/d1")).isFalse();
            assertThat(blocker.isClosed()).isFalse();
        }
        await().untilAsserted(
                        () -> {
                            assertThat(lastAct().path("act").asText())
                                    .isEqualTo("client.disconnect");
                            assertThat(lastAct().path("detail").asText())
                                    .isEqualTo("done before this row could be written");
                        });
    }

    private void createApplication() {
        api.operator()
                .post(APPLICATIONS, "{\"username\":\"billing\",\"password\":\"correct horse\"}");
        api.clients().connectAs("app:billing", "b1");
    }

    private boolean isDisabled() {
        return api.applications().find("billing").orElseThrow().standing().isDisabled();
    }

    @Test
    void anApplicationIsBarredAndDisconnectedBeforeAnythingIsWritten() throws SQLException {
        start(PATIENT);
        createApplication();
        CompletableFuture<Answer> disabling;
        try (Connection blocker = blockWriting()) {
            disabling = posting(APPLICATIONS + "/billing/disable");

            await().until(() -> !api.clients().isConnected("b1"));
            assertThat(disabling).isNotDone();
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(disabling.join().status()).isEqualTo(200);
        assertThat(isDisabled()).isTrue();
    }

    @Test
    void anApplicationThatCouldNotBeWrittenStaysBarredUntilItIsWritten() throws SQLException {
        start(HASTY);
        createApplication();
        try (Connection blocker = blockWriting()) {
            ApiFixture.assertProblem(
                    api.operator().post(APPLICATIONS + "/billing/disable"),
                    503,
                    "application 'billing' is disabled and disconnected, but");
            assertThat(blocker.isClosed()).isFalse();
            assertThat(isDisabled()).isFalse();
        }
        await().until(this::isDisabled);
    }
}
