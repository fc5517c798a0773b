package io.muster.loadtest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.muster.loadtest.client.SignIn;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a small HTTP server that answers as the hub does. */
class ManagementApiTest {

    private static final String TOKEN = "operator";
    private static final String DEVICES = "/api/v1/products/loadtest/devices";

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final Queue<JsonNode> applications = new ConcurrentLinkedQueue<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private boolean productExists;
    private int brokenStatus;
    private int busyStatus;
    private final AtomicInteger busyAnswers = new AtomicInteger();
    private String refused = "nobody";
    private @Nullable String brokenAnswer;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (brokenAnswer != null) {
            send(exchange, brokenStatus, brokenAnswer);
            return;
        }
        String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            send(exchange, 401, "{\"title\":\"Not authorized\",\"detail\":\"wrong token\"}");
        } else if (call.equals("POST /api/v1/products")) {
            send(exchange, productExists ? 409 : 201, "{}");
            productExists = true;
        } else if (call.equals("POST " + DEVICES)) {
            createDevice(exchange, json.readTree(body).path("deviceKey").asText());
        } else if (call.startsWith("GET " + DEVICES) && call.endsWith("/secret")) {
            String deviceKey = call.replaceAll(".*/(.*)/secret", "$1");
            String secret = secrets.get(deviceKey);
            send(
                    exchange,
                    secret == null ? 404 : 200,
                    secret == null ? "{}" : "{\"deviceSecret\":\"" + secret + "\"}");
        } else if (call.startsWith("POST " + DEVICES) && call.endsWith("/certificates")) {
            if (busyAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                exchange.getResponseHeaders().add("Retry-After", "0");
                send(exchange, busyStatus, "{\"title\":\"too many ask\"}");
                return;
            }
            if (call.contains("/" + refused + "/")) {
                send(exchange, 409, "{\"title\":\"Conflict\",\"detail\":\"CERT_LIMIT\"}");
                return;
            }
            String csr = json.readTree(body).path("csr").asText();
            requests.add(csr);
            send(
                    exchange,
                    201,
                    json.writeValueAsString(
                            Map.of("certificate", "leaf of " + csr, "chain", "issuer")));
        } else if (call.equals("POST /api/v1/applications")) {
            applications.add(json.readTree(body));
            send(exchange, 201, "{}");
        } else {
            send(exchange, 404, "not JSON");
        }
    }

    private void createDevice(HttpExchange exchange, String deviceKey) throws IOException {
        if (secrets.putIfAbsent(deviceKey, "secret of " + deviceKey) != null) {
            send(exchange, 409, "{}");
            return;
        }
        send(exchange, 201, "{\"deviceSecret\":\"secret of " + deviceKey + "\"}");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream stream = exchange.getResponseBody()) {
            stream.write(bytes);
        }
    }

    private ManagementApi api(String token) {
        return new ManagementApi(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), token);
    }

    private static void assertSignsWith(DeviceFleet fleet, int index, String deviceKey) {
        SignIn signIn = fleet.deviceSignIn(index, 1);
        String timestamp = signIn.clientId().replaceAll(".*timestamp=(\\d+)\\|$", "$1");
        Device device = new Device("loadtest", deviceKey, "secret of " + deviceKey);
        assertThat(signIn.username()).isEqualTo(deviceKey + "&loadtest");
        assertThat(signIn.password()).isEqualTo(device.password(deviceKey, timestamp));
    }

    @Test
    void createsProductDevicesAndAccount() throws Exception {
        DeviceFleet fleet = api(TOKEN).fleet(40, true);
        assertThat(productExists).isTrue();
        assertThat(secrets).hasSize(40).containsKeys("lt-00001", "lt-00040");
        assertSignsWith(fleet, 0, "lt-00001");
        assertSignsWith(fleet, 39, "lt-00040");
        JsonNode application = applications.element();
        SignIn subscriber = fleet.subscriberSignIn(0, 1);
        assertThat(subscriber.username())
                .matches("loadtest-[0-9a-f]{6}")
                .isEqualTo(application.path("username").asText());
        assertThat(subscriber.password())
                .hasSize(32)
                .isEqualTo(application.path("password").asText());
    }

    @Test
    void asksForTheSecretsOfDevicesThatAreThereAlready() throws Exception {
        productExists = true;
        secrets.put("lt-00002", "secret of lt-00002");
        DeviceFleet fleet = api(TOKEN).fleet(2, false);
        assertSignsWith(fleet, 1, "lt-00002");
    }

    @Test
    void createsNoAccountThatNobodyNeeds() throws Exception {
        DeviceFleet fleet = api(TOKEN).fleet(1, false);
        assertThat(applications).isEmpty();
        assertThat(fleet.subscriberSignIn(0, 1).username()).isNull();
    }

    @Test
    void hasEachRequestAnsweredKeptAndTimed(@TempDir Path folder) throws Exception {
        List<CertificateRequest> wanted = requests("lt-00001", "lt-00002");
        LongAdder timed = new LongAdder();

        enrol(wanted, folder, timed);

        assertThat(requests).containsExactlyInAnyOrder(wanted.get(0).csr(), wanted.get(1).csr());
        assertThat(folder.resolve("lt-00002.crt"))
                .hasContent("leaf of " + wanted.get(1).csr() + "issuer");
        assertThat(folder.resolve("lt-00001.key")).isRegularFile();
        assertThat(timed.sum()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void asksAgainWhenTheHubSaysThatTooManyAsk(int status, @TempDir Path folder) throws Exception {
        busyStatus = status;
        busyAnswers.set(2);

        enrol(requests("lt-00001"), folder, new LongAdder());

        assertThat(busyAnswers).hasValue(0);
        assertThat(folder.resolve("lt-00001.crt")).isRegularFile();
    }

    @Test
    void keepsWhatWasIssuedBeforeARefusal(@TempDir Path folder) {
        refused = "lt-00002";

        assertThatThrownBy(
                        () ->
                                enrol(
                                        requests("lt-00001", "lt-00002", "lt-00003"),
                                        folder,
                                        new LongAdder()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/devices/lt-00002/certificates: Conflict CERT_LIMIT");
        assertThat(folder.resolve("lt-00001.crt")).isRegularFile();
        assertThat(folder.resolve("lt-00002.crt")).doesNotExist();
    }

    private static List<CertificateRequest> requests(String... devices) {
        return Stream.of(devices)
                .map(key -> CertificateRequest.make(key, CertificateRequest.KeyKind.EC))
                .toList();
    }

    /** One after the other. */
    private void enrol(List<CertificateRequest> wanted, Path folder, LongAdder timed)
            throws IOException, InterruptedException {
        api(TOKEN).enrol(wanted, 1, new CertificateFolder(folder), nanos -> timed.increment());
    }

    @Test
    void tellsTheProblemThatTheHubNames() {
        assertThatThrownBy(() -> api("wrong-token-1").fleet(1, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("answered 401 to POST /api/v1/products")
                .hasMessageContaining("Not authorized wrong token")
                .hasMessageNotContaining("wrong-token-1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "503; {\"title\":\"Service Unavailable\",\"detail\":\"registry is down\"}; answered 503 to POST /api/v1/products: Service Unavailable registry is down",
                "500; <html>topsecret</html>; answered 500 to POST /api/v1/products: (no problem details)",
                "201; {\"topsecret; did not answer in JSON",
                "201; []; answered 201 to GET",
            })
    void namesABrokenAnswerWithoutQuotingIt(int status, String body, String sentence) {
        brokenStatus = status;
        brokenAnswer = body;
        assertThatThrownBy(() -> api(TOKEN).fleet(1, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("topsecret");
    }

    @Test
    void refusesADeviceWithoutASecret() {
        secrets.put("lt-00001", "");
        assertThatThrownBy(() -> api(TOKEN).fleet(1, true))
                .hasMessageContaining("gave no deviceSecret for lt-00001");
    }

    @Test
    void saysThatTheHubCannotBeReached() {
        server.stop(0);
        assertThatThrownBy(() -> api(TOKEN).fleet(1, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be reached");
    }
}
