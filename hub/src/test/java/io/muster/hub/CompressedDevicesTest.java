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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices whose SDK compresses all payloads, as the one for Java does if it is told to. */
class CompressedDevicesTest {

    private static final String SYS = "/sys/demo/d1/";
    private static final String POST = SYS + "thing/measurepoint/post";
    private static final String REPORT =
            "{\"id\":\"1\",\"version\":\"1.1\",\"method\":\"thing.measurepoint.post\",\"params\":"
                    + "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000}}";

    private final BlockingQueue<String> toDevice = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> toApplication = new LinkedBlockingQueue<>();
    private RunningHub running;
    private String secret;
    private MqttClient application;

    @BeforeEach
    void start(@TempDir Path folder) throws MqttException {
        running = RunningHub.start(folder);
        secret = running.createDevice("d1");
        application = running.connectApplication("backend");
    }

    @AfterEach
    void stop() throws MqttException {
        RunningHub.disconnect(application);
        running.close();
    }

    private static byte[] compress(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream compressing = new GZIPOutputStream(out, true)) {
            compressing.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private static byte[] compress(String plain) {
        return compress(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** What the SDK makes of a payload; it can read no other. */
    private static String decompress(byte[] received) {
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(received))) {
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException notCompressed) {
            return "NOT COMPRESSED: " + notCompressed;
        }
    }

    private static String block(String compression) {
        return "d1{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=" + compression + "}";
    }

    private static String options(int mode) {
        return "|securemode=%d,signmethod=sha256,timestamp=1700000000000|".formatted(mode);
    }

    private static String password(String compression, String withSecret) {
        return new DeviceSignature(
                        SignMethod.SHA256, block(compression), "d1", "demo", "1700000000000")
                .compute(Secret.of(withSecret));
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
                        toDevice.add(topic + " " + decompress(message.getPayload()));
                    }

                    @Override
                    public void deliveryComplete(
                            org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
                });
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(clean);
        options.setUserName("d1&demo");
        options.setPassword(password(compression, secret).toCharArray());
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

    private String metrics() {
        return running.operator().withoutToken().get("/metrics").text();
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    @Test
    void itsReportsAreReadAndAnsweredCompressedAndApplicationsSeeThemPlain() throws Exception {
        listen("$muster/devices/+/+/measurepoints");
        listen("demo/d1/#");
        MqttClient device = connect("GZIP", true);
        device.subscribe(POST + "_reply", 1);

        device.publish(POST, compress(REPORT), 1, false);
        device.publish("demo/d1/raw", compress("plain text"), 0, false);

        assertThat(take(toDevice))
                .isEqualTo(
                        POST
                                + "_reply"
                                + " {\"id\":\"1\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
        List<String> told = List.of(take(toApplication), take(toApplication));
        assertThat(told)
                .anyMatch(text -> text.contains("\"data\":{\"temp\":21.5}"))
                .contains("demo/d1/raw plain text");
        RunningHub.disconnect(device);
    }

    @Test
    void whatItIsSentIsCompressedRetainedQueuedAndPushedAlike() throws Exception {
        tell("demo/d1/retained", "kept", true);
        MqttClient device = connect("GZIP", false);
        device.subscribe("demo/d1/#", 1);
        assertThat(take(toDevice)).isEqualTo("demo/d1/retained kept");
        tell("demo/d1/live", "now", false);
        assertThat(take(toDevice)).isEqualTo("demo/d1/live now");
        tell("demo/d1/empty", "", false);
        assertThat(take(toDevice)).isEqualTo("demo/d1/empty ");
        RunningHub.disconnect(device);
        tell("demo/d1/queued", "later", false);

        MqttClient again = connect("GZIP", false);
        assertThat(take(toDevice)).isEqualTo("demo/d1/queued later");
        // A command goes past all subscriptions.
        CompletableFuture<HttpCaller.Answer> command =
                CompletableFuture.supplyAsync(
                        () ->
                                running.operator()
                                        .post(
                                                "/api/v1/products/demo/devices/d1/commands",
                                                "{\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}"));
        String pushed = take(toDevice);
        assertThat(pushed).startsWith(SYS + "thing/service/reboot {");
        String id = json(pushed.substring(pushed.indexOf('{'))).path("id").asText();
        again.publish(
                SYS + "thing/service/reboot_reply",
                compress("{\"id\":\"%s\",\"code\":200,\"data\":{\"ok\":1}}".formatted(id)),
                1,
                false);
        assertThat(command.get(20, TimeUnit.SECONDS).text()).contains("\"ok\":1");
        RunningHub.disconnect(again);
    }

    @Test
    void aSessionThatWasCompressedIsPlainForAClientThatIs() throws Exception {
        MqttClient device = connect("GZIP", false);
        device.subscribe("demo/d1/#", 1);
        RunningHub.disconnect(device);
        tell("demo/d1/queued", "later", false);
        List<String> plain = new CopyOnWriteArrayList<>();

        MqttClient other = running.connectLasting("d1", secret);
        other.subscribe(
                "demo/d1/more",
                1,
                (topic, message) -> plain.add(RunningHub.text(message.getPayload())));
        tell("demo/d1/more", "plain", false);

        await().until(() -> plain.contains("plain"));
        RunningHub.disconnect(other);
    }

    @Test
    void whatCannotBeReadIsDroppedAndCountedAndTheConnectionStays() throws Exception {
        listen("demo/d1/#");
        MqttClient device = connect("GZIP", true);
        byte[] whole = compress("cut off");

        for (int qos = 0; qos <= 2; qos++) {
            device.publish(
                    "demo/d1/a", "not compressed".getBytes(StandardCharsets.UTF_8), qos, false);
            device.publish("demo/d1/b", java.util.Arrays.copyOf(whole, 15), qos, false);
            device.publish("demo/d1/bomb", compress(new byte[20 << 20]), qos, false);
        }
        device.publish("demo/d1/good", compress("good"), 2, false);

        assertThat(take(toApplication)).isEqualTo("demo/d1/good good");
        assertThat(device.isConnected()).isTrue();
        assertThat(metrics()).contains("muster_messages_dropped_total{reason=\"compression\"} 9.0");
        RunningHub.disconnect(device);
    }

    @Test
    void whatNobodyHereUnderstandsIsRefused() {
        for (String compression : List.of("LZ4", "LZO", "brotli")) {
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
                        block("GZIP") + options(2),
                        new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("d1&demo");
        options.setPassword(password("GZIP", secret).getBytes(StandardCharsets.UTF_8));
        options.setMaximumPacketSize(2_000L);
        device.connect(options);
        org.eclipse.paho.mqttv5.common.MqttSubscription filter =
                new org.eclipse.paho.mqttv5.common.MqttSubscription("demo/d1/#", 1);
        device.subscribe(
                new org.eclipse.paho.mqttv5.common.MqttSubscription[] {filter},
                new org.eclipse.paho.mqttv5.client.IMqttMessageListener[] {
                    (topic, message) -> received.add(decompress(message.getPayload()))
                });
        byte[] noise = new byte[1_990];
        new java.util.Random(7).nextBytes(noise);

        tell("demo/d1/small", "x".repeat(50_000), false); // as compressed
        application.publish("demo/d1/large", noise, 1, false); // larger if it is compressed
        application.publish("demo/d1/large", new byte[4_000], 1, false);

        assertThat(take(received)).isEqualTo("x".repeat(50_000));
        assertThat(take(received)).hasSize(4_000);
        device.disconnect();
        device.close();
    }
}
