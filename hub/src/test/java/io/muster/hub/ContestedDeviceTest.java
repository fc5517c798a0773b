package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Two clients with the identity of one device, each of which comes back at once when its connection
 * ends or it is refused; and an application that reads the states.
 */
class ContestedDeviceTest {

    private static final TakeOverLimits LIMITS =
            new TakeOverLimits(
                    5, Duration.ofMinutes(1), Duration.ofMillis(500), Duration.ofSeconds(1));

    private static final int REFUSED = 3;

    /** Reasons above are of the client itself, such as a connection that was lost. */
    private static final int RETURN_CODE_MAX = 5;

    private final DeviceId id = new DeviceId("demo", "copied");
    private final Logger log = (Logger) LoggerFactory.getLogger("io.muster.broker.session");
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final GatewaySite site;
    private final SignedConnect signed;

    ContestedDeviceTest(@TempDir Path folder) throws Exception {
        site =
                GatewaySite.open(
                        RunningHub.withTakeOvers(
                                RunningHub.config(folder.resolve("data")), LIMITS));
        Secret secret = site.create(id);
        signed = DeviceSignature.sign(id, secret, SignMethod.SHA256, GatewaySite.TIMESTAMP);
    }

    @BeforeEach
    void readLog() {
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void close() {
        log.detachAppender(logged);
        threads.shutdownNow();
        site.close();
    }

    /** One of the two. */
    private final class Contender {

        private final AtomicInteger refused = new AtomicInteger();
        private final List<Integer> otherwiseRefused = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> ended;
        private volatile @Nullable MqttClient connection;
        private volatile boolean over;

        Contender() {
            ended = CompletableFuture.runAsync(this::comeBackAgainAndAgain, threads);
        }

        private void comeBackAgainAndAgain() {
            while (!over) {
                try (MqttClient client = client()) {
                    RunningHub.connect(
                            client, signed.username(), signed.password(), new MqttConnectOptions());
                    connection = client;
                    while (client.isConnected() && !over) {
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                    connection = null;
                    if (client.isConnected()) {
                        client.disconnect();
                    }
                } catch (MqttException e) {
                    note(e.getReasonCode());
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                } catch (InterruptedException testIsOver) {
                    return;
                }
            }
        }

        private MqttClient client() throws MqttException {
            MqttClient client =
                    new MqttClient(
                            site.hub().mqttUri(), signed.clientId(), new MemoryPersistence());
            // One that is closed while it connects would wait for its answer for ever.
            client.setTimeToWait(TimeUnit.SECONDS.toMillis(2));
            return client;
        }

        private void note(int reason) {
            if (reason == REFUSED) {
                refused.incrementAndGet();
            } else if (reason <= RETURN_CODE_MAX) {
                otherwiseRefused.add(reason);
            }
        }

        boolean isConnected() {
            MqttClient present = connection;
            return present != null && present.isConnected();
        }

        void publish() throws MqttException {
            MqttClient present = connection;
            assertThat(present).isNotNull();
            present.publish("demo/copied/telemetry", new byte[] {1}, 1, false);
        }

        void stop() throws Exception {
            over = true;
            ended.get(60, TimeUnit.SECONDS);
            assertThat(otherwiseRefused).isEmpty();
        }
    }

    /** Threads of Paho may stumble over a client that has lost its connection. */
    private static ConditionFactory patiently() {
        return await().dontCatchUncaughtExceptions()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200));
    }

    private double metric(String name) {
        String page = site.hub().operator().withoutToken().get("/metrics").text();
        Matcher line = Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\S+)$").matcher(page);
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    private double takeOvers() {
        return metric("muster_take_overs_total");
    }

    private boolean isContested() {
        return site.hub().operator().get(GatewaySite.path(id)).json().path("contested").asBoolean();
    }

    private void assertAgreeOn(String state, StateReader reader) {
        DeviceState stored = site.stored(id);
        assertThat(site.shown(id))
                .isEqualTo(reader.last().get(id.toString()))
                .isEqualTo(new StateReader.Read(stored.status().toString(), stored.version()));
        assertThat(site.shown(id).state()).isEqualTo(state);
    }

    @Test
    void oneOfThemWorksThatIsReportedAndTheStatesAreRight() throws Exception {
        try (StateReader reader = site.reader()) {
            long begin = System.nanoTime();
            Contender one = new Contender();
            Contender other = new Contender();
            patiently()
                    .until(
                            () ->
                                    takeOvers() >= LIMITS.count() + 4
                                            && one.refused.get() + other.refused.get() > 20);
            double takeOvers = takeOvers();
            double holds = (double) (System.nanoTime() - begin) / LIMITS.firstHold().toNanos();

            assertThat(takeOvers).isLessThanOrEqualTo(LIMITS.count() + 2 + holds);
            assertThat(isContested()).isTrue();
            assertThat(metric("muster_contested_clients")).isEqualTo(1);

            one.stop();
            patiently().until(other::isConnected);
            other.publish();
            patiently().untilAsserted(() -> assertAgreeOn("ONLINE", reader));
            assertThat(other.isConnected()).isTrue();

            other.stop();
            patiently().untilAsserted(() -> assertAgreeOn("OFFLINE", reader));

            assertThat(metric("muster_limited_total{limit=\"take_overs\"}"))
                    .isGreaterThanOrEqualTo(one.refused.get() + other.refused.get());
            assertThat(reader.disorder()).isEmpty();
            assertThat(reader.repetitions()).isEmpty();
            assertThat(logged.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(line -> line.startsWith("client contested"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("client=demo/copied principal=device:demo/copied");
        }
    }
}
