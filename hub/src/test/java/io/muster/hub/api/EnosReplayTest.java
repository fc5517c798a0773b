package io.muster.hub.api;

import static io.muster.hub.api.EnosCaller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.EnosCaller.Signed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signed call is taken once, and may be sent again only if its work was not begun. */
class EnosReplayTest {

    private static final String D1 = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";

    @TempDir private Path folder = Path.of("");
    private ApiFixture api;

    @BeforeEach
    void start() {
        api = ApiFixture.start(folder, Duration.ofSeconds(10));
        create("/api/v1/products", "{\"productKey\":\"pump\"}");
        create("/api/v1/products/pump/devices", "{\"deviceKey\":\"d1\"}");
    }

    /** The same hub once more, which waits for its registry no longer than a busy machine needs. */
    private void startHasty() {
        api.close();
        api = ApiFixture.start(folder, Duration.ofSeconds(3));
    }

    private void create(String path, String body) {
        assertThat(api.operator().post(path, body).status()).isEqualTo(201);
    }

    /** An operator does this to the device. */
    private void operatorSays(String act) {
        assertThat(api.operator().post("/api/v1/products/pump/devices/d1/" + act).status())
                .isEqualTo(200);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private EnosCaller as(Role role) {
        ApiKey key = api.operators().keys().create(role.word(), role, Expiry.NEVER);
        return EnosCaller.of(api.operator(), key);
    }

    private Signed signed(String action, String body) {
        return as(Role.OPERATE).signed("POST", DEVICES, "action=" + action + "&orgId=o1", body);
    }

    /** Nobody else writes to the registry until it is closed. */
    private Connection blockWriting() throws SQLException {
        Connection blocker =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("registry.db"));
        blocker.createStatement().execute("BEGIN IMMEDIATE");
        return blocker;
    }

    private String state() {
        return api.operator().get("/api/v1/products/pump/devices/d1").json().path("state").asText();
    }

    @Test
    void aCallThatWasDoneIsNotDoneAgain() {
        Signed disable = signed("disable", D1);

        assertThat(disable.code()).isZero();
        operatorSays("enable");
        assertThat(disable.code()).isEqualTo(401);
        assertThat(state()).isEqualTo("INACTIVE");
    }

    @Test
    void oneThatDisablesAgainWasDoneThoughItIsAnsweredAsRefused() {
        operatorSays("disable");
        Signed disable = signed("disable", D1);

        assertThat(disable.code()).isEqualTo(11723);
        assertThat(disable.code()).isEqualTo(401);
    }

    @Test
    void aCallThatWasRefusedIsNotTakenASecondTimeWhenItCouldBeDone() {
        Signed enable = signed("enable", D1);

        assertThat(enable.code()).isEqualTo(11721);
        operatorSays("disable");
        assertThat(enable.code()).isEqualTo(401);
        assertThat(state()).isEqualTo("DISABLED");
    }

    @Test
    void whatWasRefusedIsSignedAnewToBeDone() {
        EnosCaller caller = as(Role.OPERATE);
        String fan = "{\"productKey\":\"fan\",\"deviceKey\":\"f1\"}";
        Signed create = caller.signed("POST", DEVICES, "action=create", fan);

        assertThat(create.code()).isEqualTo(99400);
        create("/api/v1/products", "{\"productKey\":\"fan\"}");
        assertThat(create.code()).isEqualTo(401);
        assertThat(caller.signed("POST", DEVICES, "action=create", fan).code()).isZero();
    }

    @Test
    void whatARoleDoesNotAllowIsNotRemembered() {
        Signed disable = as(Role.READ).signed("POST", DEVICES, "action=disable", D1);

        assertThat(disable.code()).isEqualTo(403);
        assertThat(disable.code()).isEqualTo(403);
    }

    @Test
    void whatTheRegistryCouldNotBeAskedForMayBeAskedForAgain() throws SQLException {
        startHasty();
        operatorSays("disable");
        Signed enable = signed("enable", D1);

        try (Connection blocker = blockWriting()) {
            assertThat(enable.code()).isEqualTo(99500);
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(state()).isEqualTo("DISABLED");
        assertThat(enable.code()).isZero();
        assertThat(enable.code()).isEqualTo(401);
    }

    @Test
    void aCallWhoseOutcomeIsUnknownIsNotDoneAgain() throws SQLException {
        startHasty();
        Signed disable = signed("disable", D1);

        try (Connection blocker = blockWriting()) {
            assertThat(disable.code()).isEqualTo(99500);
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(disable.code()).isEqualTo(401);
        assertThat(state()).isEqualTo("DISABLED");
    }

    @Test
    void twoCopiesAtTheSameTimeAreDoneOnce() throws SQLException {
        Signed disable = signed("disable", D1);
        api.clients().connect("pump/d1");
        CompletableFuture<Integer> first;

        try (Connection blocker = blockWriting()) {
            first = CompletableFuture.supplyAsync(disable::code);
            await().until(() -> !api.clients().isConnected("pump/d1"));
            Answer copy = disable.answer();

            assertThat(copy.status()).isEqualTo(503);
            assertThat(copy.header("Retry-After")).isEqualTo("1");
            assertThat(copy.json().path("msg").asText()).contains("under way");
            assertThat(first).isNotDone();
            assertThat(blocker.isClosed()).isFalse();
        }
        assertThat(first.join()).isZero();
        assertThat(disable.code()).isEqualTo(401);
    }
}
