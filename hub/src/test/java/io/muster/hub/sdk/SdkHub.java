package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.RunningHub;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A whole hub with a product {@code pump}, whose devices may fetch their secrets. */
public final class SdkHub implements AutoCloseable {

    public static final String PRODUCT = "pump";

    private final RunningHub running;
    private final String productSecret;
    private final Map<String, String> deviceSecrets = new ConcurrentHashMap<>();
    private final AtomicInteger devices = new AtomicInteger();

    private SdkHub(RunningHub running) {
        this.running = running;
        this.productSecret = createProduct(PRODUCT);
    }

    static SdkHub start(Path folder) {
        return new SdkHub(RunningHub.start(folder));
    }

    public InetSocketAddress address() {
        return running.mqttAddress();
    }

    public HttpCaller operator() {
        return running.operator();
    }

    /** Returns its secret. */
    String createProduct(String productKey) {
        return operator()
                .post(
                        "/api/v1/products",
                        "{\"productKey\":\"%s\",\"dynamicActivation\":true}".formatted(productKey))
                .json()
                .path("productSecret")
                .asText();
    }

    /** A product of gateways. */
    public void createGatewayProduct(String productKey) {
        String body = "{\"productKey\":\"%s\",\"type\":\"GATEWAY\"}".formatted(productKey);
        assertThat(operator().post("/api/v1/products", body).status()).isEqualTo(201);
    }

    String productSecret() {
        return productSecret;
    }

    /** A new device of the product; returns its key. */
    public String createDevice() {
        String deviceKey = "d" + devices.incrementAndGet();
        createDevice(PRODUCT, deviceKey);
        return deviceKey;
    }

    public void createDevice(String productKey, String deviceKey) {
        Answer created =
                operator()
                        .post(
                                "/api/v1/products/" + productKey + "/devices",
                                "{\"deviceKey\":\"" + deviceKey + "\"}");
        assertThat(created.status()).isEqualTo(201);
        deviceSecrets.put(deviceKey, created.json().path("deviceSecret").asText());
    }

    public String secret(String deviceKey) {
        return deviceSecrets.getOrDefault(deviceKey, "");
    }

    private String path(String deviceKey) {
        return "/api/v1/products/" + PRODUCT + "/devices/" + deviceKey;
    }

    public String state(String deviceKey) {
        return operator().get(path(deviceKey)).json().path("state").asText();
    }

    public void disable(String deviceKey) {
        assertThat(operator().post(path(deviceKey) + "/disable").status()).isEqualTo(200);
    }

    public void enable(String deviceKey) {
        assertThat(operator().post(path(deviceKey) + "/enable").status()).isEqualTo(200);
    }

    public void delete(String deviceKey) {
        assertThat(operator().delete(path(deviceKey)).status()).isEqualTo(204);
    }

    public void awaitState(String deviceKey, String state) {
        Awaitility.await().until(() -> state(deviceKey).equals(state));
    }

    /** Asks a device, which must be answering on another thread; returns the answer. */
    public JsonNode command(String deviceKey, String json) {
        return post(deviceKey, "commands", json);
    }

    /** What a device says of its firmware. */
    JsonNode firmware(String deviceKey) {
        return operator().get(path(deviceKey) + "/firmware").json();
    }

    /** The answer to what is posted below a device. */
    JsonNode post(String deviceKey, String rest, String json) {
        Answer answer = operator().post(path(deviceKey) + "/" + rest, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    /** How often something happened in activations. */
    double activations(String event) {
        String line = "muster_activation_events_total{event=\"" + event + "\"} ";
        return operator()
                .get("/metrics")
                .text()
                .lines()
                .filter(each -> each.startsWith(line))
                .mapToDouble(each -> Double.parseDouble(each.substring(line.length())))
                .sum();
    }

    void awaitActivations(String event, double count) {
        Awaitility.await().until(() -> activations(event) == count);
    }

    @Override
    public void close() {
        running.close();
    }
}
