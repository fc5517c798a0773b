package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.Product;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A hub with a product of gateways and one of devices, and who connects there. */
final class GatewaySite implements AutoCloseable {

    static final String TIMESTAMP = "1700000000000";

    private final RunningHub running;
    private final RegistryDatabase database;
    private final DeviceRegistry registry;

    private GatewaySite(RunningHub running, RegistryDatabase database) {
        this.running = running;
        this.database = database;
        this.registry = new DeviceRegistry(database, Clock.systemUTC());
    }

    static GatewaySite open(Path folder) throws IOException {
        return open(RunningHub.config(folder));
    }

    static GatewaySite open(HubConfig config) throws IOException {
        Path folder = config.dataFolder();
        RunningHub running = RunningHub.start(config);
        RegistryDatabase database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(5)),
                        SecretCipher.load(folder.resolve("secret.key")));
        GatewaySite site = new GatewaySite(running, database);
        site.registry
                .products()
                .create(Optional.of("gwp"), settings -> settings.withType(ProductType.GATEWAY));
        return site;
    }

    RunningHub hub() {
        return running;
    }

    Product createProduct(String productKey, boolean dynamicActivation) {
        return createProduct(
                productKey, settings -> settings.withDynamicActivation(dynamicActivation));
    }

    Product createProduct(String productKey, UnaryOperator<ProductSettings> settings) {
        return registry.products().create(Optional.of(productKey), settings);
    }

    /** Creates a device by the management API, and returns its secret. */
    Secret create(DeviceId id) {
        return Secret.of(
                running.operator()
                        .post(
                                "/api/v1/products/" + id.productKey() + "/devices",
                                "{\"deviceKey\":\"" + id.deviceKey() + "\"}")
                        .json()
                        .path("deviceSecret")
                        .asText());
    }

    static String path(DeviceId id) {
        return "/api/v1/products/" + id.productKey() + "/devices/" + id.deviceKey();
    }

    String state(DeviceId id) {
        return running.operator().get(path(id)).json().path("state").asText();
    }

    /** The state that the registry holds of the device. */
    DeviceState stored(DeviceId id) {
        return registry.findDevice(id).orElseThrow().state();
    }

    /** The state that the management API shows of the device, as an application reads one. */
    StateReader.Read shown(DeviceId id) {
        JsonNode shown = running.operator().get(path(id)).json();
        return new StateReader.Read(
                shown.path("state").asText(), shown.path("stateVersion").asLong());
    }

    /** The demo application, which reads the states of all devices. */
    StateReader reader() throws MqttException {
        return StateReader.connect(
                running.mqttAddress().getPort(),
                running.demo().applicationUsername(),
                running.demo().applicationPassword());
    }

    Secret secretOf(DeviceId id) {
        return Secret.of(
                running.operator()
                        .get(GatewaySite.path(id) + "/secret")
                        .json()
                        .path("deviceSecret")
                        .asText());
    }

    /** It was refused, with nothing but a sentence. */
    static void assertRefused(JsonNode reply, int code, String message) {
        assertThat(reply.path("code").asInt()).as(reply.toString()).isEqualTo(code);
        assertThat(reply.path("message").asText()).contains(message);
        assertThat(reply.path("data").asText()).isEmpty();
    }

    /** Connects a device that speaks for itself. */
    Client connect(DeviceId id, Secret secret) throws MqttException {
        SignedConnect signed = DeviceSignature.sign(id, secret, SignMethod.SHA256, TIMESTAMP);
        return new Client(
                id, running.connect(signed.clientId(), signed.username(), signed.password()));
    }

    /** The same with a session that lasts; the client listens before it connects. */
    Client connectLasting(DeviceId id, Secret secret) throws MqttException {
        SignedConnect signed = DeviceSignature.sign(id, secret, SignMethod.SHA256, TIMESTAMP);
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(false);
        Client client =
                new Client(
                        id,
                        new MqttClient(
                                running.mqttUri(), signed.clientId(), new MemoryPersistence()));
        RunningHub.connect(client.mqtt(), signed.username(), signed.password(), options);
        return client;
    }

    /** Creates a gateway and connects it. */
    Client connectGateway(String deviceKey) throws MqttException {
        DeviceId id = new DeviceId("gwp", deviceKey);
        return connect(id, create(id));
    }

    @Override
    public void close() {
        database.close();
        running.close();
    }

    /** What the Java SDK sends of a sub-device: {@code topo/add} and {@code combine/login}. */
    static String signedByJava(DeviceId id, Secret secret, String secureMode) {
        String clientId = id.productKey() + "." + id.deviceKey() + "." + TIMESTAMP;
        String mode = secureMode.isEmpty() ? "" : "\"secureMode\":\"" + secureMode + "\",";
        return "{\"clientId\":\"%s\",\"sign\":\"%s\",\"deviceKey\":\"%s\",\"productKey\":\"%s\",%s\"signMethod\":\"sha256\",\"timestamp\":\"%s\"}"
                .formatted(
                        clientId,
                        sign(id, secret, clientId, TIMESTAMP),
                        id.deviceKey(),
                        id.productKey(),
                        mode,
                        TIMESTAMP);
    }

    /** What the Node.js SDK sends: a number for a time, capitals, and no mode. */
    static String signedByNode(DeviceId id, Secret secret) {
        return "{\"productKey\":\"%s\",\"deviceKey\":\"%s\",\"clientId\":\"%s\",\"timestamp\":%s,\"signMethod\":\"sha256\",\"sign\":\"%s\"}"
                .formatted(
                        id.productKey(),
                        id.deviceKey(),
                        id.deviceKey(),
                        TIMESTAMP,
                        sign(id, secret, id.deviceKey(), TIMESTAMP).toUpperCase(Locale.ROOT));
    }

    /** What the C SDK sends: a text of its own, its uptime, and the method in small letters. */
    static String signedByC(DeviceId id, Secret secret, String signMethodField) {
        return "{\"productKey\":\"%s\",\"deviceKey\":\"%s\",\"clientId\":\"|box 7|\",\"timestamp\":\"4711\",\"%s\":\"hmacsha256\",\"secureMode\":\"2\",\"sign\":\"%s\",\"cleanSession\":\"true\"}"
                .formatted(
                        id.productKey(),
                        id.deviceKey(),
                        signMethodField,
                        sign(id, secret, "|box 7|", "4711").toUpperCase(Locale.ROOT));
    }

    static String sign(DeviceId id, Secret secret, String clientId, String timestamp) {
        return new DeviceSignature(
                        SignMethod.SHA256, clientId, id.deviceKey(), id.productKey(), timestamp)
                .compute(secret);
    }

    /** A connected gateway or device: asks as the Java SDK does, and keeps what it is sent. */
    static final class Client implements MqttCallback, AutoCloseable {

        private static final String LOGIN = "combine/login";

        /** The number of requests whose answers nobody awaits. */
        private static final String UNAWAITED = "0";

        private static final JsonMapper JSON = JsonMapper.builder().build();

        private final DeviceId id;
        private final MqttClient client;
        private final AtomicInteger numbers = new AtomicInteger();
        private final BlockingQueue<String> replies = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> others = new LinkedBlockingQueue<>();

        Client(DeviceId id, MqttClient client) {
            this.id = id;
            this.client = client;
            client.setCallback(this);
        }

        DeviceId id() {
            return id;
        }

        MqttClient mqtt() {
            return client;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            (topic.endsWith("_reply") ? replies : others)
                    .add(topic + " " + RunningHub.text(message.getPayload()));
        }

        @Override
        public void connectionLost(Throwable cause) {}

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}

        /** Asks on a topic of the gateway's own session, such as {@code combine/login}. */
        JsonNode session(String rest, String params) throws Exception {
            return ask("/ext/session/" + id + "/", rest, params);
        }

        /** Asks on a topic of the gateway's own. */
        JsonNode system(String rest, String params) throws Exception {
            return ask("/sys/" + id + "/", rest, params);
        }

        /** Asks on a topic of a device that it speaks for. */
        JsonNode askFor(DeviceId device, String rest, String params) throws Exception {
            return ask("/sys/" + device + "/", rest, params);
        }

        private JsonNode ask(String root, String rest, String params) throws Exception {
            client.subscribe(root + rest + "_reply", 1);
            return askUnsubscribed(root, rest, params);
        }

        JsonNode askUnsubscribed(String root, String rest, String params) throws Exception {
            return answer(root, rest, begin(root, rest, params));
        }

        /** Asks and does not wait; the number of the request. */
        private String begin(String root, String rest, String params) throws MqttException {
            String number = Integer.toString(numbers.incrementAndGet());
            begin(root, rest, number, params);
            return number;
        }

        private void begin(String root, String rest, String number, String params)
                throws MqttException {
            publish(
                    root + rest,
                    "{\"method\":\"%s\",\"id\":\"%s\",\"params\":%s,\"version\":\"1.1\"}"
                            .formatted(rest.replace('/', '.'), number, params));
        }

        private JsonNode answer(String root, String rest, String number) throws Exception {
            String reply = String.valueOf(replies.poll(10, TimeUnit.SECONDS));
            while (reply.contains("\"id\":\"" + UNAWAITED + "\"")) {
                reply = String.valueOf(replies.poll(10, TimeUnit.SECONDS));
            }
            if (!reply.startsWith(root + rest + "_reply {")) {
                throw new AssertionError("no answer on " + root + rest + ", but " + reply);
            }
            JsonNode json = JSON.readTree(reply.substring(reply.indexOf(' ') + 1));
            if (!json.path("id").asText().equals(number)) {
                throw new AssertionError("answer to another request: " + reply);
            }
            return json;
        }

        void publish(String topic, String payload) throws MqttException {
            client.publish(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false);
        }

        /** What else it was sent, next in order. */
        String next() throws InterruptedException {
            return String.valueOf(others.poll(10, TimeUnit.SECONDS));
        }

        boolean hasMore() {
            return !others.isEmpty() || !replies.isEmpty();
        }

        /** Has the hub speak for a device by this gateway. */
        JsonNode add(DeviceId device, Secret secret) throws Exception {
            return system("thing/topo/add", "[" + signedByJava(device, secret, "") + "]");
        }

        JsonNode login(DeviceId device, Secret secret) throws Exception {
            return session("combine/login", signedByJava(device, secret, "2"));
        }

        /** Signs the device in, and what is done meanwhile. */
        JsonNode loginWhile(DeviceId device, Secret secret, Runnable meanwhile) throws Exception {
            String root = "/ext/session/" + id + "/";
            client.subscribe(root + LOGIN + "_reply", 1);
            String number = begin(root, LOGIN, signedByJava(device, secret, "2"));
            meanwhile.run();
            return answer(root, LOGIN, number);
        }

        /**
         * Has a sign-in under way, and loses the connection. The answer may come over the next one.
         */
        void cut(DeviceId device, Secret secret) throws MqttException {
            String root = "/ext/session/" + id + "/";
            begin(root, LOGIN, UNAWAITED, signedByJava(device, secret, "2"));
            cut();
        }

        /** The connection is lost: closed without a DISCONNECT. */
        void cut() throws MqttException {
            client.disconnectForcibly(0, 0, false);
        }

        JsonNode logout(DeviceId device) throws Exception {
            return session("combine/logout", named(device));
        }

        JsonNode post(DeviceId device) throws Exception {
            return askFor(
                    device,
                    "thing/measurepoint/post",
                    "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000}");
        }

        @Override
        public void close() throws MqttException {
            if (client.isConnected()) {
                client.disconnect();
            }
            client.close();
        }
    }

    static String named(DeviceId id) {
        return "{\"productKey\":\"%s\",\"deviceKey\":\"%s\"}"
                .formatted(id.productKey(), id.deviceKey());
    }
}
