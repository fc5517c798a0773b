package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices come, go, take over, tear their connections, are disabled and enabled, all at random, and
 * the hub is killed now and then. In the end the states that an application has read, those that
 * the management API shows and the truth are the same, and nothing was read out of order.
 *
 * <p>{@code -Dchaos.seconds=600 -Dchaos.devices=2000 -Dchaos.kills=8} makes a long run of it.
 */
class StatesUnderChaosTest {

    private static final int DEVICES = Integer.getInteger("chaos.devices", 150);
    private static final int SECONDS = Integer.getInteger("chaos.seconds", 8);
    private static final int KILLS = Integer.getInteger("chaos.kills", 2);
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final int WORKERS = 6;
    private static final String DEVICES_PATH = "/api/v1/products/demo/devices";

    private final Path home;
    private final int mqttPort = freePort();
    private final int managementPort = freePort();
    private final List<ChaoticDevice> devices = new ArrayList<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<Long> kills = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicInteger> done = new TreeMap<>();
    private volatile HubProcess hub;
    private volatile boolean over;

    StatesUnderChaosTest(@TempDir Path home) throws IOException {
        this.home = home;
        for (String what :
                List.of("connect", "refused", "leave", "tear", "disable", "race", "enable")) {
            done.put(what, new AtomicInteger());
        }
        hub = start();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        over = true;
        hub.close();
    }

    /** On the same ports each time, so that its clients find it again. */
    private HubProcess start() throws IOException {
        return HubProcess.start(
                home,
                Map.of(
                        "MUSTER_LISTENERS_0_PORT",
                        Integer.toString(mqttPort),
                        "MUSTER_MANAGEMENT_PORT",
                        Integer.toString(managementPort),
                        "MUSTER_LOG_LEVEL",
                        "warn"));
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void whatAnApplicationReadsIsTrueAndInOrder() throws Exception {
        HttpCaller operator = hub.operator();
        register(operator);
        operator.post(
                "/api/v1/applications",
                "{\"username\":\"chaos-reader\",\"password\":\"chaos-reader\"}");
        try (StateReader reader = StateReader.connect(mqttPort, "chaos-reader", "chaos-reader")) {
            run(operator);
            settle(operator, reader);
            System.out.println(
                    "chaos seed="
                            + SEED
                            + " done="
                            + done
                            + " kills="
                            + KILLS
                            + " messages="
                            + reader.messages());
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(reader.disorder()).as("seed %d", SEED).isEmpty();
        }
    }

    private void register(HttpCaller operator) {
        StringBuilder file = new StringBuilder("deviceKey,deviceSecret\n");
        for (int i = 0; i < DEVICES; i++) {
            String secret = "secret-of-device-" + i;
            file.append("c").append(i).append(',').append(secret).append('\n');
            devices.add(new ChaoticDevice("c" + i, secret));
        }
        assertThat(
                        operator.post("/api/v1/products/demo/import", "text/csv", file.toString())
                                .status())
                .isEqualTo(201);
    }

    private void run(HttpCaller operator) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(SEED + i);
            workers.add(
                    threads.submit(
                            () -> {
                                while (!over) {
                                    step(operator, random, threads);
                                }
                                return null;
                            }));
        }
        for (int i = 0; i <= KILLS; i++) {
            TimeUnit.MILLISECONDS.sleep(SECONDS * 1_000L / (KILLS + 1));
            if (i < KILLS) {
                kills.add(System.nanoTime());
                hub.kill();
                hub = start();
                kills.add(System.nanoTime());
            }
        }
        over = true;
        for (Future<?> worker : workers) {
            worker.get(2, TimeUnit.MINUTES);
        }
        threads.shutdown();
    }

    private void step(HttpCaller operator, Random random, ExecutorService threads)
            throws InterruptedException {
        ChaoticDevice device = devices.get(random.nextInt(devices.size()));
        synchronized (device) {
            try {
                act(device, random.nextInt(100), operator, threads);
            } catch (IOException | IllegalStateException perhapsKilled) {
                device.dropIfGone();
            }
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(10));
    }

    private void act(ChaoticDevice device, int dice, HttpCaller operator, ExecutorService threads)
            throws IOException, InterruptedException {
        if (device.isDisabled()) {
            if (dice < 50) {
                connect(device);
            } else {
                set(device, false, operator);
            }
        } else if (dice < 50) {
            connect(device);
        } else if (dice < 70) {
            count("leave");
            device.leave(true);
        } else if (dice < 85) {
            count("tear");
            device.leave(false);
        } else if (dice < 92) {
            set(device, true, operator);
        } else {
            disableWhileItSignsIn(device, operator, threads);
        }
    }

    private void count(String what) {
        Objects.requireNonNull(done.get(what)).incrementAndGet();
    }

    private void connect(ChaoticDevice device) throws IOException {
        int code = device.connect(mqttPort);
        count(code == ChaoticDevice.ACCEPTED ? "connect" : "refused");
        boolean isRight =
                code == ChaoticDevice.UNAVAILABLE
                        || code == (device.isDisabled() ? ChaoticDevice.NOT_AUTHORIZED : 0);
        if (!isRight) {
            wrong.add(device.key + ": " + code + ", disabled " + device.isDisabled());
        }
    }

    /** Until it is answered: what a hub that is killed has done is not known. */
    private void set(ChaoticDevice device, boolean disabled, HttpCaller operator)
            throws IOException {
        count(disabled ? "disable" : "enable");
        String path = DEVICES_PATH + "/" + device.key + (disabled ? "/disable" : "/enable");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> operator.post(path).status() == 200);
        device.disabled(disabled);
        if (disabled && !device.isClosed()) {
            wrong.add(device.key + ": disabled, and its connection is not closed");
        }
    }

    /** Three sign in while it is disabled: none of them is connected afterwards. */
    private void disableWhileItSignsIn(
            ChaoticDevice device, HttpCaller operator, ExecutorService threads)
            throws IOException, InterruptedException {
        count("race");
        List<Future<ChaoticDevice.Attempt>> attempts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            attempts.add(threads.submit(() -> device.attempt(mqttPort)));
        }
        set(device, true, operator);
        for (Future<ChaoticDevice.Attempt> each : attempts) {
            try {
                ChaoticDevice.Attempt attempt = each.get();
                if (attempt.code() == ChaoticDevice.ACCEPTED) {
                    device.signedInBefore();
                }
                if (attempt.code() == ChaoticDevice.ACCEPTED
                        && !ChaoticDevice.isClosed(attempt.socket())) {
                    wrong.add(device.key + ": connected although it is disabled");
                }
                attempt.socket().close();
            } catch (ExecutionException killed) {
                // It came to nothing.
            }
        }
        connect(device);
    }

    private void settle(HttpCaller operator, StateReader reader) {
        Map<String, Set<String>> truth = new TreeMap<>();
        for (ChaoticDevice device : devices) {
            synchronized (device) {
                truth.put(device.key, device.truth(kills));
            }
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(differences(truth, operator, reader)).isEmpty());
    }

    private List<String> differences(
            Map<String, Set<String>> truth, HttpCaller operator, StateReader reader) {
        List<String> differences = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = operator.get(DEVICES_PATH + "?limit=1000&after=" + after).json();
            for (JsonNode shown : page.path("items")) {
                String key = shown.path("deviceKey").asText();
                Set<String> right = truth.get(key);
                if (right != null) {
                    compare(shown, right, reader.last().get("demo/" + key), differences);
                }
            }
            after = page.path("next").asText();
        } while (!after.isEmpty());
        return differences;
    }

    private static void compare(
            JsonNode shown,
            Set<String> truth,
            StateReader.@Nullable Read read,
            List<String> differences) {
        String state = shown.path("state").asText();
        StateReader.Read inApi = new StateReader.Read(state, shown.path("stateVersion").asLong());
        boolean isNew = read == null && state.equals("INACTIVE") && truth.contains(state);
        if (!truth.contains(state) || (!inApi.equals(read) && !isNew)) {
            differences.add(
                    shown.path("deviceKey").asText()
                            + ": truth "
                            + truth
                            + ", API "
                            + inApi
                            + ", read "
                            + read);
        }
    }
}
