package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.guard.GuardSettings;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.ChaoticSubDevice.Link;
import io.muster.hub.GatewaySite.Client;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gateways connect, are cut, take over and are disabled at random; their devices are signed in, one
 * by one and many at once, signed out, moved from gateway to gateway, and connect themselves, while
 * operators disable, enable, delete and create them. In the end the states that an application has
 * read, those that the management API shows and those that must be by all that was answered are the
 * same, and nothing was read out of order.
 *
 * <p>{@code -Dchaos.seconds=600} makes a long run of it. What the threads do is that of the seed,
 * {@code -Dchaos.seed}; how they meet is not.
 */
class GatewaysUnderChaosTest {

    private static final int GATEWAYS = 4;
    private static final int OPERATORS = 2;
    private static final int SUB_DEVICES = 16;
    private static final int SECONDS = Integer.getInteger("chaos.seconds", 4);

    /** So many happen, however busy the machine is. */
    private static final int ACTS_MIN = 250;

    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NOT_AUTHORIZED = 5;

    private final GatewaySite site;
    private final List<ChaoticSubDevice> subDevices = new ArrayList<>();
    private final List<Gateway> gateways = new ArrayList<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicInteger> done = new TreeMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile boolean over;

    GatewaysUnderChaosTest(@TempDir Path folder) throws IOException {
        site = GatewaySite.open(config(folder.resolve("data")));
        for (int i = 0; i < SUB_DEVICES; i++) {
            DeviceId id = new DeviceId("demo", "s" + i);
            subDevices.add(new ChaoticSubDevice(id, site.create(id)));
        }
        for (int i = 0; i < GATEWAYS; i++) {
            DeviceId id = new DeviceId("gwp", "g" + i);
            gateways.add(new Gateway(id, site.create(id), i));
        }
        for (String what : List.of("login", "batch", "logout", "move", "remove", "data", "race")) {
            done.put(what, new AtomicInteger());
        }
        for (String what : List.of("connect", "cut", "leave", "disable", "enable", "delete")) {
            done.put(what, new AtomicInteger());
        }
    }

    /** Nobody is barred for what it does too often. */
    private static HubConfig config(Path folder) {
        HubConfig usual = RunningHub.withTakeOvers(RunningHub.config(folder), TakeOverLimits.NONE);
        HubConfig.Authentication authentication = usual.authentication();
        GuardSettings guard = authentication.guard();
        return new HubConfig(
                usual.dataFolder(),
                usual.broker(),
                usual.certificates(),
                new HubConfig.Authentication(
                        authentication.chain(),
                        authentication.deadline(),
                        authentication.scramIterations(),
                        new GuardSettings(
                                0,
                                0,
                                0,
                                guard.window(),
                                guard.firstBar(),
                                guard.longestBar(),
                                guard.entriesMax(),
                                guard.connectRate()),
                        authentication.exempt(),
                        authentication.anonymousListeners()),
                usual.permissions(),
                usual.devices(),
                usual.registry(),
                usual.management());
    }

    @AfterEach
    void close() {
        over = true;
        threads.shutdownNow();
        site.close();
    }

    private void count(String what) {
        AtomicInteger count = done.get(what);
        assertThat(count).as(what).isNotNull();
        count.incrementAndGet();
    }

    private void require(boolean isRight, String what) {
        if (!isRight) {
            wrong.add(what);
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void whatAnApplicationReadsIsTrueAndInOrder() throws Exception {
        try (StateReader reader = site.reader()) {
            run();
            System.out.println(
                    "gateway chaos seed="
                            + SEED
                            + " done="
                            + done
                            + " messages="
                            + reader.messages());
            awaitNoFaults(reader);
            comeToRest(reader);
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(reader.disorder()).as("seed %d", SEED).isEmpty();
            assertThat(reader.repetitions()).as("seed %d", SEED).isEmpty();
            for (ChaoticSubDevice each : subDevices) {
                each.leaves(true);
            }
        }
    }

    /** What the states are after each of some acts of all. */
    private void comeToRest(StateReader reader) throws Exception {
        for (Gateway gateway : gateways) {
            gateway.loginAll();
        }
        awaitNoFaults(reader);
        gateways.get(0).moveAll();
        awaitNoFaults(reader);
        gateways.get(0).loginAll();
        awaitNoFaults(reader);
        for (Gateway gateway : gateways) {
            gateway.cut();
        }
        awaitNoFaults(reader);
    }

    private void run() throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (Gateway gateway : gateways) {
            running.add(untilOver(gateway::step));
        }
        for (int i = 0; i < OPERATORS; i++) {
            Random random = new Random(SEED + GATEWAYS + i);
            running.add(untilOver(() -> operate(random)));
        }
        long begin = System.nanoTime();
        patiently()
                .atMost(Duration.ofSeconds(SECONDS).plus(PATIENCE))
                .until(
                        () ->
                                System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(SECONDS)
                                        && acts() >= ACTS_MIN);
        over = true;
        for (Future<?> each : running) {
            each.get(2, TimeUnit.MINUTES);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private Future<?> untilOver(Step step) {
        return threads.submit(
                () -> {
                    while (!over) {
                        step.run();
                    }
                    return null;
                });
    }

    /** Threads of Paho may stumble over a client that was cut. */
    private static ConditionFactory patiently() {
        return Awaitility.await()
                .dontCatchUncaughtExceptions()
                .pollInterval(Duration.ofMillis(200));
    }

    private int acts() {
        return done.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private void awaitNoFaults(StateReader reader) {
        patiently()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(faults(reader)).as("seed %d", SEED).isEmpty());
    }

    private List<String> faults(StateReader reader) {
        Set<Link> links = new HashSet<>();
        List<String> faults = new ArrayList<>();
        for (Gateway gateway : gateways) {
            gateway.link().ifPresent(links::add);
            String right = gateway.link().isPresent() ? "ONLINE" : "OFFLINE";
            StateReader.Read shown = site.shown(gateway.id);
            if (!shown.state().equals(right)
                    || !shown.equals(reader.last().get(gateway.id.toString()))) {
                faults.add(gateway.id + " shown " + shown + " and not " + right);
            }
        }
        for (ChaoticSubDevice each : subDevices) {
            synchronized (each) {
                JsonNode shown = site.hub().operator().get(GatewaySite.path(each.id)).json();
                each.fault(links, shown, reader.last().get(each.id.toString()))
                        .ifPresent(faults::add);
            }
        }
        return faults;
    }

    // ------------------------------------------------------------------ operators

    private void operate(Random random) throws Exception {
        ChaoticSubDevice device = subDevices.get(random.nextInt(SUB_DEVICES));
        synchronized (device) {
            int dice = random.nextInt(100);
            if (!device.exists()) {
                device.created(site.create(device.id));
            } else if (dice < 8) {
                delete(device);
            } else if (dice < 30) {
                set(device, !device.isDisabled());
            } else if (device.isDisabled() && dice < 60) {
                set(device, false);
            } else if (dice < 80) {
                require(
                        device.connects(site.hub().mqttAddress().getPort()),
                        device.id + " connects, disabled " + device.isDisabled());
            } else {
                device.leaves(dice < 90);
            }
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
    }

    private void delete(ChaoticSubDevice device) throws IOException {
        count("delete");
        int status = site.hub().operator().delete(GatewaySite.path(device.id)).status();
        require(status == 204, device.id + " deleted: " + status);
        device.deleted();
    }

    private void set(ChaoticSubDevice device, boolean disabled) throws IOException {
        count(disabled ? "disable" : "enable");
        String act = disabled ? "/disable" : "/enable";
        int status = site.hub().operator().post(GatewaySite.path(device.id) + act).status();
        require(status == 200, device.id + act + ": " + status);
        device.disabled(disabled);
        if (disabled) {
            require(site.state(device.id).equals("DISABLED"), device.id + " is shown otherwise");
        }
    }

    // ------------------------------------------------------------------ gateways

    /** A gateway, driven by one thread. */
    private final class Gateway {

        private final DeviceId id;
        private final Secret secret;
        private final int first;
        private final Random random;
        private Optional<Client> client = Optional.empty();
        private final AtomicInteger connections = new AtomicInteger();
        private volatile boolean connected;

        Gateway(DeviceId id, Secret secret, int index) {
            this.id = id;
            this.secret = secret;
            this.first = index * SUB_DEVICES / GATEWAYS;
            this.random = new Random(SEED + index);
        }

        /** Each device is one of those that two gateways care for. */
        private int anyDevice() {
            return (first + random.nextInt(2 * SUB_DEVICES / GATEWAYS)) % SUB_DEVICES;
        }

        Optional<Link> link() {
            return connected
                    ? Optional.of(new Link(id.deviceKey(), connections.get()))
                    : Optional.empty();
        }

        void step() throws Exception {
            if (client.isEmpty()) {
                connect();
                return;
            }
            ChaoticSubDevice device = subDevices.get(anyDevice());
            int dice = random.nextInt(100);
            if (dice < 5) {
                connect(); // takes over from itself
            } else if (dice < 8) {
                cut();
            } else if (dice < 10) {
                leave();
            } else if (dice < 12) {
                beDisabled();
            } else if (dice < 20) {
                loginMany(Math.min(anyDevice(), SUB_DEVICES - 3));
            } else {
                synchronized (device) {
                    speakFor(device, client.get(), link().orElseThrow(), dice);
                }
            }
        }

        private void connect() throws MqttException {
            count("connect");
            Optional<Client> before = client;
            connected = false;
            client = Optional.of(site.connect(id, secret));
            connections.incrementAndGet();
            connected = true;
            if (before.isPresent()) {
                before.get().cut();
            }
        }

        private void cut() throws MqttException {
            if (client.isPresent()) {
                count("cut");
                connected = false;
                client.get().cut();
                client = Optional.empty();
            }
        }

        private void leave() throws MqttException {
            count("leave");
            connected = false;
            client.orElseThrow().close();
            client = Optional.empty();
        }

        private void beDisabled() throws Exception {
            Client before = client.orElseThrow();
            connected = false;
            client = Optional.empty();
            HttpCaller operator = site.hub().operator();
            require(operator.post(GatewaySite.path(id) + "/disable").status() == 200, id + " off");
            try {
                site.connect(id, secret).close();
                wrong.add(id + " is disabled and connects");
            } catch (MqttException refused) {
                require(refused.getReasonCode() == NOT_AUTHORIZED, id + ": " + refused);
            }
            require(operator.post(GatewaySite.path(id) + "/enable").status() == 200, id + " on");
            before.cut();
        }

        private void speakFor(ChaoticSubDevice device, Client by, Link link, int dice)
                throws Exception {
            boolean isMine = device.isSpokenForBy(id.deviceKey());
            if (dice < 50) {
                if (isMine) {
                    login(device, by, link);
                } else {
                    move(device, by);
                }
            } else if (dice < 65 && isMine) {
                post(device, by, link);
            } else if (dice < 72) {
                login(device, by, link);
            } else if (dice < 80) {
                logout(device, by, link);
            } else if (dice < 85) {
                remove(device, by);
            } else if (dice < 93) {
                loginWhileItIsKeptOut(device, by);
            } else if (dice < 96) {
                count("cut");
                connected = false;
                by.cut(device.id, device.secret());
                client = Optional.empty();
                device.mayHaveSignedIn(id.deviceKey());
            }
        }

        private void login(ChaoticSubDevice device, Client by, Link link) throws Exception {
            count("login");
            boolean isRight = device.mayBeSignedInBy(id.deviceKey());
            JsonNode reply = by.login(device.id, device.secret());
            boolean isIn = reply.path("code").asInt() == 200;
            require(isIn == isRight, id + " signs in " + device.id + ": " + reply);
            if (isIn) {
                device.signedIn(link);
            }
        }

        /** Once nobody does anything any more. */
        void loginAll() throws Exception {
            if (client.isEmpty()) {
                connect();
            }
            for (ChaoticSubDevice device : subDevices) {
                synchronized (device) {
                    if (device.mayBeSignedInBy(id.deviceKey())) {
                        login(device, client.orElseThrow(), link().orElseThrow());
                    }
                }
            }
        }

        void moveAll() throws Exception {
            for (ChaoticSubDevice device : subDevices) {
                synchronized (device) {
                    move(device, client.orElseThrow());
                }
            }
        }

        /** Three that follow each other, so that nobody waits for one who waits for him. */
        private void loginMany(int first) throws Exception {
            ChaoticSubDevice one = subDevices.get(first);
            ChaoticSubDevice two = subDevices.get(first + 1);
            ChaoticSubDevice three = subDevices.get(first + 2);
            synchronized (one) {
                synchronized (two) {
                    synchronized (three) {
                        loginTogether(List.of(one, two, three));
                    }
                }
            }
        }

        private void loginTogether(List<ChaoticSubDevice> devices) throws Exception {
            count("batch");
            List<String> entries = new ArrayList<>();
            Set<String> right = new HashSet<>();
            for (ChaoticSubDevice each : devices) {
                entries.add(
                        "{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"sign\":\"%s\"}"
                                .formatted(
                                        each.id.deviceKey(),
                                        GatewaySite.sign(each.id, each.secret(), "c", "7")));
                if (each.mayBeSignedInBy(id.deviceKey())) {
                    right.add(each.id.deviceKey());
                }
            }
            JsonNode reply =
                    client.orElseThrow()
                            .session(
                                    "combine/login/batch",
                                    "{\"clientId\":\"c\",\"timestamp\":\"7\",\"signMethod\":\"sha256\",\"subDevices\":["
                                            + String.join(",", entries)
                                            + "]}");
            Set<String> in = new HashSet<>();
            reply.path("data")
                    .path("loginedSubDevices")
                    .forEach(each -> in.add(each.path("deviceKey").asText()));
            require(in.equals(right), id + " signs in " + right + ": " + reply);
            for (ChaoticSubDevice each : devices) {
                if (in.contains(each.id.deviceKey())) {
                    each.signedIn(link().orElseThrow());
                }
            }
        }

        private void move(ChaoticSubDevice device, Client by) throws Exception {
            count("move");
            JsonNode reply = by.add(device.id, device.secret());
            boolean isMoved = reply.path("code").asInt() == 200;
            require(
                    isMoved ? device.exists() : !device.exists() || device.isDisabled(),
                    id + " adds " + device.id + ": " + reply);
            if (isMoved) {
                device.spokenForBy(Optional.of(id.deviceKey()));
            }
        }

        private void remove(ChaoticSubDevice device, Client by) throws Exception {
            count("remove");
            JsonNode reply =
                    by.system("thing/topo/delete", "[" + GatewaySite.named(device.id) + "]");
            require(reply.path("code").asInt() == 200, id + " removes " + device.id + ": " + reply);
            if (device.isSpokenForBy(id.deviceKey())) {
                device.spokenForBy(Optional.empty());
            }
        }

        private void logout(ChaoticSubDevice device, Client by, Link link) throws Exception {
            count("logout");
            JsonNode reply = by.logout(device.id);
            boolean isMine = device.isSpokenForBy(id.deviceKey());
            require(
                    !isMine || reply.path("code").asInt() == 200,
                    id + " signs out " + device.id + ": " + reply);
            if (device.isSignedInBy(link)) {
                device.signedOut();
            }
        }

        private void post(ChaoticSubDevice device, Client by, Link link) throws Exception {
            count("data");
            JsonNode reply = by.post(device.id);
            boolean isHeard = reply.path("code").asInt() == 200;
            require(
                    isHeard == device.isSignedInBy(link),
                    id + " reports for " + device.id + ": " + reply);
        }

        /** A sign-in that meets a disabling or a deletion: nobody is in afterwards. */
        private void loginWhileItIsKeptOut(ChaoticSubDevice device, Client by) throws Exception {
            if (!device.exists()) {
                return;
            }
            count("race");
            boolean isDeleted = random.nextInt(4) == 0;
            JsonNode reply =
                    by.loginWhile(
                            device.id,
                            device.secret(),
                            () -> {
                                try {
                                    if (isDeleted) {
                                        delete(device);
                                    } else {
                                        set(device, true);
                                    }
                                } catch (IOException e) {
                                    wrong.add(device.id + " is not closed: " + e);
                                }
                            });
            if (reply.path("code").asInt() == 200 && !isDeleted) {
                device.wasSignedIn();
            }
            JsonNode again = by.login(device.id, device.secret());
            require(again.path("code").asInt() != 200, device.id + " is kept out: " + again);
        }
    }
}
