package io.muster.loadtest.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The few calls of the hub's management API that make a fleet: product, devices, their certificates
 * and an application account. Blocks; several requests are under way at once.
 */
public final class ManagementApi {

    private static final int REQUESTS_IN_FLIGHT = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final int CREATED = 201;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    /** Too many ask, or the hub cannot at this moment. */
    private static final Set<Integer> TRY_LATER = Set.of(429, 503);

    private static final int AGAIN_MAX = 30;
    private static final int PASSWORD_BYTES = 24;
    private static final int NAME_BYTES = 3;

    private static final String DEVICES_PATH =
            "/api/v1/products/" + DeviceFleet.PRODUCT_KEY + "/devices";

    private final ObjectMapper json = new ObjectMapper();
    private final SecureRandom random = new SecureRandom();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
    private final URI address;
    private final String token;

    /**
     * Makes a client.
     *
     * @param address scheme, host and port
     * @param token the operator's bearer token
     */
    public ManagementApi(URI address, String token) {
        this.address = address;
        this.token = token;
    }

    /** Where it is. */
    public URI address() {
        return address;
    }

    /**
     * Creates what is missing and returns it all with its secrets.
     *
     * @throws IOException that says in words what was wrong
     */
    public DeviceFleet fleet(int devices, boolean withAccount)
            throws IOException, InterruptedException {
        post("/api/v1/products", Map.of("productKey", DeviceFleet.PRODUCT_KEY), CONFLICT);
        List<Callable<Device>> requests = new ArrayList<>(devices);
        for (int i = 0; i < devices; i++) {
            String deviceKey = DeviceFleet.deviceKey(i);
            requests.add(() -> device(deviceKey));
        }
        return new DeviceFleet(all(requests, REQUESTS_IN_FLIGHT), withAccount ? account() : null);
    }

    /**
     * Has certificates issued. Where the hub says that too many ask, it is asked again later.
     *
     * @param requests of devices that there are
     * @param inFlight how many are asked for at once
     * @param folder has each one as soon as it is there
     * @param nanos is told how long each one took, on any thread
     * @throws IOException that says in words what was wrong; what was issued before is in the
     *     folder
     */
    public void enrol(
            List<CertificateRequest> requests,
            int inFlight,
            CertificateFolder folder,
            LongConsumer nanos)
            throws IOException, InterruptedException {
        List<Callable<Boolean>> calls = new ArrayList<>(requests.size());
        for (CertificateRequest request : requests) {
            calls.add(
                    () -> {
                        long begin = System.nanoTime();
                        IssuedCertificate issued = enrol(request);
                        nanos.accept(System.nanoTime() - begin);
                        folder.add(issued);
                        return true;
                    });
        }
        all(calls, inFlight);
    }

    private IssuedCertificate enrol(CertificateRequest request)
            throws IOException, InterruptedException {
        String path = DEVICES_PATH + "/" + request.deviceKey() + "/certificates";
        HttpRequest call = creation(path, Map.of("csr", request.csr()));
        HttpResponse<String> response = send(call);
        for (int again = 0;
                TRY_LATER.contains(response.statusCode()) && again < AGAIN_MAX;
                again++) {
            Thread.sleep(pause(response).toMillis());
            response = send(call);
        }
        if (response.statusCode() != CREATED) {
            throw refused("POST " + path, response);
        }
        JsonNode answer = parse(response);
        String certificate = answer.path("certificate").asText();
        if (certificate.isEmpty()) {
            throw new IOException(
                    "the management API gave no certificate for " + request.deviceKey());
        }
        return new IssuedCertificate(request, certificate + answer.path("chain").asText());
    }

    /** As long as the hub says, in whole seconds; a second if it says nothing of use. */
    private static Duration pause(HttpResponse<String> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("[0-9]{1,2}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(Duration.ofSeconds(1));
    }

    private static <T> List<T> all(List<Callable<T>> requests, int inFlight)
            throws IOException, InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(inFlight);
        try {
            List<Future<T>> answers = new ArrayList<>(requests.size());
            requests.forEach(request -> answers.add(executor.submit(request)));
            List<T> all = new ArrayList<>(requests.size());
            for (Future<T> answer : answers) {
                all.add(answer.get());
            }
            return all;
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
        } finally {
            executor.shutdownNow();
        }
    }

    private Device device(String deviceKey) throws IOException, InterruptedException {
        // Most runs find the devices of an earlier one, and reading is cheaper than a refused
        // writing.
        JsonNode answer = secret(deviceKey);
        if (answer == null) {
            answer = post(DEVICES_PATH, Map.of("deviceKey", deviceKey), CONFLICT);
        }
        if (answer == null) {
            // Another load tester was faster.
            answer = secret(deviceKey);
        }
        if (answer == null) {
            throw new IOException(
                    "the device " + deviceKey + " was deleted as soon as it was there");
        }
        String secret = answer.path("deviceSecret").asText();
        if (secret.isEmpty()) {
            throw new IOException("the management API gave no deviceSecret for " + deviceKey);
        }
        return new Device(DeviceFleet.PRODUCT_KEY, deviceKey, secret);
    }

    /** The answer with the secret of a device; null when there is no such device. */
    private @Nullable JsonNode secret(String deviceKey) throws IOException, InterruptedException {
        String path = DEVICES_PATH + "/" + deviceKey + "/secret";
        HttpResponse<String> response = send(request(path).GET().build());
        if (response.statusCode() == NOT_FOUND) {
            return null;
        }
        if (response.statusCode() != OK) {
            throw refused("GET " + path, response);
        }
        return parse(response);
    }

    private Account account() throws IOException, InterruptedException {
        Account account =
                new Account(
                        "loadtest-" + HexFormat.of().formatHex(randomBytes(NAME_BYTES)),
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(randomBytes(PASSWORD_BYTES)));
        post(
                "/api/v1/applications",
                Map.of("username", account.username(), "password", account.password()),
                CREATED);
        return account;
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The answer to a creation; null when the answer was the other status that is fine too. */
    private @Nullable JsonNode post(String path, Map<String, String> body, int alsoFine)
            throws IOException, InterruptedException {
        HttpResponse<String> response = send(creation(path, body));
        if (response.statusCode() == CREATED) {
            return parse(response);
        }
        if (response.statusCode() == alsoFine) {
            return null;
        }
        throw refused("POST " + path, response);
    }

    private HttpRequest creation(String path, Map<String, String> body) throws IOException {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            String reason =
                    e instanceof ConnectException
                            ? "nobody listens there; is the hub running?"
                            : String.valueOf(e.getMessage());
            throw new IOException(
                    "the management API at " + address + " cannot be reached: " + reason, e);
        }
    }

    private JsonNode parse(HttpResponse<String> response) throws IOException {
        try {
            return json.readTree(response.body());
        } catch (JsonProcessingException e) {
            // Without the exception, which would quote the body and so perhaps a secret.
            throw new IOException("the management API at " + address + " did not answer in JSON");
        }
    }

    /** Names the title and detail of an RFC 9457 problem, if the body is one. */
    private IOException refused(String call, HttpResponse<String> response) {
        String problem = "";
        try {
            JsonNode body = json.readTree(response.body());
            problem = " " + body.path("title").asText() + " " + body.path("detail").asText();
        } catch (JsonProcessingException e) {
            problem = " (no problem details)";
        }
        return new IOException(
                "the management API at %s answered %d to %s:%s"
                        .formatted(address, response.statusCode(), call, problem));
    }
}
