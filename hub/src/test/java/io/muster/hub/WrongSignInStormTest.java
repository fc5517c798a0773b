package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A storm of wrong sign-ins, with names that nobody has and with one that somebody has, from many
 * addresses, leaves nothing in a hub's memory but what its tables may hold: once they are full, as
 * many again make the heap no larger. The one with the right secret is let in afterwards.
 *
 * <p>{@code -Dstorm.sign-ins=500000} makes a million of both halves.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "other systems have no address but 127.0.0.1")
class WrongSignInStormTest {

    /** Of each third. */
    private static final int SIGN_INS = Integer.getInteger("storm.sign-ins", 3_000);

    /** Full after the first third, as the default is after a storm of half a million. */
    private static final int ENTRIES_MAX = Math.max(1_000, Math.min(100_000, SIGN_INS / 4));

    /**
     * What a collection leaves is the same within some hundred KiB, but for what the virtual
     * machine makes once and for all, whenever that is: so the lesser growth counts.
     */
    private static final long GROWTH_MAX = 2 << 20;

    private static final int THREADS = 4;
    private static final int TIMEOUT_MILLIS = 30_000;

    private int port;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void leavesNothingInMemoryButFullTables(@TempDir Path home) throws Exception {
        try (HubProcess hub =
                HubProcess.start(
                        home,
                        Map.of(
                                "MUSTER_JAVA_OPTS",
                                "-Xmx256m",
                                "MUSTER_LOG_LEVEL",
                                "error",
                                "MUSTER_AUTHENTICATION_GUARD_ENTRIES_MAX",
                                Integer.toString(ENTRIES_MAX)))) {
            port = hub.mqttPort();
            assertThat(
                            hub.operator()
                                    .post(
                                            "/api/v1/products/demo/devices",
                                            "{\"deviceKey\":\"victim\",\"deviceSecret\":\"the-right-secret\"}")
                                    .status())
                    .isEqualTo(201);
            long atFirst = hub.liveHeapBytes();
            long begin = System.nanoTime();
            storm(0);
            long full = hub.liveHeapBytes();
            storm(SIGN_INS);
            long later = hub.liveHeapBytes();
            storm(2 * SIGN_INS);
            long after = hub.liveHeapBytes();
            System.out.printf(
                    "storm of %d wrong sign-ins in %d s: heap %d KiB at first, %d, %d and %d KiB after each third%n",
                    3 * SIGN_INS,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
                    atFirst >> 10,
                    full >> 10,
                    later >> 10,
                    after >> 10);
            assertThat(Math.min(later - full, after - later)).as("growth").isLessThan(GROWTH_MAX);
            assertThat(code(address(-1), ChaoticDevice.connectPacket("victim", "the-right-secret")))
                    .isEqualTo(ChaoticDevice.ACCEPTED);
        }
    }

    private void storm(int first) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int from = first + thread;
            running.add(
                    threads.submit(
                            () -> {
                                for (int i = from; i < first + SIGN_INS; i += THREADS) {
                                    guess(i);
                                }
                                return null;
                            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        threads.shutdown();
    }

    /** Each with a name or an address that did not come before. */
    private void guess(int number) throws IOException {
        String name = number % 5 == 0 ? "victim" : "nobody" + number;
        int code = code(address(number), ChaoticDevice.connectPacket(name, "guess-" + number));
        assertThat(code).isIn(ChaoticDevice.BAD_CREDENTIALS, ChaoticDevice.NOT_AUTHORIZED);
    }

    /** One of 127.0.0.0/8 for two sign-ins; 127.0.0.2 for -1. */
    private static byte[] address(int number) {
        int block = number < 0 ? 2 : 0x10000 + number / 2;
        return new byte[] {127, (byte) (block >> 16), (byte) (block >> 8), (byte) block};
    }

    private int code(byte[] from, byte[] connect) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoLinger(true, 0); // leaves no port behind that nobody may use
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(from), 0));
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.getOutputStream().write(connect);
            byte[] connack = socket.getInputStream().readNBytes(4);
            if (connack.length < 4) {
                throw new IOException("closed before CONNACK");
            }
            return connack[3];
        }
    }
}
