package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.HttpCaller.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator does to connected devices closes their connections, and when it is answered
 * nobody gets in any more.
 *
 * <p>{@code -Dclosed.connected=15000 -Dclosed.each=200} measures how long that takes among many.
 */
class ClosedAtOnceTest {

    private static final int CONNECTED = Integer.getInteger("closed.connected", 60);
    private static final int EACH = Integer.getInteger("closed.each", 20);
    private static final String DEVICES_PATH = "/api/v1/products/demo/devices/";

    private final List<ChaoticDevice> devices = new ArrayList<>();
    private final ExecutorService reader = Executors.newSingleThreadExecutor();
    private HubProcess hub;
    private HttpCaller operator;
    private int port;

    @BeforeEach
    void connectAll(@TempDir Path home) throws Exception {
        // All come from one address, and those who try in vain are not to bar it.
        hub =
                HubProcess.start(
                        home,
                        Map.of(
                                "MUSTER_LOG_LEVEL",
                                "warn",
                                "MUSTER_AUTHENTICATION_GUARD_ADDRESS_NAMES",
                                "0"));
        operator = hub.operator();
        port = hub.mqttPort();
        StringBuilder file = new StringBuilder("deviceKey,deviceSecret\n");
        for (int i = 0; i < CONNECTED; i++) {
            file.append("c").append(i).append(",secret-of-device-").append(i).append('\n');
            devices.add(new ChaoticDevice("c" + i, "secret-of-device-" + i));
        }
        Answer imported =
                operator.post("/api/v1/products/demo/import", "text/csv", file.toString());
        assertThat(imported.status()).isEqualTo(201);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> codes = new ArrayList<>();
        devices.forEach(device -> codes.add(threads.submit(() -> device.connect(port))));
        for (Future<Integer> code : codes) {
            assertThat(code.get()).isZero();
        }
        threads.shutdown();
    }

    @AfterEach
    void stop() throws IOException {
        hub.close();
        reader.shutdownNow();
        for (ChaoticDevice device : devices) {
            device.leave(false);
        }
    }

    /** How long it took until each connection was closed, from before the request. */
    private void close(
            String what, int first, Function<ChaoticDevice, Answer> request, int refusedWith)
            throws Exception {
        long[] micros = new long[EACH];
        for (int i = 0; i < EACH; i++) {
            ChaoticDevice device = devices.get(first + i * (CONNECTED / EACH / 3 * 3));
            Future<Long> closed = reader.submit(device::closedAtNanos);
            long begin = System.nanoTime();
            assertThat(request.apply(device).status()).isBetween(200, 204);
            assertThat(device.connect(port)).as("after %s", what).isEqualTo(refusedWith);
            micros[i] = TimeUnit.NANOSECONDS.toMicros(closed.get() - begin);
        }
        Arrays.sort(micros);
        System.out.printf(
                "%s to closed, %d connected, %d times: p50 %d us, p99 %d us, max %d us%n",
                what,
                CONNECTED,
                EACH,
                micros[EACH / 2],
                micros[Math.min(EACH - 1, EACH * 99 / 100)],
                micros[EACH - 1]);
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void whoIsDisabledGetsAnotherSecretOrIsDeletedIsOutWhenThatIsAnswered() throws Exception {
        close(
                "disable",
                0,
                device -> operator.post(DEVICES_PATH + device.key + "/disable"),
                ChaoticDevice.NOT_AUTHORIZED);
        close(
                "rotate",
                1,
                device ->
                        operator.post(
                                DEVICES_PATH + device.key + "/secret",
                                "{\"overlapSeconds\":0,\"disconnect\":true}"),
                ChaoticDevice.BAD_CREDENTIALS);
        close(
                "delete",
                2,
                device -> operator.delete(DEVICES_PATH + device.key),
                ChaoticDevice.BAD_CREDENTIALS);
    }
}
