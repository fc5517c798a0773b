package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.devices.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4BlockInputStream;
import net.jpountz.lz4.LZ4BlockOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices whose SDK compresses all payloads, as the one for Java does if it is told to. */
@ParameterizedClass
@ValueSource(strings = {"GZIP", "LZ4"})
class CompressedDevicesTest {

    private static final String REPORT =
            "{\"id\":\"1\",\"version\":\"1.1\",\"method\":\"thing.measurepoint.post\",\"params\":"
                    + "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000}}";
    private static final AtomicInteger DEVICES = new AtomicInteger();

    private static RunningHub running;

    private final BlockingQueue<String> toDevice = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> toApplication = new LinkedBlockingQueue<>();
    private final String key = "d" + DEVICES.incrementAndGet();
    private final String sys = "/sys/demo/" + key + "/";
    private final String post = sys + "thing/measurepoint/post";
    private final String own = "demo/" + key + "/";

    private final String compression;
    private String secret;
    private MqttClient application;

    CompressedDevicesTest(String compression) {
        this.compression = compression;
    }

    @BeforeAll
    static void startHub(@TempDir Path folder) {
        running = RunningHub.start(folder);
    }

    @AfterAll
    static void stopHub() {
        running.close();
    }

    @BeforeEach
    void start() throws MqttException {
        secret = running.createDevice(key);
        application = running.connectApplication("backend-" + key);
    }

    @AfterEach
    void stop() throws MqttException {
        RunningHub.disconnect(application);
    }

    private byte[] compress(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing =
                compression.equals("LZ4")
                        ? new LZ4BlockOutputStream(out)
                        : new GZIPOutputStream(out, true)) {
            compressing.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private byte[] compress(String plain) {
        return compress(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** What the SDK makes of a payload; it can read no other. */
    private String decompress(byte[] received) {
        ByteArrayInputStream in = new ByteArrayInputStream(received);
        try (InputStream plain =
                compression.equals("LZ4")
                        ? LZ4BlockInputStream.newBuilder().build(in)
                        : new GZIPInputStream(in)) {
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException notCompressed) {
            return "NOT COMPRESSED: " + notCompressed;
        }
    }

    private String block(String compression) {
        return key + "{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=" + compression + "}";
    }

    private static String options(int mode) {
        return "|securemode=%d,signmethod=sha256,timestamp=1700000000000|".formatted(mode);
    }

    private String password(String compression) {
        return new DeviceSignature(
                        SignMethod.SHA256, block(compression), key, "demo", "1700000000000")
                .compute(Secret.of(secret));
    }

    private MqttClient connect(String compression, boolean clean) throws MqttException {
        MqttClient client =
                new MqttClient(
                        running.mqttUri(),
                        block(compression) + options(2),
                        new MemoryPersistence());
        client.setCallback(
                new org.eclipse.paho.client.mqttv3.MqttCallback() {
                    @Override
                    public void connectionLost(Throwable cause) {}

                    @Override
                    public void messageArrived(
                            String topic, org.eclipse.paho.client.mqttv3.MqttMessage message) {
                        // Whoever leaves before Paho has acknowledged gets it once more.
                        if (!message.isDuplicate()) {
                            toDevice.add(topic + " " + decompress(message.getPayload()));
                        }
                    }

                    @Override
                    public void deliveryComplete(
                            org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
                });
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(clean);
        options.setUserName(key + "&demo");
        options.setPassword(password(compression).toCharArray());
        client.connect(options);
        return client;
    }

    private void listen(String filter) throws MqttException {
        application.subscribe(
                filter,
                1,
                (topic, message) ->
                        toApplication.add(topic + " " + RunningHub.text(message.getPayload())));
    }

    private void tell(String topic, String payload, boolean retained) throws MqttException {
        application.publish(topic, payload.getBytes(StandardCharsets.UTF_8), 1, retained);
    }

    private static String take(BlockingQueue<String> from) throws InterruptedException {
        return String.valueOf(from.poll(20, TimeUnit.SECONDS));
    }

    private double dropped() {
        String name = "muster_messages_dropped_total{reason=\"compression\"} ";
        String text = running.operator().withoutToken().get("/metrics").text();
        return text.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    @Test
    void itsReportsAreReadAndAnsweredCompressedAndApplicationsSeeThemPlain() throws Exception {
        listen("$muster/devices/demo/" + key + "/measurepoints");
        listen(own + "#");
        MqttClient device = connect(compression, true);
        device.subscribe(post + "_reply", 1);

        device.publish(post, compress(REPORT), 1, false);
        device.publish(own + "raw", compress("plain text"), 0, false);

        assertThat(take(toDevice))
                .isEqualTo(
                        post
                                + "_reply"
                                + " {\"id\":\"1\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
        List<String> told = List.of(take(toApplication), take(toApplication));
        assertThat(told)
                .anyMatch(text -> text.contains("\"data\":{\"temp\":21.5}"))
                .contains(own + "raw plain text");
        RunningHub.disconnect(device);
    }

    @Test
    void whatItIsSentIsCompressedRetainedQueuedAndPushedAlike() throws Exception {
        tell(own + "retained", "kept", true);
        MqttClient device = connect(compression, false);
        device.subscribe(own + "#", 1);
        assertThat(take(toDevice)).isEqualTo(own + "retained kept");
        tell(own + "live", "now", false);
        assertThat(take(toDevice)).isEqualTo(own + "live now");
        tell(own + "empty", "", false);
        assertThat(take(toDevice)).isEqualTo(own + "empty ");
        RunningHub.disconnect(device);
        tell(own + "queued", "later", false);

        MqttClient again = connect(compression, false);
        assertThat(take(toDevice)).isEqualTo(own + "queued later");
        // A command goes past all subscriptions.
        CompletableFuture<HttpCaller.Answer> command =
                CompletableFuture.supplyAsync(
                        () ->
                                running.operator()
                                        .post(
                                                "/api/v1/products/demo/devices/"
                                                        + key
                                                        + "/commands",
                                                "{\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}"));
        String pushed = take(toDevice);
        assertThat(pushed).startsWith(sys + "thing/service/reboot {");
        String id = json(pushed.substring(pushed.indexOf('{'))).path("id").asText();
        again.publish(
                sys + "thing/service/reboot_reply",
                compress("{\"id\":\"%s\",\"code\":200,\"data\":{\"ok\":1}}".formatted(id)),
                1,
                false);
        assertThat(command.get(20, TimeUnit.SECONDS).text()).contains("\"ok\":1");
        RunningHub.disconnect(again);
    }

    @Test
    void aSessionThatWasCompressedIsPlainForAClientThatIs() throws Exception {
        MqttClient device = connect(compression, false);
        device.subscribe(own + "#", 1);
        RunningHub.disconnect(device);
        tell(own + "queued", "later", false);
        List<String> plain = new CopyOnWriteArrayList<>();

        MqttClient other = running.connectLasting(key, secret);
        other.subscribe(
                own + "more",
                1,
                (topic, message) -> plain.add(RunningHub.text(message.getPayload())));
        tell(own + "more", "plain", false);

        await().until(() -> plain.contains("plain"));
        RunningHub.disconnect(other);
    }

    @Test
    void whatCannotBeReadIsDroppedAndCountedAndTheConnectionStays() throws Exception {
        listen(own + "#");
        MqttClient device = connect(compression, true);
        byte[] whole = compress("cut off");
        double droppedBefore = dropped();

        for (int qos = 0; qos <= 2; qos++) {
            device.publish(
                    own + "a", "not compressed".getBytes(StandardCharsets.UTF_8), qos, false);
            device.publish(own + "b", java.util.Arrays.copyOf(whole, 15), qos, false);
            device.publish(own + "bomb", compress(new byte[20 << 20]), qos, false);
        }
        device.publish(own + "good", compress("good"), 2, false);

        assertThat(take(toApplication)).isEqualTo(own + "good good");
        assertThat(device.isConnected()).isTrue();
        assertThat(dropped() - droppedBefore).isEqualTo(9);
        RunningHub.disconnect(device);
    }

    @Test
    void whatNobodyHereUnderstandsIsRefused() {
        for (String compression : List.of("LZO", "brotli")) {
            assertThatThrownBy(() -> connect(compression, true))
                    .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                    .satisfies(refusal -> assertThat(refusal.getReasonCode()).isEqualTo(2));
        }
    }

    @Test
    void itsMaximumPacketSizeIsOneOfWhatItIsSent() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        org.eclipse.paho.mqttv5.client.MqttClient device =
                new org.eclipse.paho.mqttv5.client.MqttClient(
                        running.mqttUri(),
                        block(compression) + options(2),
                        new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(key + "&demo");
        options.setPassword(password(compression).getBytes(StandardCharsets.UTF_8));
        options.setMaximumPacketSize(2_000L);
        device.connect(options);
        org.eclipse.paho.mqttv5.common.MqttSubscription filter =
                new org.eclipse.paho.mqttv5.common.MqttSubscription(own + "#", 1);
        device.subscribe(
                new org.eclipse.paho.mqttv5.common.MqttSubscription[] {filter},
                new org.eclipse.paho.mqttv5.client.IMqttMessageListener[] {
                    (topic, message) -> received.add(decompress(message.getPayload()))
                });
        byte[] noise = new byte[1_990];
        new java.util.Random(7).nextBytes(noise);

        tell(own + "small", "x".repeat(50_000), false); // as compressed
        application.publish(own + "large", noise, 1, false); // larger if it is compressed
        application.publish(own + "large", new byte[4_000], 1, false);

        assertThat(take(received)).isEqualTo("x".repeat(50_000));
        assertThat(take(received)).hasSize(4_000);
        device.disconnect();
        device.close();
    }
}
